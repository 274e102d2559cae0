"""A candidate whom Hanna asks to meet, and the requests about it. A module names it in `pytest_plugins`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from crm.actions.introductions import ask_introduction
from crm.models import (
    Introduction,
    Student,
)
from tests import cast
from tests.api.conftest import World

Client = Callable[[str], APIClient]
PATH = "/api/v1/introductions/"
A_CANDIDATE = {"id": None, "name": "a candidate"}
MESSAGE = "Canary: we build a new enzyme line."


@pytest.fixture
def nora(world: World) -> Student:
    """Shows all partners the profile, and no partner asked for her yet."""
    person = cast.student("Nora Nightly", number="S-77")
    world.users["nora"] = cast.student_account(person)
    cast.consent(person)
    return person


@pytest.fixture
def asked(world: World, nora: Student) -> Introduction:
    return ask_introduction(student=nora, message=MESSAGE, by=world.users["partner"])


def ask(client: APIClient, candidate: object, message: str = MESSAGE) -> Any:
    return client.post(PATH, {"candidate": str(candidate), "message": message})


def move(client: APIClient, introduction: Introduction, to: str, **more: str) -> Any:
    return client.post(f"{PATH}{introduction.public_id}/moves/", {"to": to, **more})


def run_out(introduction: Introduction) -> None:
    Introduction.objects.filter(pk=introduction.pk).update(expires=timezone.now() - timedelta(seconds=1))
