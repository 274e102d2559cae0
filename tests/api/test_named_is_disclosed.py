"""Whoever reads an answer that names a student leaves a disclosure of that student: law 9, over every route."""

from typing import Any

import pytest

from crm.models import Disclosure, Student, User
from tests.api.conftest import Table, World
from tests.api.test_permissions import ROLES, TABLE

pytestmark = pytest.mark.once

READINGS = [path for method, path, *_ in TABLE if method == "GET" and not path.startswith("links/")]
"""Who answers by a one-time link was disclosed to with the mail that brought it."""


def named_in(answer: Any) -> set[int]:
    if answer.status_code != 200:
        return set()  # it may repeat what was asked for
    text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode(errors="replace")
    students = Student.objects.all()
    return {one.pk for one in students if one.name in text or str(one.public_id) in text}


def disclosed_to(user: User, since: int) -> set[int]:
    return set(Disclosure.objects.filter(viewer=user, pk__gt=since).values_list("student_id", flat=True))


@pytest.fixture
def latest(table: Table) -> int:
    """The last disclosure before anybody asks."""
    newest = Disclosure.objects.order_by("pk").last()
    return newest.pk if newest else 0


@pytest.mark.parametrize("path", READINGS)
def test_who_is_named_to_somebody_else_reads_of_it(
    world: World, table: Table, latest: int, path: str, request: pytest.FixtureRequest
) -> None:
    if "candidates/" in path:
        request.getfixturevalue("index")
    for role in ROLES[:-1]:
        user = world.users[role]
        answer = table.clients[role].get(f"/api/v1/{path.format(**table.ids)}")
        unsaid = named_in(answer) - disclosed_to(user, latest) - {user.student_id}
        assert (role, unsaid) == (role, set())


def test_the_routes_name_students(table: Table) -> None:
    """Else the test above would hold of empty answers."""
    for path in ("consents/", "blocks/", "outcomes/", "mails/", "users/", "students/", "hires/"):
        assert named_in(table.clients["admin"].get(f"/api/v1/{path}")), path
