"""The product behind a fresh gunicorn, with the options of `make run`."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from config.verbs import GUNICORN, HOST
from tests import cast
from tests.api.conftest import a_token
from tests.broken_servers import listening
from tests.processes import ROOT, Committed, wait_until
from tests.server_programs import free_ports

pytest_plugins = ("tests.committed",)
pytestmark = [pytest.mark.slow, pytest.mark.once]
WITHIN = 3.0


class Server:
    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token

    def get(self, path: str) -> tuple[int, bytes]:
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=30)) as connection:
            connection.request("GET", path, headers={"Authorization": f"Token {self.token}"})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def is_there(self) -> bool:
        """Asks for a static file, which is sent before any address is looked up: the process stays fresh."""
        try:
            return self.get("/static/admin/css/base.css")[0] == 200
        except OSError:
            return False


@contextmanager
def serving(committed: Committed, **environment: str) -> Iterator[Server]:
    server = Server(free_ports(1)[0], a_token(cast.office()))
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"{HOST}:{server.port}"]
    process = subprocess.Popen([*command, *GUNICORN.split()], cwd=ROOT, env=committed.environment(**environment))
    try:
        wait_until(server.is_there, 60)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.mark.parametrize("path", ["candidates/?q=pcr&skill=pcr", "candidates/suggest/?prefix=p"])
def test_the_first_request_of_a_process_is_refused_in_time_where_the_engine_stalls(
    committed: Committed, path: str
) -> None:
    with listening(None) as stalled, serving(committed, ELASTICSEARCH_URL=stalled) as server:
        began = time.monotonic()
        status, body = server.get(f"/api/v1/{path}")
        seconds = time.monotonic() - began
    assert (status, code_of(body)) == (503, "unavailable")
    assert seconds < WITHIN


def test_a_long_query_is_refused_by_its_field_and_not_by_the_server(committed: Committed) -> None:
    with serving(committed) as server:
        status, body = server.get(f"/api/v1/candidates/?q={'x' * 7_000}")
    assert status == 400
    assert json.loads(body)["error"]["fields"].keys() == {"q"}


def code_of(body: bytes) -> Any:
    return json.loads(body)["error"]["code"]
