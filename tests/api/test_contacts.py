"""The contact log: four fields from a seminar, people met for the first time, twins, edits, and what stays private."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from crm.actions.contacts import update_contact
from crm.actions.erasure import erase_student
from crm.actions.partners import update_representative
from crm.models import Contact, ContactRevision, FollowUp, Mail, Partner, Representative, Touchpoint
from crm.touchpoints import rebuild_touchpoints
from tests import cast
from tests.api.conftest import World, client_of
from tests.api.test_permissions import TABLE, ids_of
from tests.api.test_seminars import touched
from tests.cast import BY

pytestmark = pytest.mark.once

Client = Callable[[str], APIClient]
CANARY = "CANARY of the office"
CONTACTS = "/api/v1/contacts/"


@pytest.fixture
def hanna(world: World) -> str:
    return str(world.representative.public_id)


def names(contact: dict[str, Any], kind: str) -> list[str]:
    return [person["name"] for person in contact[kind]]


def test_private_notes_never_leave_the_office(client: Client, world: World) -> None:
    """Whatever any role may read of the contact, in any answer or row that others read."""
    office, path = client("office"), f"{CONTACTS}{world.contact.public_id}/"
    office.patch(path, {"private_notes": "another CANARY of the office"})
    office.patch(path, {"summary": "On assays"})
    readable = (
        *(CONTACTS, path, f"{path}revisions/", f"{CONTACTS}?search=CANARY", "/api/v1/follow-ups/?state=any"),
        *("/api/v1/me/", "/api/v1/me/export/", f"/api/v1/students/{world.sonya.public_id}/", "/api/v1/seminars/"),
        *("/api/v1/timeline/?partner=biofirm", "/api/v1/attendances/", "/api/v1/reports/relationships/"),
    )
    for role in ("professor", "partner", "rival", "student", "stranger"):
        one = client(role)
        for address in readable:
            answer = one.get(address).content.decode()
            assert "CANARY" not in answer.replace("search=CANARY", ""), (role, address)
            assert "private_notes" not in answer, (role, address)
    for role in ("office", "admin"):
        assert client(role).get(path).json()["private_notes"] == "another CANARY of the office"
    for model in (Mail, Touchpoint, FollowUp):
        assert not any("CANARY" in str(row) for row in model.objects.values())


PATHS = [path for method, path, *_ in TABLE if method == "GET"]


@pytest.mark.parametrize("role", ["professor", "partner", "rival", "student", "stranger", "anonymous"])
def test_no_route_shows_private_notes_to_others(world: World, index: None, role: str) -> None:
    for notes in (f"another {CANARY}", f"a third {CANARY}"):
        update_contact(contact=world.contact, private_notes=notes, by=BY)
    client_of(world.users["partner"])  # Whose token stands in the table.
    ids, one = ids_of(world), client_of(world.users.get(role))
    answers = {path: one.get(f"/api/v1/{path.format(**ids)}").getvalue() for path in PATHS}
    assert [path for path, content in answers.items() if b"CANARY" in content or b"private_notes" in content] == []
    assert b"CANARY" in client_of(world.users["office"]).get(f"{CONTACTS}{ids['contact']}/revisions/").content


def test_the_office_alone_finds_notes_in_the_history_and_nobody_searches_them(client: Client, world: World) -> None:
    office, path = client("office"), f"{CONTACTS}{world.contact.public_id}/"
    office.patch(path, {"private_notes": "new"})
    (edit,) = office.get(f"{path}revisions/").json()["results"]
    assert edit["before"] == {"private_notes": CANARY}
    assert client("professor").get(f"{path}revisions/").json()["results"] == []
    assert office.get(f"{CONTACTS}?search=new").json()["results"] == []


def test_four_fields_log_a_contact_of_a_seminar(client: Client, world: World, hanna: str) -> None:
    body = {
        "seminar": str(world.seminar.public_id),
        "representatives": [hanna],
        "summary": "They want to see our assays",
        "follow_up": {"what": "Send the assays", "due": "2027-01-15"},
    }
    response = client("office").post(CONTACTS, body)
    assert response.status_code == 201, response.content
    logged = response.json()
    assert (logged["kind"], logged["partner"]["slug"]) == ("seminar_conversation", "biofirm")
    assert (logged["day"], names(logged, "labs")) == (str(world.seminar.day), ["Test Enzymes Lab"])
    (step,) = logged["follow_ups"]
    assert (step["what"], step["owner"]["name"], step["overdue"]) == (
        "Send the assays",
        "olga@university.example",
        False,
    )
    contact = Contact.objects.get(public_id=logged["id"])
    assert touched(contact) == {("lab", "Test Enzymes Lab")}
    assert FollowUp.objects.get(contact=contact).lab == world.lab


def test_people_and_a_prospect_not_known_yet_are_made_in_the_same_request(client: Client, world: World) -> None:
    person = {"given_name": "Mira", "family_name": "Falk", "partner": {"name": "Ölfirma Nord"}, "position": "Chemist"}
    office, body = (
        client("office"),
        {"kind": "phone", "new_people": [person], "professors": [str(world.professor.public_id)]},
    )
    logged = office.post(CONTACTS, body).json()
    prospect = Partner.objects.get(name="Ölfirma Nord")
    assert (prospect.state, logged["partner"]["slug"]) == ("prospect", prospect.slug)
    assert logged["representatives"][0] | {"id": None} == {
        "id": None,
        "name": "Mira Falk",
        "affiliation": "Chemist, Ölfirma Nord",
    }
    again = office.post(
        CONTACTS, {**body, "new_people": [{**person, "given_name": " mira ", "partner": prospect.slug}]}
    )
    assert (again.status_code, again.json()["error"]["fields"]["existing"]) == (409, [logged["id"]])
    named = {**person, "partner": {"name": "ölfirma  NORD"}}
    assert office.post(CONTACTS, {**body, "new_people": [named], "force": True}).status_code == 201
    assert Partner.objects.filter(name__startswith="Ölfirma").count() == 1
    assert Representative.objects.filter(family_name="Falk").count() == 1


def test_what_is_refused_makes_nobody(client: Client, world: World) -> None:
    person = {"given_name": "Mira", "family_name": "Falk", "partner": {"name": "Newfirm"}}
    bad = {
        "kind": "phone",
        "new_people": [person],
        "follow_up": {"what": "Call", "due": "2027-01-15", "owner": "nobody"},
    }
    assert client("office").post(CONTACTS, bad).status_code == 400
    far = {**bad, "follow_up": {"what": "Call", "due": "9999-12-31"}}
    assert client("office").post(CONTACTS, far).json()["error"]["fields"].keys() == {"due"}
    assert not Partner.objects.filter(name="Newfirm").exists()
    assert not Representative.objects.filter(family_name="Falk").exists()


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({}, 409),
        ({"force": True}, 201),
        ({"labs": ["test-photonics-lab"]}, 409),
        ({"kind": "correspondence"}, 409),
        ({"students": ["S-1"]}, 201),
        ({"at": "2026-05-04T23:00:00"}, 201),
    ],
    ids=str,
)
def test_a_likely_duplicate_needs_force(client: Client, hanna: str, other: dict[str, Any], status: int) -> None:
    office = client("office")
    body = {"kind": "phone", "representatives": [hanna], "at": "2026-05-05T09:00:00"}
    first = office.post(CONTACTS, body).json()
    second = office.post(CONTACTS, {**body, "at": "2026-05-05T19:00:00", **other})
    assert second.status_code == status
    if status == 409:
        error = second.json()["error"]
        assert (error["code"], error["fields"]) == ("conflict", {"existing": [first["id"]]})


def test_the_affiliation_stays_as_it_was_that_day(client: Client, world: World, hanna: str) -> None:
    office = client("office")
    update_representative(representative=world.representative, position="Head of HR", by=BY)
    people = {"representatives": [hanna], "professors": [str(world.professor.public_id)], "students": ["S-1"]}
    logged = office.post(CONTACTS, {"kind": "meeting", **people, "force": True}).json()
    path = f"{CONTACTS}{logged['id']}/"
    update_representative(representative=world.representative, position="Director", by=BY)
    world.professor.headships.all().delete()

    def affiliations() -> list[str]:
        shown = office.get(path).json()
        return [shown[kind][0]["affiliation"] for kind in people]

    then = ["Head of HR, Biofirm", "Test Enzymes Lab", "Test Life Sciences, Test Enzymes Lab"]
    assert affiliations() == then
    office.patch(path, {"summary": "Talked", "labs": ["test-photonics-lab"]})
    assert affiliations() == then
    yesterday = timezone.localtime() - timedelta(days=1)
    office.patch(path, {"at": yesterday.isoformat()})
    assert affiliations()[:2] == ["Director, Biofirm", ""]


def test_edits_keep_their_history(client: Client, world: World) -> None:
    office, path = client("office"), f"{CONTACTS}{world.contact.public_id}/"
    office.patch(path, {"kind": "phone", "summary": "On assays", "students": ["S-2"]})
    office.patch(path, {"summary": "On assays", "at": world.contact.at.isoformat()})
    (edit,) = office.get(f"{path}revisions/").json()["results"]
    assert edit["by"]["name"] == "olga@university.example"
    assert edit["before"].keys() == {"kind", "summary", "students"}
    assert edit["before"]["summary"] == "On enzymes"
    assert edit["before"]["students"][0] | {"id": None} == {
        "id": None,
        "name": "Sonya Sokolova",
        "affiliation": "Test Life Sciences, Test Enzymes Lab",
    }
    assert client("professor").get(f"{path}revisions/").json()["results"] == [edit]
    assert ("student", "Nikita Novikov") in touched(world.contact)
    assert rebuild_touchpoints(verify=True) == 0


def test_an_erased_student_leaves_the_history_too(client: Client, world: World) -> None:
    path = f"{CONTACTS}{world.contact.public_id}/"
    client("office").patch(path, {"students": ["S-2"]})
    client("office").patch(path, {"students": []})
    erased = str(world.sonya.public_id)
    erase_student(student=world.sonya, by=BY)
    kept = [revision.before for revision in ContactRevision.objects.order_by("id")]
    assert [[person["name"] for person in before["students"]] for before in kept] == [["erased"], ["Nikita Novikov"]]
    assert not any(erased in str(before) or "Sonya" in str(before) for before in kept)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"summary": "Hello"}, "kind"),
        ({"kind": "phone"}, "partner"),
        ({"kind": "phone", "representatives": ["{hanna}", "{rolf}"]}, "partner"),
        ({"kind": "phone", "representatives": ["{hanna}"], "partner": "rivalfirm"}, "representatives"),
        ({"kind": "phone", "partner": "biofirm", "at": "2100-01-01"}, "at"),
        ({"kind": "phone", "partner": "biofirm", "at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"kind": "phone", "partner": "nofirm"}, "partner"),
        ({"kind": "phone", "partner": {"title": "Nofirm"}}, "partner"),
        ({"kind": "phone", "partner": {"name": " "}}, "partner"),
        ({"kind": "phone", "partner": "biofirm", "students": ["S-77"]}, "students"),
        ({"seminar": "{ahead}", "partner": "biofirm"}, "seminar"),
        ({"kind": "chat", "partner": "biofirm"}, "kind"),
        ({"kind": "phone", "partner": "biofirm", "new_people": [{"given_name": "Al"}]}, "new_people.0.family_name"),
        (
            {
                "kind": "phone",
                "partner": "biofirm",
                "new_people": [{"given_name": "A", "family_name": "B", "partner": "rivalfirm"}],
            },
            "new_people",
        ),
        ({"kind": "phone", "partner": "biofirm", "follow_up": {"what": "Call"}}, "follow_up.due"),
        ({"kind": "phone", "partner": "biofirm", "logged_by": "me"}, "logged_by"),
    ],
    ids=str,
)
def test_what_cannot_be_logged_is_named(client: Client, world: World, body: dict[str, Any], field: str) -> None:
    rolf, ahead = world.users["rival"].representative, cast.seminar("Next week", days_ago=-7)
    ids = {"hanna": world.representative.public_id, "rolf": rolf.public_id, "ahead": ahead.public_id}

    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(inner) for inner in value]
        return value.format(**ids) if isinstance(value, str) else value

    response = client("office").post(CONTACTS, {name: filled(value) for name, value in body.items()})
    assert response.status_code == 400, response.content
    assert list(response.json()["error"]["fields"]) == [field]


def test_who_had_left_by_that_day_took_no_part(client: Client, world: World, hanna: str) -> None:
    update_representative(representative=world.representative, ends=date(2026, 3, 31), by=BY)
    body = {"kind": "meeting", "representatives": [hanna]}
    refused = client("office").post(CONTACTS, {**body, "at": "2026-04-01T12:00:00"})
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, ["representatives"])
    assert client("office").post(CONTACTS, {**body, "at": "2026-03-31T12:00:00"}).status_code == 201


def test_a_professor_reads_what_they_or_their_lab_took_part_in_and_own_follow_ups(client: Client, world: World) -> None:
    cast.contact(world.lab, world.representative, summary="Of the lab")
    cast.contact(world.other_lab, world.representative, summary="Of another lab")
    cast.follow_up(world.users["office"], contact=world.contact, what="Of the office")
    rows = client("professor").get(CONTACTS).json()["results"]
    assert [row["summary"] for row in rows] == ["Of the lab", "On enzymes"]
    assert [step["what"] for step in rows[1]["follow_ups"]] == ["Send the protocol"]
    assert len(client("office").get(f"{CONTACTS}{world.contact.public_id}/").json()["follow_ups"]) == 2


@pytest.mark.parametrize(
    ("query", "summaries"),
    [
        ("partner=biofirm", ["Newer", "On enzymes"]),
        ("partner=rivalfirm", []),
        ("lab=test-enzymes-lab", ["On enzymes"]),
        ("lab=test-photonics-lab", ["Newer"]),
        ("programme=test-life-sciences", ["On enzymes"]),
        ("professor={professor}", ["On enzymes"]),
        ("representative={representative}", ["Newer", "On enzymes"]),
        ("student=S-1", ["On enzymes"]),
        ("seminar={seminar}", ["On enzymes"]),
        ("kind=meeting", ["Newer", "On enzymes"]),
        ("kind=phone", []),
        ("year=1999", []),
        ("from={today}", ["Newer"]),
        ("to={yesterday}", ["On enzymes"]),
        ("search=enzymes", ["On enzymes"]),
        ("search=biofirm+new", ["Newer"]),
    ],
)
def test_contacts_are_filtered(client: Client, world: World, query: str, summaries: list[str]) -> None:
    cast.contact(world.representative, world.other_lab, summary="Newer")
    Contact.objects.filter(pk=world.contact.pk).update(day=world.seminar.day)
    ids = {name: getattr(world, name).public_id for name in ("professor", "representative", "seminar")}
    days = {"today": timezone.localdate(), "yesterday": timezone.localdate() - timedelta(days=1)}
    rows = client("office").get(f"{CONTACTS}?{query.format(**ids, **days)}").json()["results"]
    assert [row["summary"] for row in rows] == summaries
