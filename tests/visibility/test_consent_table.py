"""One table, and all that decides by consent: the function, its twin in SQL, the documents and the engine in use."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.utils import timezone

from crm import reference
from crm.access import Level, Reach, Role, level_of, may_contact
from crm.models import Block, Consent, Evidence, Partner, SkillClaim, Student
from search import outbox
from search.audiences import audience_for
from search.engines import engine
from search.engines.contract import SearchRequest
from search.fields import ANY_EVIDENCE, PARTNERS
from search.filters import Terms
from search.projections import load, project
from tests import cast
from tests.visibility.consent_table import STATES, VIEWERS, WRITTEN_BY_HAND, Case, Given, case_of, cases
from tests.visibility.documents import matches

CASES = list(cases())
IDS: Mapping[str, int | None] = {"ours": 1, "theirs": 2, "later": 3, "everyone": None}


def consent_of(given: Given, ids: Mapping[str, int | None]) -> Consent:
    """As the action stores it: evaluations imply the profile."""
    past = timezone.now() - timedelta(days=1) if given.state == "expired" else None
    return Consent(
        partner_id=ids[given.target],
        profile=bool(given.scopes & {"profile", "evaluations"}),
        evaluations="evaluations" in given.scopes,
        contact="contact" in given.scopes,
        stored_state="withdrawn" if given.state == "withdrawn" else "active",
        expires=past,
        source="signed form",
    )


@pytest.mark.parametrize(("consents", "block", "levels", "contacts"), WRITTEN_BY_HAND)
def test_the_table_says_what_the_lines_written_by_hand_say(consents, block, levels, contacts):
    case = case_of(consents, block)
    assert tuple(case.level_for(viewer) for viewer in VIEWERS) == levels
    assert tuple(case.contact_for(viewer) for viewer in VIEWERS) == contacts


def test_the_one_function_of_consent_says_what_the_table_says():
    wrong = []
    for case in CASES:
        consents = [consent_of(given, IDS) for given in case.consents]
        blocked = [IDS[case.block]] if case.block else []
        for viewer in VIEWERS:
            if level_of(consents, blocked, IDS[viewer]).name.lower() != case.level_for(viewer):
                wrong.append((case, viewer))
        # A partner that nothing names is asked for as None by the documents.
        if level_of(consents, blocked, None) != level_of(consents, blocked, IDS["later"]):
            wrong.append((case, None))
    assert not wrong


@pytest.fixture
def table(index) -> "Table":
    return Table()


class Table:
    """Every case of the table as a student of the database, with evidence that the student shared, written to the index."""

    def __init__(self) -> None:
        partners = {slug: cast.partner(slug) for slug in ("ours", "theirs")}
        self.ids: dict[str, int | None] = {slug: partner.pk for slug, partner in partners.items()}
        self.ids["everyone"] = None
        students = Student.objects.bulk_create(
            Student(number=f"C-{place:05}", given_name="Case", family_name=str(place)) for place in range(len(CASES))
        )
        self.cases: dict[int, Case] = {student.pk: case for student, case in zip(students, CASES, strict=True)}
        self._add(students)
        self.ids["later"] = cast.partner("later").pk
        outbox.record(sorted(self.cases))
        outbox.drain_all()

    def _add(self, students: list[Student]) -> None:
        rows = [
            (student, consent_of(given, self.ids)) for student in students for given in self.cases[student.pk].consents
        ]
        for student, consent in rows:
            consent.student = student
        Consent.objects.bulk_create(consent for _, consent in rows)
        Block.objects.bulk_create(
            Block(student_id=pk, partner_id=self.ids[case.block]) for pk, case in self.cases.items() if case.block
        )
        skill = cast.skill("crispr")
        claims = SkillClaim.objects.bulk_create(SkillClaim(student=s, skill=skill, level=3) for s in students)
        Evidence.objects.bulk_create(Evidence(claim=c, kind="defence", title="Thesis", shared=True) for c in claims)

    def reach(self, viewer: str) -> Reach:
        return Reach(Role.PARTNER, partner_id=self.ids[viewer])

    def at(self, viewer: str, *levels: str) -> set[int]:
        return {pk for pk, case in self.cases.items() if case.level_for(viewer) in levels}


@pytest.mark.django_db
def test_sql_documents_and_engine_say_what_the_table_says(table):
    """Each partner reads exactly one document of each student it may see, and none of any other."""
    known, now = reference.current(), timezone.now()
    students = load(sorted(table.cases))
    families = {pk: project(student, known, now).families for pk, student in students.items()}
    for viewer in VIEWERS:
        reach = table.reach(viewer)
        seen, evaluated = table.at(viewer, "profile", "evaluated"), table.at(viewer, "evaluated")
        rows = dict(Student.objects.within(reach).with_evaluations(reach.partner_id).values_list("pk", "evaluated"))
        assert (set(rows), {pk for pk, backed in rows.items() if backed}) == (seen, evaluated), f"SQL, {viewer}"

        read = {pk: readable(documents.get(PARTNERS, {}), reach) for pk, documents in families.items()}
        expected = {pk: [Level[case.level_for(viewer).upper()]] for pk, case in table.cases.items() if pk in seen}
        assert {pk: levels for pk, levels in read.items() if levels} == expected, f"documents, {viewer}"

        assert found(reach) == seen, f"engine, {viewer}"
        assert found(reach, Terms("evidenced", (ANY_EVIDENCE,))) == evaluated, f"evidence in the engine, {viewer}"


def readable(documents, reach: Reach) -> list[int]:
    conditions = audience_for(reach).conditions
    return [
        level
        for level, document in documents.items()
        if document and all(matches(document, condition) for condition in conditions)
    ]


def found(reach: Reach, *conditions) -> set[int]:
    request = SearchRequest(audience_for(reach), conditions=[("", c) for c in conditions], limit=10_000)
    answer = engine().search(request)
    ids = [hit.student_id for hit in answer.hits]
    assert len(ids) == len(set(ids)) == answer.count
    return set(ids)


@pytest.mark.django_db
def test_contact_details_are_released_as_the_table_says():
    partners = {slug: cast.partner(slug) for slug in VIEWERS}
    ids = {**{slug: partner.pk for slug, partner in partners.items()}, "everyone": None}
    # One consent and a block: what two consents give to contact is their sum.
    wrong = []
    for case in (case for case in CASES if len(case.consents) < 2):
        person = cast.student()
        for given in case.consents:
            consent = consent_of(given, ids)
            consent.student = person
            consent.save()
        if case.block:
            cast.block(person, partners[case.block])
        fresh = Student.objects.prefetch_related("consents", "blocks").get(pk=person.pk)
        wrong += [(case, v) for v in VIEWERS if may_contact(ids[v], fresh) != case.contact_for(v)]
    assert not wrong


def test_the_table_holds_every_combination():
    assert len(CASES) == (1 + 63 + 63 * 64 // 2) * 3
    assert {given.state for case in CASES for given in case.consents} == set(STATES)


def test_evaluations_without_a_profile_cannot_be_stored(db):
    from django.db import IntegrityError, transaction

    person = cast.student()
    for scopes in ({"evaluations": True}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.create(student=person, source="form", **scopes)


def test_document_of_a_level_rests_on_the_consents_that_give_it():
    """Its end is the earliest of theirs, so it is read no longer than any of them holds."""
    now = timezone.now()
    soon, late = now + timedelta(days=1), now + timedelta(days=9)
    consents = [consent_of(Given(frozenset({"profile"}), "everyone", "active"), IDS) for _ in range(2)]
    consents[0].expires, consents[1].expires = soon, late
    assert level_of(consents, [], 1, at=soon - timedelta(seconds=1)) is Level.PROFILE
    assert level_of(consents, [], 1, at=soon) is Level.PROFILE
    assert level_of(consents, [], 1, at=late) is Level.NONE
