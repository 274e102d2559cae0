"""Logs carry ids, never queries, names or addresses."""

import logging
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from search import outbox
from tests.api.conftest import World

Client = Callable[[str], APIClient]
TOLD_TO_NOBODY = ("zyxq", "sonya", "sokolov", "соколов", "hanna", "students.example", "university.example")


def test_a_day_of_requests_writes_no_query_name_or_address_into_the_log(
    client: Client, world: World, index: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hanna, olga, sonya = client("partner"), client("office"), client("student")
    candidate = f"/api/v1/candidates/{world.sonya.public_id}/"
    answers = [
        hanna.get("/api/v1/candidates/?q=zyxq+OR+sokolova"),
        hanna.get("/api/v1/candidates/?lab=zyxq&zyxq=1"),
        hanna.get("/api/v1/candidates/suggest/?prefix=sokolov"),
        hanna.get(candidate),
        hanna.get(f"{candidate}contact/"),
        client("rival").get(candidate),
        olga.get("/api/v1/students/?search=sokolova"),
        olga.get("/api/v1/students/?lab=zyxq"),
        olga.post("/api/v1/students/", {"number": "S-1", "given_name": "Sonya", "family_name": "Zyxq"}),
        sonya.patch("/api/v1/me/", {"native_name": "Соня Соколова", "email": "zyxq@students.example"}),
        client("anonymous").get("/api/v1/students/?search=sokolova"),
        olga.delete(f"/api/v1/students/{world.sonya.public_id}/"),
    ]
    outbox.drain_all()
    assert [answer.status_code for answer in answers] == [200, 400, 200, 200, 200, 404, 200, 400, 409, 200, 401, 204]
    lines = caplog.text.lower()
    assert lines, "the refusals are logged by Django"
    assert not {words for words in TOLD_TO_NOBODY if words in lines}


@pytest.mark.parametrize("name", ["elastic_transport", "elasticsearch", "urllib3"])
def test_clients_that_log_each_request_are_kept_quiet(name: str) -> None:
    assert not logging.getLogger(name).isEnabledFor(logging.INFO)
