"""What became of graduates: who says so, which row holds, and how much of it is known."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from crm.actions.outcomes import record_outcome
from crm.models import OutcomeKind, Student
from tests import cast
from tests.api.conftest import World
from tests.cast import BY

Client = Callable[[str], APIClient]
OUTCOMES, REPORT = "/api/v1/outcomes/", "/api/v1/reports/outcomes/"
TODAY = timezone.localdate()


def say(client: APIClient, **body: Any) -> Any:
    return client.post(OUTCOMES, {"kind": "seeking", **body})


def test_students_speak_for_themselves_with_their_statement_as_source(client: Client) -> None:
    made = say(client("student"), kind="employed", employer="Quillwave")
    assert made.status_code == 201
    told = made.json()
    assert (told["student"]["number"], told["employer"], told["date"]) == ("S-1", "Quillwave", TODAY.isoformat())
    assert told["source"] == "the student's own statement"
    assert say(client("stranger"), student="S-1").status_code == 400


def test_the_office_says_of_whom_and_from_where(client: Client) -> None:
    office = client("office")
    assert list(say(office, student="S-2").json()["error"]["fields"]) == ["source"]
    assert list(say(office, source="A survey").json()["error"]["fields"]) == ["student"]
    made = say(office, student="S-2", source="A survey", date="2026-01-31").json()
    assert (made["source"], made["date"]) == ("A survey", "2026-01-31")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "famous"}, "kind"),
        ({"kind": None}, "kind"),
        ({"date": "2999-01-01"}, "date"),
        ({"date": None}, "date"),
        ({"source": " "}, "source"),
        ({"employer": "x" * 201}, "employer"),
        ({"created_at": "2026-01-01"}, "created_at"),
    ],
)
def test_what_cannot_be_is_named(client: Client, body: dict[str, Any], field: str) -> None:
    response = say(client("office"), **{"student": "S-1", "source": "A survey"} | body)
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, [field])


def test_nobody_else_reads_what_became_of_a_graduate(client: Client, world: World) -> None:
    record_outcome(student=world.sonya, kind="employed", source="A letter", employer="Canary Ltd", by=BY)
    for role in ("professor", "partner", "rival"):
        assert client(role).get(OUTCOMES).status_code == 403
    assert client("stranger").get(OUTCOMES).json()["results"] == []
    assert len(client("student").get(OUTCOMES).json()["results"]) == 1
    assert client("student").get("/api/v1/me/export/").json()["outcomes"][0]["employer"] == "Canary Ltd"


def test_outcomes_are_filtered(client: Client, world: World) -> None:
    office, day = client("office"), TODAY - timedelta(days=9)
    for kind in ("seeking", "employed"):
        record_outcome(student=world.sonya, kind=kind, source="A letter", date=day, by=BY)
    record_outcome(student=world.sonya, kind="unknown", source="A letter", date=day - timedelta(days=1), by=BY)
    record_outcome(student=world.nikita, kind="seeking", source="A letter", by=BY)

    def found(query: str) -> list[tuple[str, str]]:
        rows = office.get(f"{OUTCOMES}?{query}").json()["results"]
        return [(row["student"]["number"], row["kind"]) for row in rows]

    assert found("latest=true") == [("S-2", "seeking"), ("S-1", "employed")]
    assert found("latest=false") == [("S-1", "seeking"), ("S-1", "unknown")]
    assert found("kind=seeking&latest=true") == found("student=S-2") == [("S-2", "seeking")]
    by_sonya = [("S-1", "employed"), ("S-1", "seeking"), ("S-1", "unknown")]
    for query in ("year=2026", "lab=test-enzymes-lab", "programme=test-life-sciences", "student=S-1"):
        assert found(query) == by_sonya
    assert office.get(f"{OUTCOMES}?kind=famous").status_code == 400


# The report ---------------------------------------------------------------------------------------------------------


def graduate(year: int, **fields: Any) -> Student:
    return cast.student("Greta Birch", graduation_date=date(year, 6, 30), **fields)


def test_the_report_counts_graduates_by_their_latest_outcome(client: Client, world: World) -> None:
    Student.objects.update(graduation_date=None)
    for kinds in (["employed"], ["seeking", "further_study"], ["further_study", "unknown"], [], ["not_seeking"]):
        person = graduate(2025)
        for place, kind in enumerate(kinds):
            record_outcome(student=person, kind=kind, source="Survey", date=date(2025, 7, 1 + place), by=BY)
    report = client("office").get(REPORT).json()
    wanted = {"employed": 1, "further_study": 1, "seeking": 0, "not_seeking": 1, "unknown": 2}
    assert report == {"graduates": 5, "counts": wanted, "known": 3, "knowledge_rate": 0.6}
    assert set(wanted) == set(OutcomeKind.values)


@pytest.mark.parametrize(
    ("state", "kind"), [("offered", "seeking"), ("accepted", "employed"), ("started", "employed"), ("left", "seeking")]
)
def test_a_hire_here_that_holds_counts_as_employed(client: Client, world: World, state: str, kind: str) -> None:
    Student.objects.update(graduation_date=None)
    person = graduate(2025)
    cast.hire(person, world.partner, state)
    record_outcome(student=person, kind="seeking", source="Survey", by=BY)
    counts = client("office").get(REPORT).json()["counts"]
    assert {name for name, count in counts.items() if count} == {kind}


def test_who_has_not_graduated_is_no_graduate(client: Client, world: World) -> None:
    Student.objects.update(graduation_date=TODAY + timedelta(days=1))
    assert client("office").get(REPORT).json() == {
        "graduates": 0,
        "counts": dict.fromkeys(OutcomeKind.values, 0),
        "known": 0,
        "knowledge_rate": None,
    }


def test_the_report_is_for_a_year_a_programme_or_a_lab(client: Client, world: World) -> None:
    Student.objects.update(graduation_date=None)
    graduate(2024, labs=[world.lab])
    graduate(2025, programme=world.programme, labs=[world.lab, world.other_lab])
    office = client("office")
    asked = {
        "year=2024": 1,
        "year=2023": 0,
        "programme=test-life-sciences": 1,
        "lab=test-enzymes-lab": 2,
        "lab=test-photonics-lab": 1,
        "lab=test-enzymes-lab&year=2024": 1,
        "lab=test-enzymes-lab&year=2024&programme=test-life-sciences": 0,
    }
    assert {query: office.get(f"{REPORT}?{query}").json()["graduates"] for query in asked} == asked
    for wrong in ("lab=x", "year=x", "partner=biofirm", "page_size=2"):
        response = office.get(f"{REPORT}?{wrong}")
        assert (response.status_code, list(response.json()["error"]["fields"])) == (400, [wrong.partition("=")[0]])
