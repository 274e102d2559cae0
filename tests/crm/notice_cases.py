"""A case for each notice: how its record comes about, what it says, and what makes it void."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from crm.actions.consents import withdraw_consent
from crm.actions.erasure import erase_student
from crm.actions.follow_ups import move_follow_up
from crm.actions.hires import rescind_hire
from crm.actions.immersions import move_immersion, update_immersion
from crm.actions.introductions import accept_introduction, ask_introduction, decline_introduction
from crm.actions.partners import update_partner
from crm.actions.recommendations import change_recommendation, move_recommendation
from crm.actions.saved_searches import create_saved_search, update_saved_search
from crm.actions.students import update_student
from crm.models import (
    FollowUp,
    Hire,
    HireCheck,
    Immersion,
    Introduction,
    Mail,
    Partner,
    Recommendation,
    Representative,
    SavedSearch,
    User,
)
from crm.notices import queue_mail
from search import outbox
from tests import cast
from tests.cast import BY
from tests.fresh_index import fresh_index

CANARY = "CANARY"
"""Stands in all that no mail may say."""


@dataclass
class Story:
    """Hanna's partner and Sanna, who consented to all partners; Pavel teaches her, Olga is of the office."""

    partner: Partner = field(default_factory=cast.partner)

    def __post_init__(self) -> None:
        self.olga, self.hanna = cast.office(), cast.representative(self.partner, email="hanna@veresk.example")
        self.pavel = cast.professor(heads=cast.lab())
        self.sanna = cast.student(labs=[cast.lab()], phone=CANARY, summary=CANARY)
        self.consent = cast.consent(self.sanna)
        self.account = cast.student_account(self.sanna)

    def introduction(self) -> Introduction:
        return ask_introduction(student=self.sanna, message="We would like\nto meet you", by=self.hanna)

    def answered(self, answer: Callable[..., Introduction] = accept_introduction) -> Introduction:
        return answer(introduction=self.introduction(), by=self.account)

    def recommendation(self, **fields: Any) -> Recommendation:
        row = {"student": self.sanna, "professor": self.pavel.professor, "request": "For the\nsummer", **fields}
        return Recommendation.objects.create(**{"state": "requested", **row})

    def immersion(self) -> Immersion:
        return cast.immersion(self.sanna, self.partner, "active", project=CANARY)

    def hire(self, state: str = "offered") -> Hire:
        return cast.hire(self.sanna, self.partner, state, position="Chemist", salary_band=CANARY)

    def saved_search(self) -> SavedSearch:
        """Hanna's; it found nobody when she saved it, and finds Sanna since."""
        fresh_index()
        search = create_saved_search(name="Genome\nediting", parameters="skill=crispr", alert="daily", by=self.hanna)
        update_student(student=self.sanna, claims=[{"skill": cast.skill("crispr"), "level": 3}], by=BY)
        outbox.drain_all()
        return search

    def follow_up(self, due_in: int = 0) -> FollowUp:
        contact = cast.contact(self.hanna.representative, private_notes=CANARY, summary=CANARY)
        return cast.follow_up(self.olga, due_in=due_in, contact=contact)


@dataclass(frozen=True)
class Case:
    record: Callable[[Story], Any]
    to: Callable[[Story], Any]
    subject: str
    says: tuple[str, ...] = ()
    stage: str = ""
    ends: tuple[Callable[[Story, Any], object], ...] = ()
    """What makes it void, besides what makes every notice void."""


def wants_digest(story: Story) -> User:
    story.follow_up(due_in=-2)
    User.objects.filter(pk=story.olga.pk).update(wants_digest=True)
    return story.olga


def withdraws(story: Story, record: Any) -> None:
    withdraw_consent(consent=story.consent, by=story.account)


def blocks(story: Story, record: Any) -> None:
    cast.block(story.sanna, story.partner)


def prospect(story: Story, record: Any) -> None:
    update_partner(partner=story.partner, state="prospect", by=BY)


def leaves(story: Story, record: Any) -> None:
    Representative.objects.update(ends=timezone.localdate() - timedelta(days=1))


def moves_lab(story: Story, record: Any) -> None:
    story.sanna.memberships.update(ends=timezone.localdate() - timedelta(days=1))


def hours_later(story: Story, record: Any) -> None:
    Introduction.objects.update(expires=timezone.now())


def other_mentor(story: Story, stay: Immersion) -> None:
    other = cast.representative(story.partner, "Holger Lund")
    update_immersion(immersion=stay, mentor=other.representative, by=BY)


def forgets_the_skill(story: Story, record: Any) -> None:
    update_student(student=story.sanna, claims=[], by=BY)
    outbox.drain_all()


