"""What stands in a document, and above all what does not."""

import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from crm import reference
from crm.access import Level
from crm.actions.evidence import add_evidence, share_evidence
from crm.actions.students import update_student
from crm.models import City, Student
from search.engines.contract import Document
from search.fields import ANY_EVIDENCE, FAMILIES, FOR_EVER, FULL, PARTNERS, fields_of, milliseconds
from search.projections import REMOVED, Projection, project
from search.sources import load
from tests import cast

pytestmark = pytest.mark.django_db


def projected(person: Student, now=None) -> Projection:
    return project(load([person.pk])[person.pk], reference.current(), now or timezone.now())


def document(person: Student, level: Level) -> Document:
    made = projected(person).families[PARTNERS][level]
    assert made is not None
    return made


def full(person: Student) -> Document:
    made = projected(person).families[FULL][0]
    assert made is not None
    return made


# Their root survives stemming, so that it would be seen in analysed words too.
SECRETS = {
    "email": "zyxqaddress@students.example",
    "phone": "+7999zyxq",
    "links": [{"kind": "website", "url": "https://zyxqlink.example/"}],
}


def rich(**fields) -> Student:
    """A student with something in every field, and words that may stand nowhere."""
    person = cast.student(
        "Zoë Quist-Ёлкина",
        number="N-4711",
        skills={"crispr": 4},
        labs=[cast.lab()],
        **{"native_name": "Зоя Ёлкина", "programme": cast.programme(), "degree": "master"},
        **{"graduation_date": date(2026, 6, 30), "available_from": date(2026, 7, 1), "headline": "A headline"},
        **{"thesis_title": "On genomes", "thesis_abstract": "An abstract", "summary": "A summary"},
        **{"projects": "Projects", "home_city": City.objects.first(), "willing_to_travel": True},
        publications=[{"title": "A publication", "year": 2025, "url": "https://zyxqpaper.example/"}],
        languages=[{"code": "ru", "level": "B2"}],
        **{**SECRETS, **fields},
    )
    for shared, title in ((True, "Zyxqdefence"), (False, "Zyxqsecret")):
        evidence = add_evidence(claim=person.claims.get(), kind="defence", title=title, by=cast.BY)
        share_evidence(evidence=evidence, shared=shared, by=cast.BY)
    return person


def test_every_declared_field_stands_in_the_documents_of_its_family():
    person = rich()
    cast.consent(person, None, "evaluations")
    families = projected(person).families
    for family in FAMILIES:
        declared = {field.name for field in fields_of(family)} - {"version"}
        made = [document for document in families[family].values() if document]
        assert made
        assert all(set(document) == declared for document in made if document.get("evidenced")), family


def test_contact_details_links_and_the_text_of_evidence_stand_in_no_document():
    person = rich()
    cast.consent(person, None, "evaluations", "contact")
    text = json.dumps(projected(person).families, ensure_ascii=False).lower()
    assert "zyxq" not in text
    assert "quist" in text


def test_the_number_is_for_the_university_alone():
    person = rich()
    cast.consent(person, None, "evaluations")
    assert "4711" in full(person)["number"]
    assert "4711" not in json.dumps(projected(person).families[PARTNERS])


def test_whoever_never_consented_has_no_document_for_partners_to_write_or_to_remove():
    person = rich()
    assert PARTNERS not in projected(person).families
    cast.block(person, cast.partner())
    assert PARTNERS not in projected(person).families


def test_a_profile_holds_no_evidence_and_an_evaluated_one_what_the_student_shared():
    ours, theirs, person = cast.partner("ours"), cast.partner("theirs"), rich()
    cast.consent(person, ours, "evaluations")
    cast.consent(person, theirs, "profile")
    assert not document(person, Level.PROFILE).get("evidenced")
    assert not document(person, Level.PROFILE).get("evidenced_level")
    assert ANY_EVIDENCE in document(person, Level.EVALUATED)["evidenced"]
    shared = person.claims.get().evidence.get(shared=True)
    share_evidence(evidence=shared, shared=False, by=cast.BY)
    assert not document(person, Level.EVALUATED).get("evidenced")
    assert ANY_EVIDENCE in full(person)["evidenced"]


def test_each_partner_is_named_by_at_most_one_document():
    ours, theirs, person = cast.partner("ours"), cast.partner("theirs"), rich()
    cast.consent(person)
    cast.consent(person, ours, "evaluations")
    cast.block(person, theirs)
    profile, evaluated = document(person, Level.PROFILE), document(person, Level.EVALUATED)
    assert (profile["audience"], evaluated["audience"]) == (["all"], [str(ours.pk)])
    assert set(profile["kept_out"]) == {str(ours.pk), str(theirs.pk)}
    assert str(ours.pk) not in evaluated["kept_out"]


@pytest.mark.parametrize(
    ("given", "profile_hours", "evaluated_hours"),
    [
        ([("profile", None)], None, "absent"),
        ([("profile", 5), ("profile", 2)], 2, "absent"),
        ([("evaluations", 3), ("profile", 9)], "absent", 3),
        ([("profile", None), ("contact", 1)], None, "absent"),
    ],
)
def test_a_document_lasts_until_the_earliest_end_it_rests_on(given, profile_hours, evaluated_hours):
    person, now = cast.student(), timezone.now()
    for scope, hours in given:
        cast.consent(person, None, scope, expires=now + timedelta(hours=hours) if hours else None)
    for level, hours in ((Level.PROFILE, profile_hours), (Level.EVALUATED, evaluated_hours)):
        made = projected(person).families[PARTNERS][level]
        if hours == "absent":
            assert made is None
        else:
            assert made["valid_until"] == (milliseconds(now + timedelta(hours=hours)) if hours else FOR_EVER)


def test_a_full_document_lasts_until_the_first_end_of_a_place_held_now():
    lab, person = cast.lab(), cast.student()
    today = timezone.localdate()
    rows = [{"lab": lab, "ends": today - timedelta(days=9)}, {"lab": lab, "ends": today + timedelta(days=3)}]
    rows += [{"lab": cast.lab("Later"), "starts": today + timedelta(days=1), "ends": today + timedelta(days=2)}]
    update_student(student=person, by=cast.BY, memberships=rows)
    made, midnight = full(person), timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    assert made["valid_until"] == milliseconds(midnight + timedelta(days=4))
    assert made["current_lab"] == [str(lab.pk)]
    assert len(made["lab"]) == 2
    assert projected(person).due_at == midnight + timedelta(days=1)


def test_a_place_that_ends_with_the_calendar_has_no_end():
    person = cast.student()
    update_student(student=person, by=cast.BY, memberships=[{"lab": cast.lab(), "ends": date.max}])
    assert full(person)["valid_until"] == FOR_EVER


def test_the_digest_tells_any_other_content_apart():
    person = rich()
    before = full(person)["digest"]
    assert full(person)["digest"] == before
    Student.objects.filter(pk=person.pk).update(summary="Another summary")
    assert full(person)["digest"] != before


def test_what_is_removed_is_every_document_that_can_be():
    person = rich()
    cast.consent(person, None, "evaluations")
    families = projected(person).families
    assert {family: set(levels) for family, levels in REMOVED.items()} == {f: set(x) for f, x in families.items()}
    assert all(document is None for levels in REMOVED.values() for document in levels.values())
