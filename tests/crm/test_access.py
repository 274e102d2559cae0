"""The one rulebook: who reaches what, who may do what, and that no rule means nothing."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone

from crm.access import RULES, Reach, Role, SystemProcess, can, reach_of, require
from crm.actions.evidence import add_evidence
from crm.actions.outcomes import record_outcome
from crm.actions.seminars import add_attendance
from crm.errors import NotAllowed
from crm.models import (
    Block,
    Consent,
    Disclosure,
    Evidence,
    Introduction,
    Lab,
    Partner,
    PartnerState,
    Recommendation,
    Representative,
    SavedSearch,
    Shortlist,
    ShortlistEntry,
    Student,
    User,
)
from crm.querysets.gate import VisibleQuerySet
from tests import cast

pytestmark = pytest.mark.django_db

ROLES = tuple(Role)
WHO_MAY = {
    # verb: A admin, O office, P professor, R representative of a partner, S student; small: only to what is their own
    "candidate.search": "AOPR",
    "candidate.open": "AOPR",
    "candidate.contact": "AOPr",
    "saved_search.own": "aopr",
    "shortlist.view": "r",
    "shortlist.change": "r",
    "student.view": "AOPs",
    "student.create": "O",
    "student.update": "Os",
    "student.erase": "AO",
    "reference.view": "AOPRS",
    "reference.change": "A",
    "professor.view": "AOPRS",
    "professor.change": "AO",
    "partner.view": "AOPRS",
    "partner.change": "AO",
    "representative.view": "AOR",
    "representative.change": "AO",
    "consent.view": "AOs",
    "consent.grant": "Os",
    "consent.withdraw": "Os",
    "block.view": "AOs",
    "block.change": "Os",
    "evidence.add": "O",
    "evidence.share": "s",
    "seminar.view": "AOPRS",
    "seminar.change": "O",
    "attendance.view": "AOPRS",
    "attendance.change": "O",
    "contact.view": "AOP",
    "contact.log": "O",
    "contact.notes": "AO",
    "follow_up.view": "AOP",
    "follow_up.change": "O",
    "follow_up.close": "Op",
    "recommendation.view": "AOPRS",
    "recommendation.create": "OPS",
    "recommendation.request": "Os",
    "recommendation.write": "p",
    "recommendation.share": "s",
    "recommendation.drop": "Ops",
    "recommendation.withdraw": "ps",
    "introduction.view": "AORS",
    "introduction.ask": "R",
    "introduction.answer": "s",
    "introduction.withdraw": "r",
    "introduction.close": "Or",
    "introduction.expire": "",
    "me.change": "AOPRS",
    "immersion.view": "AOPRS",
    "immersion.propose": "Or",
    "immersion.change": "Or",
    "immersion.apply": "s",
    "immersion.select": "Or",
    "immersion.run": "O",
    "immersion.cancel": "Or",
    "immersion.train": "O",
    "immersion.accept": "Ors",
    "immersion.evaluate": "r",
    "immersion.invite_evaluation": "O",
    "immersion.report": "Os",
    "evaluation.view": "AOPRS",
    "hire.view": "AOPRS",
    "hire.offer": "Or",
    "hire.salary": "AO",
    "hire.change": "O",
    "hire.answer": "Os",
    "hire.rescind": "Or",
    "hire.run": "Or",
    "hire.confirm": "r",
    "hire.check": "O",
    "hire.checks": "AO",
    "outcome.view": "AOS",
    "outcome.record": "Os",
    "timeline.view": "AOPRS",
    "pathway.view": "AOPRS",
    "report.view": "AO",
    "mail.view": "AO",
    "mail.resend": "AO",
    "history.view": "AO",
    "user.view": "A",
    "user.change": "A",
    "token.own": "AOPRS",
    "me.view": "AOPRS",
    "me.student": "S",
}
LETTERS = dict(zip("AOPRS", ROLES, strict=True))


@dataclass
class People:
    """One account a role; two students, of whom one has the account."""

    student: Student = field(default_factory=cast.student)
    other: Student = field(default_factory=cast.student)
    partner: Partner = field(default_factory=cast.partner)

    def __post_init__(self) -> None:
        self.users = {
            Role.ADMIN: cast.admin(),
            Role.OFFICE: cast.office(),
            Role.PROFESSOR: cast.professor(),
            Role.PARTNER: cast.representative(self.partner),
            Role.STUDENT: cast.student_account(self.student),
        }


@pytest.fixture
def people(db: None) -> People:
    return People()


def test_the_table_of_this_test_names_every_verb():
    assert WHO_MAY.keys() == RULES.keys()


@pytest.mark.once
def test_each_verb_is_for_the_roles_of_the_table(people):
    for verb, letters in WHO_MAY.items():
        allowed = {role for letter, role in LETTERS.items() if letter in letters.upper()}
        assert {role for role, user in people.users.items() if can(user, verb)} == allowed, verb
        assert not can(AnonymousUser(), verb), verb
        assert can(SystemProcess("sweep"), verb), verb


@pytest.mark.once
@pytest.mark.parametrize("verb", [verb for verb, letters in WHO_MAY.items() if "s" in letters])
def test_students_may_do_it_to_what_is_their_own_alone(people, verb):
    user = people.users[Role.STUDENT]
    for record in (lambda s: s, lambda s: Consent(student=s), lambda s: Block(student=s, partner=people.partner)):
        assert can(user, verb, record(people.student))
        assert not can(user, verb, record(people.other))
        with pytest.raises(NotAllowed):
            require(user, verb, record(people.other))


def test_a_partner_reads_contact_details_only_where_they_are_released(people):
    hanna = people.users[Role.PARTNER]
    assert not can(hanna, "candidate.contact", people.student)
    cast.consent(people.student, people.partner, "profile", "contact")
    assert can(hanna, "candidate.contact", Student.objects.get(pk=people.student.pk))
    cast.block(people.student, people.partner)
    assert not can(hanna, "candidate.contact", Student.objects.get(pk=people.student.pk))


@pytest.mark.parametrize(
    ("change", "reaches"),
    [
        ({}, True),
        ({"representative__ends": 0}, True),
        ({"representative__ends": -1}, False),
        ({"representative__starts": 1}, False),
        ({"partner__state": PartnerState.PROSPECT}, False),
        ({"user__is_active": False}, False),
    ],
    ids=str,
)
def test_a_representative_reaches_only_while_employed_by_an_active_partner(people, change, reaches):
    user = people.users[Role.PARTNER]
    cast.consent(people.student, people.partner)
    for name, value in change.items():
        model, field_name = name.split("__")
        day = timezone.localdate() + timedelta(days=value) if type(value) is int else value
        rows = {"user": User.objects.filter(pk=user.pk), "partner": Partner.objects.all()}
        rows["representative"] = Representative.objects.all()
        rows[model].update(**{field_name: day})
    fresh = User.objects.get(pk=user.pk)
    assert reach_of(fresh) == (Reach(Role.PARTNER, partner_id=people.partner.pk) if reaches else None)
    assert can(fresh, "candidate.search") is reaches
    assert Student.objects.visible_to(fresh).exists() is reaches


def test_a_deactivated_account_of_any_role_reaches_nothing(people):
    for role, user in people.users.items():
        user.is_active = False
        assert reach_of(user) is None, role
        assert not any(can(user, verb) for verb in RULES), role


VISIBLE_MODELS = [model for model in apps.get_models() if isinstance(model._default_manager.all(), VisibleQuerySet)]
SEEN = {
    # model -> what each role sees of the rows below: admin, office, professor, partner, student
    "Student": "all all own consented own",
    "Consent": "all all none none own",
    "Block": "all all none none own",
    "Evidence": "all all none none own",
    "Disclosure": "all none none none own",
    "Partner": "all all active own active",
    "Representative": "all all none own none",
    "Recommendation": "all all own own own",
    "Introduction": "all all none own own",
    "Immersion": "all all own own own",
    "Evaluation": "all all own own own",
    "Hire": "all all own own own",
    "Outcome": "all all none none own",
    "Touchpoint": "all all own own own",
    "Mail": "all all none none none",
    "User": "all none none none none",
    "Seminar": "all all all invited invited",
    "Attendance": "all all own own own",
    "Contact": "all all own none none",
    "FollowUp": "all all own none none",
    "SavedSearch": "own own own own none",
    "Shortlist": "none none none own none",
    "ShortlistEntry": "none none none own none",
    **dict.fromkeys(("City", "Lab", "Programme", "Professor", "Skill"), "all all all all all"),
}


def conversations(people: People, rival: Partner, lab: Lab) -> None:
    """An open seminar, closed ones for the partner, the student and the rival; contacts with Pavel, and without."""
    pavel, hanna = people.users[Role.PROFESSOR].professor, people.users[Role.PARTNER].representative
    rolf = rival.representatives.get()
    cast.seminar("Open")
    for name, guest in (("partner", hanna), ("student", people.student), ("rival", rolf), ("professor", pavel)):
        seminar = cast.seminar(f"For the {name}", is_open=False, lab=lab)
        add_attendance(seminar=seminar, by=cast.BY, **{type(guest).__name__.lower(): guest})
    cast.contact(hanna, pavel, people.student, summary="With Pavel")
    cast.contact(hanna, lab, people.student, summary="Without Pavel")
    for owner in (people.users[Role.OFFICE], people.users[Role.PROFESSOR]):
        cast.follow_up(owner, partner=people.partner)


def vouching(people: People, rival: Partner, mine: Student) -> None:
    """Of each student an introduction; recommendations that Pavel wrote, and others; one is shared with the partner."""
    pavel, other = people.users[Role.PROFESSOR].professor, cast.professor(name="Polina Rowan").professor
    now = timezone.now()
    for person, partner, professor, state, text in (
        (mine, people.partner, pavel, "shared", "To the partner"),
        (mine, rival, pavel, "shared", "To the rival"),
        (people.student, people.partner, other, "written", "Not shared"),
        # The partner reads the profile alone of this one.
        (people.other, None, other, "shared", "In general"),
    ):
        shown = {"state": state, "shared_at": now, "text": text}
        Recommendation.objects.create(student=person, partner=partner, professor=professor, **shown)
    for person, partner in ((people.student, people.partner), (people.other, rival), (mine, rival)):
        Introduction.objects.create(student=person, partner=partner, message="Let us meet", expires=now)


def lists(people: People, rival: Partner, mine: Student) -> None:
    """Everybody who searches has saved a search; two partners have a list with somebody whom both, or one, may see."""
    for user in people.users.values():
        if user.role != Role.STUDENT:
            SavedSearch.objects.create(owner=user, name="Mine", parameters="q=mine")
    for partner in (people.partner, rival):
        shortlist = Shortlist.objects.create(partner=partner, name=partner.slug)
        for person in (people.student, people.other, mine):
            ShortlistEntry.objects.create(shortlist=shortlist, student=person)


@pytest.fixture
def rows(people) -> dict[str, dict[str, set[int]]]:
    """Rows of every model; model -> kind of sight -> primary keys."""
    rival = cast.partner("rival", state=PartnerState.PROSPECT)
    cast.representative(rival, "Rolf Stern")
    lab, pavel = cast.lab(), people.users[Role.PROFESSOR].professor
    cast.programme()
    mine = cast.student("Mine Own")
    mine.supervisions.create(professor=pavel)
    mine.memberships.create(lab=lab)
    for person in (people.student, people.other):
        cast.consent(person, people.partner if person == people.other else rival)
        cast.block(person, rival)
        claim = person.claims.create(skill=cast.skill("crispr"), level=2)
        add_evidence(claim=claim, kind="defence", title="Thesis", by=cast.BY)
        Disclosure.objects.create(student=person, viewer=people.users[Role.OFFICE], kind="record")
        record_outcome(student=person, kind="seeking", source="A survey", by=cast.BY)
    for person, at in ((people.student, people.partner), (people.other, rival), (mine, rival)):
        cast.hire(person, at)
        cast.evaluation(cast.immersion(person, at, "active"))
    supervised = cast.immersion(people.other, rival, "active", academic_supervisor=pavel)
    cast.evaluation(supervised)
    conversations(people, rival, lab)
    vouching(people, rival, mine)
    lists(people, rival, mine)
    own, student = Q(student=people.student), "student"
    narrow: dict[str, dict[str, Any]] = {
        "Student": {student: Q(pk=people.student.pk), "professor": Q(pk=mine.pk), "partner": Q(pk=people.other.pk)},
        "Partner": {"partner": Q(pk=people.partner.pk), "active": Q(state="active")},
        "Representative": {"partner": Q(partner=people.partner)},
        "Evidence": {student: Q(claim__student=people.student)},
        "Seminar": {
            "partner": Q(is_open=True) | Q(title="For the partner"),
            student: Q(is_open=True) | Q(title="For the student"),
        },
        "Attendance": {
            "partner": Q(representative__partner=people.partner),
            student: own,
            "professor": Q(professor=pavel),
        },
        "Contact": {"professor": Q(summary="With Pavel")},
        "FollowUp": {"professor": Q(owner__professor=pavel)},
        **dict.fromkeys(("Consent", "Block", "Disclosure", "Outcome"), {student: own}),
        "Recommendation": {student: own, "professor": Q(professor=pavel), "partner": Q(text="To the partner")},
        "Introduction": {student: own, "partner": Q(partner=people.partner)},
        "Immersion": {
            student: own,
            "professor": Q(student=mine) | Q(pk=supervised.pk),
            "partner": Q(partner=people.partner),
        },
        "Evaluation": {
            student: Q(immersion__student=people.student),
            "professor": Q(immersion__student=mine) | Q(immersion=supervised),
            "partner": Q(immersion__partner=people.partner),
        },
        "SavedSearch": {role.value: Q(owner=user) for role, user in people.users.items()},
        "Shortlist": {"partner": Q(partner=people.partner)},
        # Of the three candidates the partner sees one.
        "ShortlistEntry": {"partner": Q(shortlist__partner=people.partner, student=people.other)},
        "Hire": {student: own, "professor": Q(student=mine), "partner": Q(partner=people.partner)},
        "Touchpoint": {
            student: own,
            "professor": Q(professor=pavel) | Q(student=mine) & ~Q(kind="introduction"),
            # The student of a contact stands there by consent alone, that of a process of the partner's own in any case.
            "partner": Q(partner=people.partner) & (Q(student=None) | Q(student=people.other) | ~Q(kind="contact")),
        },
    }
    return {"people": people, "narrow": narrow}


def test_each_role_sees_the_rows_of_the_table_and_whoever_has_no_reach_none(rows):
    for model in VISIBLE_MODELS:
        every, narrow = model._default_manager.all(), rows["narrow"].get(model.__name__, {})
        assert every.exists(), model
        for role, sight in zip(ROLES, SEEN[model.__name__].split(), strict=True):
            condition = {"all": Q(), "none": Q(pk__in=[])}.get(sight, narrow.get(role.value, narrow.get(sight)))
            seen = set(every.visible_to(rows["people"].users[role]).values_list("pk", flat=True))
            assert seen == set(every.filter(condition).values_list("pk", flat=True)), (model, role)
            assert sight in ("all", "none") or 0 < len(seen) < every.count() or sight == "active", (model, role)
        for nobody in (None, AnonymousUser()):
            assert not every.visible_to(nobody).exists(), model


def test_a_queryset_without_a_rule_for_a_role_shows_that_role_nothing(people):
    class Unruled(VisibleQuerySet[Student]):
        rules = {}

    for user in people.users.values():
        assert not Unruled(Student).visible_to(user).exists()


def test_a_reach_without_its_person_shows_nothing(rows):
    """Compared with nobody, a column that is empty would match."""
    people = rows["people"]
    cast.consent(people.student, None, "evaluations")
    Disclosure.objects.create(student=None, viewer=people.users[Role.OFFICE], kind="record")
    for role in (Role.PROFESSOR, Role.PARTNER, Role.STUDENT):
        for model in VISIBLE_MODELS:
            assert not model.objects.within(Reach(role)).exists(), (role, model)


def test_the_evidence_of_an_own_student_is_no_row_for_a_partner(people):
    assert not Evidence.objects.visible_to(people.users[Role.PARTNER]).exists()
