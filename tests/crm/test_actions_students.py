"""A student's record is created and changed by actions: who may, what is refused, what stays."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from crm.access import Audience
from crm.actions.evidence import add_evidence, share_evidence
from crm.actions.students import OWN_FIELDS, create_student, update_student
from crm.errors import Conflict, Invalid, NotAllowed
from crm.models import City, Evidence, Student
from crm.signals import students_changed
from tests import cast
from tests.processes import together

pytest_plugins = ("tests.committed",)
NEW = {"number": "N-1", "given_name": "Nova", "family_name": "Birch"}


@pytest.fixture
def narrowed():
    heard = []

    def hear(sender, student_ids, narrows, **_):
        heard.append(narrows)

    students_changed.connect(hear, weak=False)
    yield heard
    students_changed.disconnect(hear)


@pytest.mark.django_db
def test_a_new_student_has_no_consent_and_is_seen_by_no_partner():
    person = create_student(by=cast.office(), **NEW)
    assert not person.consents.exists()
    assert not Student.objects.visible_to(cast.representative(cast.partner())).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "error", "named"),
    [
        ({"number": ""}, Invalid, {"number"}),
        ({"family_name": "", "email": "nonsense"}, Invalid, {"family_name", "email"}),
        ({"degree": "baron"}, Invalid, {"degree"}),
        ({"number": "TAKEN"}, Conflict, {"number"}),
        ({"languages": [{"code": "english", "level": "B2"}]}, Invalid, {"languages"}),
        ({"languages": [{"code": "en", "level": "B2"}, {"code": "en", "level": "C1"}]}, Invalid, {"languages"}),
        ({"links": [{"kind": "website", "url": "javascript:alert(1)"}]}, Invalid, {"links"}),
    ],
    ids=lambda value: str(sorted(value)) if isinstance(value, set) else str(value),
)
def test_values_that_cannot_be_taken_are_refused_and_named_and_nothing_is_written(fields, error, named):
    cast.student(number="TAKEN")
    with pytest.raises(error) as refused:
        create_student(by=cast.BY, **{**NEW, **fields})
    assert refused.value.fields.keys() == named
    assert Student.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("level", [0, 6, -1])
def test_a_level_outside_of_one_to_five_is_refused(level):
    person = cast.student(skills={"crispr": 2})
    with pytest.raises(Invalid) as refused:
        update_student(student=person, by=cast.BY, claims=[{"skill": cast.skill("crispr"), "level": level}])
    assert refused.value.fields.keys() == {"claims"}
    assert person.claims.get().level == 2


@pytest.mark.django_db
def test_who_may_create_and_change():
    person = cast.student()
    own = cast.student_account(person)
    for by in (
        cast.admin(),
        cast.professor(),
        cast.representative(cast.partner()),
        cast.student_account(cast.student()),
    ):
        with pytest.raises(NotAllowed):
            update_student(student=person, by=by, headline="Mine")
        with pytest.raises(NotAllowed):
            create_student(by=by, **NEW)
    for by in (own, cast.office()):
        assert update_student(student=person, by=by, headline=f"By {by.role}").headline == f"By {by.role}"


OF_THE_UNIVERSITY = {
    "number": "X-9",
    "given_name": "Other",
    "family_name": "Name",
    "degree": "phd",
    "placed": True,
    "graduation_date": date(2020, 1, 1),
    "thesis_title": "Better",
    "thesis_abstract": "Better",
    "programme": None,
    "memberships": [],
    "supervisions": [],
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", OF_THE_UNIVERSITY)
def test_students_do_not_change_what_is_the_universitys(name):
    person = cast.student(labs=[cast.lab()])
    with pytest.raises(NotAllowed, match=name):
        update_student(
            student=person, by=cast.student_account(person), headline="New", **{name: OF_THE_UNIVERSITY[name]}
        )
    assert Student.objects.get(pk=person.pk).headline == ""
    assert not set(OF_THE_UNIVERSITY) & set(OWN_FIELDS)


@pytest.mark.django_db
def test_students_change_all_that_is_theirs():
    person = cast.student(skills={"crispr": 2})
    city = City.objects.first()
    fields = {
        "native_name": "Нова",
        "email": "new@students.example",
        "phone": "+7 1",
        "headline": "H",
        "summary": "S",
        "projects": "P",
        "home_city": city,
        "willing_to_travel": True,
        "available_from": date(2027, 1, 1),
        "do_not_contact": True,
        "work_cities": [city],
        "languages": [{"code": "ru", "level": "C1"}],
        "publications": [{"title": "Paper", "year": 2025}],
        "links": [{"kind": "orcid", "url": "https://orcid.example/1"}],
        "claims": [{"skill": cast.skill("python"), "level": 4}],
    }
    assert fields.keys() == set(OWN_FIELDS)
    update_student(student=person, by=cast.student_account(person), **fields)
    fresh = Student.objects.get(pk=person.pk)
    assert {name: getattr(fresh, name) for name in ("headline", "phone", "home_city")} == {
        "headline": "H",
        "phone": "+7 1",
        "home_city": city,
    }
    assert [(c.skill.slug, c.level) for c in fresh.claims.all()] == [("python", 4)]
    assert (fresh.languages.get().level, fresh.work_cities.get()) == ("C1", city)


@pytest.mark.django_db
def test_evidence_stays_with_its_claim_when_the_level_changes():
    person = cast.student(skills={"crispr": 2})
    evidence = add_evidence(claim=person.claims.get(), kind="defence", title="Thesis", by=cast.BY)
    update_student(student=person, by=cast.BY, claims=[{"skill": cast.skill("crispr"), "level": 5}])
    claim = person.claims.get()
    assert (claim.level, claim.evidence.get()) == (5, evidence)


@pytest.mark.django_db
def test_students_do_not_remove_a_skill_that_the_university_backed():
    person = cast.student(skills={"crispr": 2, "python": 3})
    add_evidence(claim=person.claims.get(skill__slug="crispr"), kind="defence", title="Thesis", by=cast.BY)
    own, python = cast.student_account(person), {"skill": cast.skill("python"), "level": 3}
    with pytest.raises(Invalid):
        update_student(student=person, by=own, claims=[python])
    assert person.claims.count() == 2
    update_student(student=person, by=cast.office(), claims=[python])
    assert (person.claims.count(), Evidence.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_a_stale_copy_takes_nothing_back():
    stale = cast.student()
    update_student(student=Student.objects.get(pk=stale.pk), by=cast.BY, headline="New")
    update_student(student=stale, by=cast.BY, summary="New too")
    fresh = Student.objects.get(pk=stale.pk)
    assert (fresh.headline, fresh.summary) == ("New", "New too")


@pytest.mark.django_db
def test_rows_that_stay_the_same_keep_their_ids():
    person = cast.student(labs=[cast.lab(), cast.lab("Second")])
    before = set(person.memberships.values_list("pk", flat=True))
    rows = [{"lab": cast.lab()}, {"lab": cast.lab("Second")}, {"lab": cast.lab("Third")}]
    update_student(student=person, by=cast.BY, memberships=rows)
    assert before < set(person.memberships.values_list("pk", flat=True))
    assert person.memberships.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("relation", ["memberships", "supervisions"])
def test_a_place_held_twice_without_an_end_is_refused_and_held_again_later_is_not(relation):
    person, today = cast.student(), timezone.localdate()
    place = {"lab": cast.lab()} if relation == "memberships" else {"professor": cast.professor().professor}
    with pytest.raises(Invalid) as refused:
        update_student(student=person, by=cast.BY, **{relation: [place, {**place, "starts": today}]})
    assert refused.value.fields.keys() == {relation}
    ended = [{**place, "ends": today - timedelta(days=days)} for days in (800, 400)]
    update_student(student=person, by=cast.BY, **{relation: [*ended, {**place, "starts": today}]})
    assert getattr(person, relation).count() == 3


@pytest.mark.django_db
def test_only_places_narrow_what_professors_see(narrowed):
    person = cast.student(labs=[cast.lab()])
    narrowed.clear()
    for fields in ({"headline": "New"}, {"memberships": []}, {"supervisions": []}, {"claims": []}):
        update_student(student=person, by=cast.BY, **fields)
    assert narrowed == [None, Audience.PROFESSORS, Audience.PROFESSORS, None]


@pytest.mark.django_db
def test_a_refused_change_is_said_to_nobody(narrowed):
    person = cast.student()
    narrowed.clear()
    with pytest.raises(Invalid):
        update_student(student=person, by=cast.BY, headline="New", languages=[{"code": "x", "level": "Z"}])
    assert narrowed == []
    assert Student.objects.get(pk=person.pk).headline == ""


@pytest.mark.django_db
def test_the_office_adds_evidence_and_the_student_alone_decides_who_reads_it(narrowed):
    person = cast.student(skills={"crispr": 2})
    claim, own, olga = person.claims.get(), cast.student_account(person), cast.office()
    for by in (own, cast.professor(), cast.representative(cast.partner())):
        with pytest.raises(NotAllowed):
            add_evidence(claim=claim, kind="defence", title="Thesis", by=by)
    for wrong in ({"kind": "rumour"}, {"title": "  "}):
        with pytest.raises(Invalid) as refused:
            add_evidence(**{"claim": claim, "kind": "defence", "title": "Thesis", "by": olga, **wrong})
        assert refused.value.fields.keys() == wrong.keys()
    narrowed.clear()
    evidence = add_evidence(claim=claim, kind="defence", title="Thesis", by=olga)
    assert (evidence.shared, narrowed) == (False, [None])
    for by in (olga, cast.student_account(cast.student())):
        with pytest.raises(NotAllowed):
            share_evidence(evidence=evidence, shared=True, by=by)
    narrowed.clear()
    for shared in (True, False):
        assert share_evidence(evidence=evidence, shared=shared, by=own).shared is shared
        assert Evidence.objects.get().shared is shared
    assert narrowed == [None, Audience.PARTNERS]


@pytest.mark.postgres
def test_changes_of_one_student_at_once_lose_nothing(committed):
    person = cast.student()
    fields = [
        {"headline": "H"},
        {"summary": "S"},
        {"projects": "P"},
        {"claims": [{"skill": cast.skill("crispr"), "level": 1}]},
    ]
    outcomes = together(*(lambda f=f: update_student(student=person, by=cast.BY, **f) for f in fields))
    assert all(isinstance(outcome, Student) for outcome in outcomes)
    fresh = Student.objects.get(pk=person.pk)
    assert (fresh.headline, fresh.summary, fresh.projects, fresh.claims.count()) == ("H", "S", "P", 1)


@pytest.mark.postgres
def test_of_two_students_with_one_number_at_once_one_is_refused(committed):
    outcomes = together(*[lambda: create_student(by=cast.BY, **NEW)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes)[-1] == "Student"
    assert Student.objects.filter(number="N-1").count() == 1
