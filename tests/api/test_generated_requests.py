"""Requests made from the OpenAPI description, good and bad: each answer is one that the description declares."""

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.throttles import UserThrottle
from api.urls import VIEWSETS
from tests.api.conftest import World, a_token

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
"""No 5xx, and status, type and shape are declared; for what goes wrong, this is the one shape of errors."""
QUICK = {"database": None, "deadline": None, "phases": [Phase.generate], "suppress_health_check": list(HealthCheck)}


@lru_cache(maxsize=1)
def operations() -> Sequence[APIOperation]:
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    schema.app = WSGIHandler()
    return [found.ok() for found in schema.get_all_operations()]


def cases(operation: APIOperation, ids: Sequence[str]) -> st.SearchStrategy[Case]:
    """Bad ones where there is something to spoil; with an id that exists where the path has one."""
    modes = [GenerationMode.POSITIVE]
    if operation.query or operation.body:
        modes.append(GenerationMode.NEGATIVE)
    made = st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])
    return st.builds(_with_id, made, st.sampled_from(ids)) if ids else made


def _with_id(case: Case, public_id: str) -> Case:
    case.path_parameters = {"id": public_id}
    return case


def known_ids(operation: APIOperation) -> list[str]:
    """Of records of the path's kind, seen by the caller or not."""
    prefix = operation.path.removeprefix("/api/v1/").partition("/{id}/")[0]
    viewset = VIEWSETS.get(prefix)
    if viewset is None or "{id}" not in operation.path:
        return []
    records = viewset.queryset.model._default_manager.order_by("pk")
    return [str(public_id) for public_id in records.values_list("public_id", flat=True)[:5]]


def ask(operation: APIOperation, token: str, *, examples: int) -> list[int]:
    """Each in a transaction that is taken back. Returns the status codes."""
    codes: list[int] = []

    @settings(max_examples=examples, derandomize=not os.environ.get("SOAK"), **QUICK)
    @given(case=cases(operation, known_ids(operation)))
    def run(case: Case) -> None:
        with transaction.atomic():
            answer = case.call(headers={"Authorization": f"Token {token}"})
            transaction.set_rollback(True)
        codes.append(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    run()
    return codes


@pytest.fixture
def one_connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The test's own, with its transaction, as with Django's test client; and nobody is throttled."""
    monkeypatch.setattr(UserThrottle, "get_cache_key", lambda *arguments: None)
    around = (request_started, request_finished)
    for signal in around:
        signal.disconnect(close_old_connections)
    yield
    for signal in around:
        signal.connect(close_old_connections)


def ask_all(world: World, role: str, *, examples: int) -> set[int]:
    token = a_token(world.users[role])
    found: set[int] = set()
    for operation in operations():
        found.update(ask(operation, token, examples=examples))
    return found


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.usefixtures("index", "one_connection")
@pytest.mark.parametrize("role", ["office", "partner"])
def test_every_operation_answers_generated_requests_as_declared(world: World, role: str) -> None:
    assert ask_all(world, role, examples=2) >= {200, 201, 400, 403, 404}


@pytest.mark.soak
@pytest.mark.usefixtures("index", "one_connection")
@pytest.mark.parametrize("role", ["office", "partner"])
def test_many_generated_requests_are_answered_as_declared(world: World, role: str) -> None:
    assert ask_all(world, role, examples=200) >= {200, 201, 400, 403, 404}
