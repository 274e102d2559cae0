"""The one cast of people. Plain functions make them through the actions; nobody here is a living person."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from crm.access import SystemProcess
from crm.actions.acceptances import SIDES, accept_immersion
from crm.actions.consents import block_partner, grant_consent
from crm.actions.contacts import log_contact
from crm.actions.evaluations import give_evaluation
from crm.actions.follow_ups import add_follow_up
from crm.actions.hires import answer_hire, leave_hire, offer_hire, start_hire
from crm.actions.immersions import move_immersion, propose_immersion
from crm.actions.introductions import ask_introduction, move_introduction
from crm.actions.partners import add_representative, create_partner
from crm.actions.recommendations import move_recommendation, write_recommendation
from crm.actions.reference import appoint_head, save_lab, save_professor, save_programme
from crm.actions.seminars import create_seminar
from crm.actions.students import create_student
from crm.actions.users import create_user
from crm.models import (
    RUBRIC,
    Consent,
    Contact,
    Evaluation,
    FollowUp,
    Hire,
    Immersion,
    Introduction,
    Lab,
    Partner,
    Professor,
    Programme,
    Recommendation,
    Representative,
    Seminar,
    Skill,
    Student,
    User,
)

BY = SystemProcess("test")


def lab(name: str = "Genome Editing") -> Lab:
    return Lab.objects.filter(name=name).first() or save_lab(lab=Lab(), by=BY, name=name)


def programme(name: str = "Life Sciences") -> Programme:
    return Programme.objects.filter(name=name).first() or save_programme(programme=Programme(), by=BY, name=name)


def skill(slug: str) -> Skill:
    """One of the shipped vocabulary."""
    return Skill.objects.get(slug=slug)


def partner(slug: str = "veresk", **fields: Any) -> Partner:
    name = fields.pop("name", slug.title())
    return Partner.objects.filter(slug=slug).first() or create_partner(slug=slug, name=name, by=BY, **fields)


def admin() -> User:
    return create_user(email="ada.admin@university.example", role="admin", by=BY)


def office() -> User:
    """Olga of the career office."""
    return create_user(email="olga@university.example", role="office", by=BY)


def professor(*, heads: Lab | None = None, name: str = "Pavel Lesnoy") -> User:
    """Pavel; he heads a lab where one is given."""
    given, family = name.split()
    person = save_professor(professor=Professor(), by=BY, given_name=given, family_name=family)
    if heads:
        appoint_head(lab=heads, professor=person, by=BY)
    return create_user(email=f"{given.lower()}@university.example", role="professor", person=person, by=BY)


def representative(of: Partner, name: str = "Hanna Brook", **fields: Any) -> User:
    """Partner HR with an account: Hanna, or her rival Rolf."""
    given, family = name.split()
    person = add_representative(partner=of, by=BY, given_name=given, family_name=family, **fields)
    return create_user(email=f"{given.lower()}@{of.slug}.example", role="partner", person=person, by=BY)


_numbers = iter(range(1, 10**9))


def student(name: str = "Sanna Vale", *, skills: dict[str, int] | None = None, **fields: Any) -> Student:
    """A student; skills are slugs of the vocabulary with levels. Consents to nothing."""
    given, family = name.split()
    claims = [{"skill": skill(slug), "level": level} for slug, level in (skills or {}).items()]
    labs = [{"lab": place} for place in fields.pop("labs", [])]
    defaults = {"number": f"T-{next(_numbers):06}", "email": f"{given}.{family}@students.example".lower()}
    return create_student(
        by=BY, given_name=given, family_name=family, claims=claims, memberships=labs, **{**defaults, **fields}
    )


def student_account(person: Student) -> User:
    return create_user(email=f"s{person.pk}@accounts.example", role="student", person=person, by=BY)


def consent(person: Student, to: Partner | None = None, *scopes: str, expires: datetime | None = None) -> Consent:
    """To one partner, or to all; the profile where no scope is named."""
    return grant_consent(
        student=person,
        partner=to,
        scopes=scopes or ("profile",),
        source="signed form",
        expires=expires,
        by=BY,
    )


def block(person: Student, against: Partner) -> None:
    block_partner(student=person, partner=against, by=BY)


STAGES = {
    "proposed": (),
    "applied": ("applied",),
    "accepted": ("applied", "accepted"),
    "agreed": ("applied", "accepted", "agreed"),
    "active": ("applied", "accepted", "agreed", "active"),
    "completed": ("applied", "accepted", "agreed", "active", "completed"),
    "rejected": ("applied", "rejected"),
    "declined": ("declined",),
    "cancelled": ("cancelled",),
}
"""State of an immersion -> the moves that lead there."""


def immersion(person: Student, at: Partner, state: str = "proposed", **fields: Any) -> Immersion:
    """A summer, mentored by the first who represents the partner; brought to a state by all that leads there."""
    days = {"starts": date(2026, 7, 1), "ends": date(2026, 8, 31), "overlap_reason": "arranged by the test"}
    defaults = {"kind": "summer", "mentor": at.representatives.first(), **days}
    stay = propose_immersion(student=person, partner=at, by=BY, **{**defaults, **fields})
    for to in STAGES[state]:
        if to == "agreed":
            for side in SIDES:
                accept_immersion(immersion=stay, side=side, by=BY)
        if to == "completed":
            evaluation(stay, "final")
        move_immersion(immersion=stay, to=to, by=BY, reason="as planned")
    return Immersion.objects.get(pk=stay.pk)


def evaluation(stay: Immersion, stage: str = "mid", **said: Any) -> Evaluation:
    """Fours in all that is marked."""
    return give_evaluation(immersion=stay, stage=stage, by=BY, **{**dict.fromkeys(RUBRIC, 4), **said})


def hire(person: Student, at: Partner, state: str = "offered", **fields: Any) -> Hire:
    """An offer of a year ago and what came of it, as far as the state: one of offered, accepted, started, left."""
    day = timezone.localdate() - timedelta(days=365)
    offer = {"position": "Analyst", "offered_on": day, "starts": day + timedelta(days=30), **fields}
    made = offer_hire(student=person, partner=at, by=BY, **offer)
    path = ["offered", "accepted", "started", "left"]
    for step in path[1 : path.index(state) + 1]:
        if step == "accepted":
            answered = offer["offered_on"] + timedelta(days=7)
            made = answer_hire(hire=made, accepted=True, answered_on=answered, force=True, by=BY)
        elif step == "started":
            made = start_hire(hire=made, by=BY)
        else:
            made = leave_hire(hire=made, left_on=offer["starts"] + timedelta(days=100), by=BY)
    return made


def recommendation(
    person: Student, by: User, to: Partner | None = None, *, shared: bool = False, skills: dict[str, int] | None = None
) -> Recommendation:
    """Of an own student, with the skills endorsed; shared where the student agreed."""
    rows = [{"skill": skill(slug), "level": level} for slug, level in (skills or {}).items()]
    made = write_recommendation(student=person, partner=to, text="Sees what others miss.", endorsements=rows, by=by)
    return move_recommendation(recommendation=made, to="shared", by=BY) if shared else made


def introduction(person: Student, by: User, state: str = "asked") -> Introduction:
    """Asked by a representative who may see the student, and brought to a state; not to expired, which time does."""
    made = ask_introduction(student=person, message="We would like to meet you.", by=by)
    for to in {"asked": (), "closed": ("accepted", "closed")}.get(state, (state,)):
        made = move_introduction(introduction=made, to=to, by=BY)
    return made


def seminar(title: str = "Enzymes at work", *, days_ago: int = 10, **fields: Any) -> Seminar:
    """At noon of a day that is past, or lies ahead below 0."""
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    return create_seminar(by=BY, **{"title": title, "starts": noon - timedelta(days=days_ago), **fields})


def contact(*people: Any, **fields: Any) -> Contact:
    """A meeting of now with these people and labs, whatever else is logged."""
    names = {Representative: "representatives", Professor: "professors", Student: "students", Lab: "labs"}
    lists = {name: [one for one in people if isinstance(one, kind)] for kind, name in names.items()}
    named = {name: people for name, people in lists.items() if people}
    return log_contact(by=BY, **{"kind": "meeting", "force": True, **named, **fields})


def follow_up(owner: User, *, due_in: int = 7, what: str = "Send the protocol", **about: Any) -> FollowUp:
    return add_follow_up(what=what, due=timezone.localdate() + timedelta(days=due_in), owner=owner, by=BY, **about)


@dataclass
class Cast:
    """Everybody at once: two partners, a lab with its head, and students with every kind of consent."""

    lab: Lab = field(default_factory=lab)
    veresk: Partner = field(default_factory=lambda: partner("veresk"))
    rival: Partner = field(default_factory=lambda: partner("quillwave"))

    def __post_init__(self) -> None:
        self.ada, self.olga = admin(), office()
        self.pavel = professor(heads=self.lab)
        self.hanna = representative(self.veresk)
        self.rolf = representative(self.rival, "Rolf Stern")
        details = {"skills": {"crispr": 4, "python": 2}, "labs": [self.lab]}
        self.open = student("Oona Birch", **details)
        self.loyal = student("Lev Moss", **details)
        self.silent = student("Silvia Reed", **details)
        self.gone = student("Goran Ash", **details)
        self.wary = student("Wera Fern", **details)
        consent(self.open)
        consent(self.loyal, self.veresk, "evaluations")
        consent(self.wary)
        block(self.wary, self.veresk)
