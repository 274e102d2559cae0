"""Students who are named in contacts and on lists of seminars read who saw it."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from crm.actions.seminars import add_attendance
from crm.models import Disclosure
from tests import cast
from tests.api.conftest import World
from tests.cast import BY

Client = Callable[[str], APIClient]
VIEWERS = ["office", "admin", "professor"]


def shown(world: World, role: str) -> list[tuple[str, str]]:
    """(kind, student) of the disclosures to a role, oldest first."""
    rows = Disclosure.objects.filter(viewer=world.users[role]).order_by("pk")
    return [(row.kind, row.student.number) for row in rows if row.student]


@pytest.mark.parametrize("role", VIEWERS)
def test_who_reads_a_contact_is_told_to_the_students_who_took_part(client: Client, world: World, role: str) -> None:
    other = cast.contact(world.nikita, world.sonya, world.professor, world.representative)
    one, path = client(role), "/api/v1/contacts/"
    assert len(one.get(path).json()["results"]) == 2
    assert shown(world, role) == [("search_page", "S-1"), ("search_page", "S-2")]
    one.get(f"{path}{other.public_id}/")
    assert shown(world, role)[2:] == [("record", "S-1"), ("record", "S-2")]


def test_who_reads_the_edits_of_a_contact_is_told_to_the_students_who_took_part_before(
    client: Client, world: World
) -> None:
    path = f"/api/v1/contacts/{world.contact.public_id}/"
    client("office").patch(path, {"students": []})
    assert client("professor").get(f"{path}revisions/").status_code == 200
    assert shown(world, "professor") == [("record", "S-1")]


@pytest.mark.parametrize("role", VIEWERS)
def test_who_reads_a_list_of_guests_is_told_to_the_students_on_it(client: Client, world: World, role: str) -> None:
    first, _ = (add_attendance(seminar=world.seminar, student=one, by=BY) for one in (world.sonya, world.nikita))
    one, path = client(role), "/api/v1/attendances/"
    one.get(path)
    assert shown(world, role) == [("search_page", "S-1"), ("search_page", "S-2")]
    one.get(f"{path}{first.public_id}/")
    assert shown(world, role)[2:] == [("record", "S-1")]
    client("student").get(path)
    client("partner").get(path)
    assert shown(world, "student") == shown(world, "partner") == []
