"""Pathways of hires: the documented chain back to the seminar, as each role may read it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from crm.actions.consents import withdraw_consent
from crm.models import Hire, Student
from tests import cast
from tests.api.conftest import World
from tests.api.test_timeline import hired_today

Client = Callable[[str], APIClient]


@pytest.fixture
def hire(world: World) -> Hire:
    """Sonya was met, asked for and hired."""
    cast.introduction(world.sonya, world.users["partner"], "accepted")
    return hired_today(world.sonya, world)


def path_of(one: APIClient, hire: Hire) -> Any:
    response = one.get(f"/api/v1/hires/{hire.public_id}/pathway/")
    assert response.status_code == 200, response.content
    return response.json()


def steps(path: Any) -> list[dict[str, Any]]:
    return [step for step in (path["first"], *path["assisting"], path["last"]) if step]


def kinds(path: Any) -> list[str]:
    return [step["kind"] for step in steps(path)]


@pytest.mark.parametrize(
    ("role", "found"),
    [
        ("office", ["seminar", "contact", "introduction"]),
        ("admin", ["seminar", "contact", "introduction"]),
        ("partner", ["seminar", "contact", "introduction"]),
        ("professor", ["seminar", "contact"]),
        ("student", ["contact", "introduction"]),
    ],
)
def test_each_reads_the_path_as_far_as_they_may_see(
    client: Client, world: World, hire: Hire, role: str, found: list[str]
) -> None:
    path = path_of(client(role), hire)
    assert kinds(path) == found
    assert path["count"] == len(found)
    names = {student["name"] for step in steps(path) for student in step["students"]}
    assert names == {"Sonya Sokolova"}


def test_what_the_partner_did_with_other_students_of_the_lab_is_no_part_of_the_path(
    client: Client, world: World, hire: Hire
) -> None:
    other: Student = cast.student("Mora More", labs=[world.lab])
    cast.immersion(other, world.partner, "active", lab=world.lab, academic_supervisor=world.professor)
    cast.recommendation(other, world.users["professor"], world.partner, shared=True)
    own = cast.recommendation(world.sonya, world.users["professor"], world.partner, shared=True)
    path = path_of(client("office"), hire)
    assert kinds(path) == ["seminar", "contact", "recommendation", "introduction"]
    assert own.public_id.hex in {step["record"].replace("-", "") for step in steps(path)}


def test_without_consent_a_partner_s_own_hire_tells_of_no_lab_and_no_professor(
    client: Client, world: World, hire: Hire
) -> None:
    """Labs and supervisors are the profile's, also those that come later."""
    followed = f"/api/v1/seminars/{world.seminar.public_id}/followed/"
    assert client("partner").get(followed).json()["results"]
    withdraw_consent(consent=world.consent, by=cast.BY)
    path = path_of(client("partner"), hire)
    assert (set(kinds(path)), path["count"]) == ({"introduction"}, 1)
    answer = client("partner").get(followed)
    assert (answer.status_code, answer.json()["results"]) == (200, [])
    assert kinds(path_of(client("office"), hire)) == ["seminar", "contact", "introduction"]


def test_an_earlier_hire_of_one_day_is_two_steps(client: Client, world: World) -> None:
    first = hired_today(world.sonya, world)
    Hire.objects.filter(pk=first.pk).update(state="rescinded")
    again = hired_today(world.sonya, world)
    path = path_of(client("office"), again)
    assert kinds(path) == ["seminar", "contact", "offer", "hire"]
    assert path["count"] == 4


@pytest.mark.parametrize("role", ["office", "partner"])
def test_a_path_costs_the_same_however_long(client: Client, world: World, hire: Hire, role: str) -> None:
    one, counts = client(role), []
    for _ in range(2):
        for _ in range(3):
            cast.contact(world.sonya, world.professor, world.representative, seminar=world.seminar)
        with CaptureQueriesContext(connection) as queries:
            path_of(one, hire)
        counts.append(len(queries))
    assert counts == [QUERIES[role]] * 2


QUERIES = {"office": 21, "partner": 23}
"""The token, the hire, who sees the profile, the student's labs and professors, the first and last places, their entries, seminars, disclosures."""
