"""Attendance lists: whom a row means, what becomes of each, and that a bad one stops no other."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from rest_framework.test import APIClient

from crm.actions.partners import add_representative, update_representative
from crm.models import Attendance, Representative, Student, Touchpoint
from crm.touchpoints import rebuild_touchpoints
from tests import cast
from tests.api.conftest import World
from tests.api.test_seminars import touched
from tests.cast import BY
from tests.crm.test_commands import run

Client = Callable[[str], APIClient]
COUNTS = ("created", "updated", "unchanged", "rejected", "people_created")


def sent(client: APIClient, world: World, body: Any, kind: str = "text/csv") -> Any:
    path = f"/api/v1/seminars/{world.seminar.public_id}/attendances/import/"
    data = body if isinstance(body, bytes) else json.dumps(body).encode() if kind.endswith("json") else body.encode()
    return client.generic("POST", path, data, kind)


def counts(answer: Any) -> tuple[int, ...]:
    assert answer.status_code == 200, answer.content
    return tuple(answer.json()[name] for name in COUNTS)


def state_of(**guest: Any) -> str:
    return Attendance.objects.get(seminar__title="Enzymes at work", **guest).state


def test_a_list_puts_known_people_on_it_and_says_why_not(client: Client, world: World) -> None:
    text = """Name;Company;Job title;E-mail;Student number;Attended