CASES = {
    "follow_up_due": Case(
        Story.follow_up,
        lambda story: story.olga,
        "Due: Send the protocol",
        ("Send the protocol", "about Veresk"),
        ends=(
            lambda story, row: move_follow_up(follow_up=row, to="done", by=BY),
            lambda story, row: FollowUp.objects.update(due=timezone.localdate() + timedelta(days=2)),
            lambda story, row: FollowUp.objects.update(owner=story.pavel),
        ),
    ),
    "follow_up_digest": Case(
        wants_digest,
        lambda story: story.olga,
        "1 follow-up due",
        ("(overdue): Send the protocol (Veresk)",),
        ends=(
            lambda story, row: User.objects.update(wants_digest=False),
            lambda story, row: move_follow_up(follow_up=FollowUp.objects.get(), to="dropped", reason="x", by=BY),
        ),
    ),
    "recommendation_requested": Case(
        Story.recommendation,
        lambda story: story.pavel.professor,
        "Your recommendation of Sanna Vale",
        ("in general", "> For the\n> summer"),
        ends=(
            moves_lab,
            lambda story, row: change_recommendation(recommendation=row, text="Good", by=story.pavel),
        ),
    ),
    "recommendation_to_share": Case(
        lambda story: story.recommendation(state="written", text=CANARY, partner=story.partner),
        lambda story: story.sanna,
        "Pavel Lesnoy recommends you",
        ("for Veresk",),
        ends=(lambda story, row: move_recommendation(recommendation=row, to="withdrawn", by=story.account),),
    ),
    "introduction_asked": Case(
        Story.introduction,
        lambda story: story.sanna,
        "Veresk would like to meet you",
        ("> We would like\n> to meet you", "/links/"),
        ends=(
            withdraws,
            blocks,
            prospect,
            hours_later,
            lambda story, row: decline_introduction(introduction=row, by=story.account),
        ),
    ),
    "introduction_answered": Case(
        Story.answered,
        lambda story: story.hanna,
        "Your introduction: accepted",
        ("Sanna Vale accepted",),
        ends=(leaves, prospect, lambda story, row: Introduction.objects.update(asked_by=None)),
    ),
    "immersion_proposed": Case(
        lambda story: cast.immersion(story.sanna, story.partner, project=CANARY),
        lambda story: story.sanna,
        "An immersion at Veresk is proposed to you",
        ("A summer immersion at Veresk", "from 1 July 2026 to 31 August 2026"),
        ends=(
            blocks,
            prospect,
            lambda story, stay: move_immersion(immersion=stay, to="applied", by=story.account),
            lambda story, stay: move_immersion(immersion=stay, to="cancelled", reason="x", by=BY),
        ),
    ),
    "evaluation_asked": Case(
        Story.immersion,
        lambda story: story.hanna.representative,
        "Please evaluate Sanna Vale",
        ("the final evaluation", "summer immersion", "/links/"),
        "final",
        ends=(
            leaves,
            prospect,
            other_mentor,
            lambda story, row: cast.evaluation(row, "final"),
            lambda story, row: Immersion.objects.update(state="cancelled"),
        ),
    ),
    "hire_offered": Case(
        Story.hire,
        lambda story: story.sanna,
        "An offer from Veresk",
        ("Chemist",),
        ends=(blocks, prospect, lambda story, row: rescind_hire(hire=row, reason="x", by=BY)),
    ),
    "hire_to_confirm": Case(
        lambda story: story.hire("accepted"),
        lambda story: story.hanna.representative,
        "Please confirm: Sanna Vale joins Veresk",
        ("Chemist", "/links/"),
        ends=(
            leaves,
            prospect,
            lambda story, row: Hire.objects.update(confirmed_at=timezone.now()),
            lambda story, row: rescind_hire(hire=row, reason="x", by=BY),
        ),
    ),
    "hire_check_due": Case(
        lambda story: story.hire("started").checks.first(),
        lambda story: story.olga,
        "Check due: Sanna Vale at Veresk",
        ("6 months ago",),
        ends=(
            lambda story, row: HireCheck.objects.update(done_on=timezone.localdate(), still_there=True),
            lambda story, row: HireCheck.objects.update(due=timezone.localdate() + timedelta(days=2)),
            lambda story, row: Hire.objects.update(state="left", left_on=timezone.localdate()),
        ),
    ),
    "partner_joined": Case(
        lambda story: story.partner,
        lambda story: story.sanna,
        "A new partner: Veresk",
        ("Veresk",),
        ends=(withdraws, blocks, prospect),
    ),
    "search_alert": Case(
        Story.saved_search,
        lambda story: story.hanna,
        "1 new candidate: Genome editing",
        ("- Sanna Vale",),
        ends=(
            withdraws,
            blocks,
            prospect,
            leaves,
            forgets_the_skill,
            lambda story, row: update_saved_search(search=row, alert="none", by=story.hanna),
            lambda story, row: row.announced.create(student=story.sanna),
            lambda story, row: erase_student(student=story.sanna, by=BY),
            lambda story, row: SavedSearch.objects.update(owner=story.olga),
        ),
    ),
}


def queued(story: Story, name: str) -> tuple[Case, Any, Mail]:
    """One mail, and no other."""
    case = CASES[name]
    record = case.record(story)
    Mail.objects.all().delete()
    queue_mail(name, record=record.public_id, to=case.to(story), stage=case.stage)
    return case, record, Mail.objects.get()
