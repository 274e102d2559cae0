"""One table, and all that decides by consent: the function, its twin in SQL, the documents and the engine in use."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.access import Level, Reach, Role, level_of, may_contact
from crm.models import Block, Consent, Evidence, SkillClaim, Student
from search import outbox
from search.audiences import audience_for
from search.engines import engine
from search.engines.contract import SearchRequest
from search.fields import ANY_EVIDENCE, PARTNERS
from search.filters import Terms
from tests import cast
from tests.visibility.consent_table import STATES, VIEWERS, WRITTEN_BY_HAND, Case, Given, case_of, cases
from tests.visibility.documents import matches

CASES = list(cases())
STORED = [
    case for case in CASES if not any(g.scopes in ({"evaluations"}, {"evaluations", "contact"}) for g in case.consents)
]
"""Evaluations imply the profile and are stored with it: in the database the cases with evaluations alone are the same."""
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
            Student(number=f"C-{place:05}", given_name="Case", family_name=str(place)) for place in range(len(STORED))
        )
        self.cases: dict[int, Case] = {student.pk: case for student, case in zip(students, STORED, strict=True)}
        self._add(students)
        self.ids["later"] = cast.partner("later").pk
        documents, _ = outbox.state_of(dict.fromkeys(self.cases, 1))
        with engine().writing() as writer:
            writer.write(documents)
        self.documents = {item.student_id: item.families.get(PARTNERS, {}) for item in documents}

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
    students = Student.objects.prefetch_related("consents", "blocks").in_bulk()
    for viewer in VIEWERS:
        reach = table.reach(viewer)
        seen, evaluated = table.at(viewer, "profile", "evaluated"), table.at(viewer, "evaluated")
        rows = dict(Student.objects.within(reach).with_evaluations(reach.partner_id).values_list("pk", "evaluated"))
        assert (set(rows), {pk for pk, backed in rows.items() if backed}) == (seen, evaluated), f"SQL, {viewer}"

        read = {pk: readable(documents, reach) for pk, documents in table.documents.items()}
        expected = {pk: [Level[case.level_for(viewer).upper()]] for pk, case in table.cases.items() if pk in seen}
        assert {pk: levels for pk, levels in read.items() if levels} == expected, f"documents, {viewer}"

        assert found(reach) == seen, f"engine, {viewer}"
        assert found(reach, Terms("evidenced", (ANY_EVIDENCE,))) == evaluated, f"evidence in the engine, {viewer}"

        contact = {pk for pk, student in students.items() if may_contact(reach.partner_id, student)}
        assert contact == {pk for pk, case in table.cases.items() if case.contact_for(viewer)}, f"contact, {viewer}"


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


def test_the_table_holds_every_combination():
    assert len(CASES) == (1 + 63 + 63 * 64 // 2) * 3
    assert {given.state for case in CASES for given in case.consents} == set(STATES)


def test_evaluations_without_a_profile_cannot_be_stored(db):
    person = cast.student()
    for scopes in ({"evaluations": True}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.create(student=person, source="form", **scopes)


@pytest.mark.parametrize(("seconds", "level"), [(-1, Level.EVALUATED), (0, Level.PROFILE), (86_400, Level.NONE)])
def test_a_level_ends_with_the_second_in_which_its_consent_ends(seconds, level):
    end = timezone.now()
    consents = [consent_of(Given(frozenset({s}), "everyone", "active"), IDS) for s in ("evaluations", "profile")]
    consents[0].expires, consents[1].expires = end, end + timedelta(days=1)
    assert level_of(consents, [], 1, at=end + timedelta(seconds=seconds)) is level
