"""The moves that were made of a record: for the university, at the address of its moves."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests import cast
from tests.api.conftest import World

Client = Callable[[str], APIClient]


def test_the_university_reads_who_moved_a_record_when_and_why(client: Client, world: World) -> None:
    stay = cast.immersion(world.sonya, world.partner)
    path = f"/api/v1/immersions/{stay.public_id}/moves/"
    client("student").post(path, {"to": "applied"})
    client("partner").post(path, {"to": "cancelled", "reason": "The lab moves."})
    for role in ("office", "admin"):
        history = client(role).get(path).json()["history"]
        assert [(row["from"], row["to"], row["by"], row["reason"]) for row in history] == [
            ("", "proposed", "test", ""),
            ("proposed", "applied", "student", ""),
            ("applied", "cancelled", "partner", "The lab moves."),
        ]
        assert [row["at"] for row in history] == sorted(row["at"] for row in history)
    for role in ("professor", "partner", "student"):
        assert "history" not in client(role).get(path).json()


def test_a_history_costs_the_same_however_long(client: Client, world: World) -> None:
    office, counts = client("office"), []
    for state in ("proposed", "agreed"):
        stay = cast.immersion(world.sonya, world.partner, state)
        with CaptureQueriesContext(connection) as queries:
            office.get(f"/api/v1/immersions/{stay.public_id}/moves/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
