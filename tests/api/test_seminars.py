"""Seminars, open and closed, and who is invited, registered and came."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from crm.actions.reference import save_professor
from crm.actions.seminars import add_attendance
from crm.models import Professor, Touchpoint
from crm.touchpoints import rebuild_touchpoints
from tests import cast
from tests.api.conftest import World
from tests.cast import BY

Client = Callable[[str], APIClient]


def touched(record: Any) -> set[tuple[str, str]]:
    """What touchpoints of a record link the partner with."""
    rows = Touchpoint.objects.filter(record=record.public_id).select_related("lab", "professor", "student")
    return {
        (kind, getattr(row, kind).name)
        for row in rows
        for kind in ("lab", "professor", "student")
        if getattr(row, kind)
    }


def test_a_seminar_is_announced_and_changed(client: Client, world: World) -> None:
    body = {
        "title": "Yeast at rest",
        "is_open": False,
        "lab": "test-enzymes-lab",
        "speakers": [str(world.professor.public_id)],
        "other_speakers": "A guest from afar",
        "place": "Room 7",
        "starts": "2026-05-04T17:00:00+03:00",
        "ends": "2026-05-04T18:30:00+03:00",
    }
    office = client("office")
    made = office.post("/api/v1/seminars/", body).json()
    assert (made["lab"]["slug"], made["speakers"][0]["name"], made["is_open"]) == (
        "test-enzymes-lab",
        "Pavel Lesnoy",
        False,
    )
    changed = office.patch(f"/api/v1/seminars/{made['id']}/", {"is_open": True, "lab": None, "speakers": []}).json()
    assert (changed["is_open"], changed["lab"], changed["speakers"], changed["place"]) == (True, None, [], "Room 7")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ends": "2026-05-03"}, "ends"),
        ({"starts": "0001-01-01"}, "starts"),
        ({"lab": "nowhere"}, "lab"),
        ({"speakers": ["S-1"]}, "speakers"),
        ({"guests": []}, "guests"),
    ],
)
def test_what_cannot_be_a_seminar_is_named(client: Client, wrong: dict[str, Any], field: str) -> None:
    response = client("office").post("/api/v1/seminars/", {"title": "T", "starts": "2026-05-04", **wrong})
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == [field]


def test_a_closed_seminar_is_listed_for_the_university_and_for_whom_it_invites(client: Client, world: World) -> None:
    def titles(role: str) -> set[str]:
        return {row["title"] for row in client(role).get("/api/v1/seminars/").json()["results"]}

    both = {"Enzymes at work", "Assays in private"}
    assert titles("office") == titles("professor") == titles("partner") == both
    assert titles("rival") == titles("student") == titles("stranger") == {"Enzymes at work"}
    add_attendance(seminar=world.closed_seminar, student=world.sonya, by=BY)
    assert titles("student") == both


def test_partners_and_students_see_no_attendance_but_their_own(client: Client, world: World) -> None:
    for guest in (world.sonya, world.nikita):
        add_attendance(seminar=world.seminar, student=guest, by=BY)
    rolf = world.users["rival"].representative
    add_attendance(seminar=world.seminar, representative=rolf, state="registered", by=BY)

    def guests(role: str) -> list[str]:
        rows = client(role).get(f"/api/v1/attendances/?seminar={world.seminar.public_id}").json()["results"]
        return sorted((row["representative"] or row["professor"] or row["student"])["name"] for row in rows)

    everybody = ["Hanna Brook", "Nikita Novikov", "Rolf Stern", "Sonya Sokolova"]
    assert guests("office") == guests("professor") == everybody
    assert (guests("partner"), guests("rival")) == (["Hanna Brook"], ["Rolf Stern"])
    assert (guests("student"), guests("stranger")) == (["Sonya Sokolova"], ["Nikita Novikov"])


def test_a_professor_sees_each_row_once_however_many_speak(client: Client, world: World) -> None:
    others = [save_professor(professor=Professor(), by=BY, family_name=f"Speaker{n}") for n in range(3)]
    world.seminar.speakers.set([world.professor, *others])
    rows = client("professor").get("/api/v1/attendances/").json()["results"]
    assert [row["id"] for row in rows] == [str(world.attendance.public_id)]


def test_who_attended_met_the_lab_and_the_speakers_and_who_did_not_met_nobody(client: Client, world: World) -> None:
    office, path = client("office"), f"/api/v1/attendances/{world.attendance.public_id}/"
    met = {("lab", "Test Enzymes Lab"), ("professor", "Pavel Lesnoy")}
    assert touched(world.attendance) == met
    assert office.patch(path, {"state": "no_show"}).json()["state"] == "no_show"
    assert touched(world.attendance) == set()
    office.patch(path, {"state": "attended"})
    assert touched(world.attendance) == met
    assert rebuild_touchpoints(verify=True) == 0


def test_a_seminar_that_is_corrected_corrects_whom_its_guests_met(client: Client, world: World) -> None:
    path = f"/api/v1/seminars/{world.seminar.public_id}/"
    day = timezone.localdate() - timedelta(days=40)
    body = {"lab": "test-photonics-lab", "speakers": [], "starts": f"{day}T10:00:00"}
    assert client("office").patch(path, body).status_code == 200
    assert touched(world.attendance) == {("lab", "Test Photonics Lab")}
    assert set(Touchpoint.objects.filter(kind="seminar").values_list("date", flat=True)) == {day}
    assert rebuild_touchpoints(verify=True) == 0


def test_one_person_stands_once_on_a_list(client: Client, world: World) -> None:
    body = {"seminar": str(world.seminar.public_id), "representative": str(world.representative.public_id)}
    response = client("office").post("/api/v1/attendances/", body)
    assert response.status_code == 409
    assert response.json()["error"]["fields"]["existing"] == [str(world.attendance.public_id)]


@pytest.mark.parametrize("guests", [{}, {"student": "S-1", "professor": "{professor}"}])
def test_a_row_names_one_person(client: Client, world: World, guests: dict[str, str]) -> None:
    named = {name: text.format(professor=world.professor.public_id) for name, text in guests.items()}
    response = client("office").post("/api/v1/attendances/", {"seminar": str(world.seminar.public_id), **named})
    assert response.status_code == 400


@pytest.mark.parametrize("state", ["attended", "no_show"])
def test_nobody_attended_what_lies_ahead(client: Client, world: World, state: str) -> None:
    ahead = cast.seminar("Next month", days_ago=-30)
    office, body = client("office"), {"seminar": str(ahead.public_id), "student": "S-1"}
    refused = office.post("/api/v1/attendances/", {**body, "state": state})
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, ["state"])
    made = office.post("/api/v1/attendances/", {**body, "state": "registered"}).json()
    assert office.patch(f"/api/v1/attendances/{made['id']}/", {"state": state}).status_code == 400
    moved = office.patch(f"/api/v1/seminars/{world.seminar.public_id}/", {"starts": ahead.starts.isoformat()})
    assert (moved.status_code, list(moved.json()["error"]["fields"])) == (409, ["starts"])


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("search=private", ["Assays in private"]),
        ("lab=test-enzymes-lab", ["Enzymes at work"]),
        ("speaker={professor}", ["Enzymes at work"]),
        ("is_open=false", ["Assays in private"]),
        ("year=1999", []),
        ("to=1999-12-31", []),
        ("from=2000-01-01", ["Assays in private", "Enzymes at work"]),
    ],
)
def test_seminars_are_filtered(client: Client, world: World, query: str, titles: list[str]) -> None:
    answer = client("office").get(f"/api/v1/seminars/?{query.format(professor=world.professor.public_id)}")
    assert sorted(row["title"] for row in answer.json()["results"]) == titles


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=invited", 1),
        ("partner=biofirm", 2),
        ("lab=test-enzymes-lab", 1),
        ("representative={representative}&state=attended", 1),
        ("student=S-1", 0),
        ("professor={professor}", 0),
        ("year=1999", 0),
    ],
)
def test_attendances_are_filtered(client: Client, world: World, query: str, count: int) -> None:
    ids = {"representative": world.representative.public_id, "professor": world.professor.public_id}
    answer = client("office").get(f"/api/v1/attendances/?{query.format(**ids)}")
    assert len(answer.json()["results"]) == count