Hanna Brook;Biofirm;;;;no
;;;HANNA@biofirm.example;;no
;;;;S-2;yes
;;;sonya.sokolova@students.example;;
Mira Falk;biofirm;Chemist;mira@biofirm.example;;yes
Nobody Known;Nofirm;;;;yes
;;;stranger@nowhere.example;;
;;;;S-99;
Only Name;;;;;
;;;not an address;;
;;;pavel@university.example;;perhaps
"""
    answer = sent(client("office"), world, text)
    assert counts(answer) == (3, 1, 1, 6, 1)
    reasons = {row["line"]: row["reason"] for row in answer.json()["rejections"]}
    assert list(reasons) == [7, 8, 9, 10, 11, 12]
    assert all(word in reasons[line] for line, word in ((7, "Nofirm"), (8, "email"), (9, "S-99"), (10, "full name")))
    assert (state_of(representative=world.representative), state_of(student=world.nikita)) == ("no_show", "attended")
    mira = Representative.objects.get(family_name="Falk")
    assert (mira.partner, mira.position, mira.email) == (world.partner, "Chemist", "mira@biofirm.example")
    assert touched(world.attendance) == set()
    assert touched(mira.attendances.get()) == {("lab", "Test Enzymes Lab"), ("professor", "Pavel Lesnoy")}
    assert rebuild_touchpoints(verify=True) == 0
    assert counts(sent(client("office"), world, text)) == (0, 0, 5, 6, 0)


def test_rows_come_as_json_too(client: Client, world: World) -> None:
    rows = [{"email": "rolf@rivalfirm.example"}, {"student_number": "S-1", "state": "no-show"}, {}, {"name": "A B"}]
    answer = sent(client("office"), world, {"rows": rows}, "application/json")
    assert counts(answer) == (2, 0, 0, 1, 0)
    assert answer.json()["rejections"][0]["line"] == 4
    assert (state_of(student=world.sonya), state_of(representative__family_name="Stern")) == ("no_show", "attended")


def test_russian_headers_in_cp1251_are_read(client: Client, world: World) -> None:
    Student.objects.filter(pk=world.vera.pk).update(number="С-3")
    text = "Номер студента;Организация;Присутствовал\nС-3;Университет;да\nС-4;Другая организация;не был\n"
    answer = sent(client("office"), world, text.encode("cp1251"))
    assert counts(answer) == (1, 0, 0, 1, 0)
    assert state_of(student=world.vera) == "attended"


def test_who_moved_is_met_at_the_new_partner(client: Client, world: World) -> None:
    """The address moved along; the row that ended stays what it was."""
    update_representative(representative=world.representative, ends="2026-01-31", email="hanna@post.example", by=BY)
    world.attendance.delete()
    text = "name,partner,email\nHanna Brook,Rivalfirm,hanna@post.example\n"
    assert counts(sent(client("office"), world, text)) == (1, 0, 0, 0, 1)
    assert state_of(representative__partner=world.rival_partner) == "attended"
    assert counts(sent(client("office"), world, text)) == (0, 0, 1, 0, 0)


def test_an_address_or_a_name_of_two_people_is_refused(client: Client, world: World) -> None:
    for family in ("Twin", "Twin"):
        names = {"given_name": "Tom", "family_name": family, "email": "desk@biofirm.example"}
        add_representative(partner=world.partner, by=BY, **names)
    text = "name,partner,email\n,,desk@biofirm.example\nTom Twin,biofirm,\n"
    answer = sent(client("office"), world, text)
    assert counts(answer) == (0, 0, 0, 2, 0)
    assert [row["person"] for row in answer.json()["rejections"]] == ["desk@biofirm.example", "Tom Twin"]


def test_before_its_day_a_blank_state_means_registered(client: Client, world: World) -> None:
    world.seminar = cast.seminar("Next month", days_ago=-30)
    answer = sent(client("office"), world, "student number,state\nS-1,\nS-2,attended\n")
    assert counts(answer) == (1, 0, 0, 1, 0)
    assert "seminar is on" in answer.json()["rejections"][0]["reason"]
    assert world.seminar.attendances.get().state == "registered"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "text/csv", 400),
        (b"colour,shape\nred,round\n", "text/csv", 400),
        (b"\x00\x01\x02\x03" * 99, "text/csv", 400),
        (b"PK\x03\x04" + b"\x00" * 99, "text/csv", 400),
        (b"email\n" + b"a@b.example\n" * 2_001, "text/csv", 400),
        (b"email\n" + b"x" * 1_000_000, "text/csv", 413),
        (b'email\n"never closed', "text/csv", 200),
        ({"rows": "all"}, "application/json", 400),
        ({"rows": [{"email": 5, "colour": "red"}]}, "application/json", 400),
        ({"rows": [{}] * 2_001}, "application/json", 400),
        ([], "application/json", 400),
        (b"email=a", "application/x-www-form-urlencoded", 415),
    ],
    ids=lambda value: str(value)[:30],
)
def test_no_list_breaks_it(client: Client, world: World, body: Any, kind: str, status: int) -> None:
    assert sent(client("office"), world, body, kind).status_code == status
    assert Attendance.objects.filter(seminar=world.seminar).count() == 1


def test_the_command_imports_and_rehearses(world: World, tmp_path: Path) -> None:
    path, seminar = tmp_path / "came.csv", str(world.seminar.public_id)
    path.write_text("student_number,name,partner\nS-1,,\n,New Guest,biofirm\nS-99,,\n", encoding="utf-8")
    rehearsed = json.loads(run("import_attendance", seminar, str(path), "--dry-run", "--json"))
    assert (rehearsed["dry_run"], rehearsed["created"], rehearsed["rejected"]) == (True, 2, 1)
    assert not Representative.objects.filter(family_name="Guest").exists()
    assert Attendance.objects.filter(seminar=world.seminar).count() == 1
    assert run("import_attendance", seminar, str(path)).startswith(
        "3 rows: 2 created, 0 updated, 0 unchanged, 1 rejected"
    )
    assert Touchpoint.objects.filter(kind="seminar").values("record").distinct().count() == 2
    for wrong in ("no-such", "5b0c6d2e-8f0a-4f5e-9a53-0d8f1c1f7a10"):
        with pytest.raises(CommandError, match="no seminar"):
            run("import_attendance", wrong, str(path))


def test_a_dry_run_over_rest_says_what_would_become_of_it_and_writes_nothing(client: Client, world: World) -> None:
    path = f"/api/v1/seminars/{world.seminar.public_id}/attendances/import/"
    person = {"name": "Mira Falk", "partner": "biofirm", "state": "attended"}
    body = {"rows": [person, {"email": "hanna@biofirm.example", "state": "no_show"}, {"name": "Nobody"}]}
    before = [list(model.objects.order_by("pk").values()) for model in (Attendance, Representative, Touchpoint)]
    answer = client("office").post(f"{path}?dry_run=true", body)
    assert (counts(answer), answer.json()["dry_run"]) == ((1, 1, 0, 1, 1), True)
    after = [list(model.objects.order_by("pk").values()) for model in (Attendance, Representative, Touchpoint)]
    assert after == before
    refused = client("office").post(f"{path}?dry_run=perhaps", body)
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, ["dry_run"])
    done = client("office").post(f"{path}?dry_run=false", body)
    assert (counts(done), done.json()["dry_run"]) == ((1, 1, 0, 1, 1), False)
