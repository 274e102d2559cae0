"""A shortlist of Hanna's partner, and the requests about it. A module names it in `pytest_plugins`."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from crm.actions.shortlists import create_shortlist
from crm.models import Shortlist, Student
from tests import cast
from tests.api.conftest import World

Client = Callable[[str], APIClient]
PATH = "/api/v1/shortlists/"


@pytest.fixture
def shortlist(world: World) -> Shortlist:
    return create_shortlist(name="For the summer", by=world.users["partner"])


@pytest.fixture
def oona() -> Student:
    """Shows all partners the profile, and nothing more."""
    person = cast.student("Oona Birch", number="S-88", skills={"python": 2}, email="oona@students.example")
    cast.consent(person)
    return person


def entries(shortlist: Shortlist) -> str:
    return f"{PATH}{shortlist.public_id}/entries/"


def add(client: APIClient, shortlist: Shortlist, candidate: object, **fields: Any) -> Any:
    return client.post(entries(shortlist), {"candidate": str(candidate), **fields})


def names(client: APIClient, shortlist: Shortlist, query: str = "") -> list[str]:
    answer = client.get(f"{entries(shortlist)}{query}")
    assert answer.status_code == 200, answer.content
    return [row["candidate"]["name"] for row in answer.json()["results"]]
