"""The helper that gives the tests their servers."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.servers import SERVERS, missing_servers

ROOT = Path(__file__).resolve().parent.parent
# Addresses that nobody answers: what is given is not started.
GIVEN = {
    "DATABASE_URL": "postgres://user:password@127.0.0.1:1/name",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "ELASTICSEARCH_URL": "http://127.0.0.1:1",
}


def run_with(command: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    """Runs a line of Python under the helper; None takes a variable away."""
    wanted = {**os.environ, **GIVEN, "TEST_MISSING": "{}", "CI": "", **environment}
    return subprocess.run(
        [sys.executable, "-m", "tests.servers", "--", sys.executable, "-c", command],
        cwd=ROOT,
        env={name: value for name, value in wanted.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_server_is_missing_where_no_address_is_given() -> None:
    assert set(missing_servers({})) == set(SERVERS) == {"postgres", "redis", "elasticsearch"}
    assert missing_servers(GIVEN) == {}


def test_an_sqlite_address_is_no_postgresql_server() -> None:
    assert set(missing_servers({**GIVEN, "DATABASE_URL": "sqlite:///var/db.sqlite3"})) == {"postgres"}


def test_the_reason_of_a_missing_server_is_carried_to_the_tests() -> None:
    environment = {"TEST_MISSING": json.dumps({"redis": "no redis-server"})}
    assert missing_servers(environment)["redis"] == "no redis-server"


def test_given_servers_are_used_and_the_exit_status_is_the_commands() -> None:
    done = run_with("import os; print(os.environ['REDIS_URL']); raise SystemExit(7)")
    assert done.stdout.strip() == GIVEN["REDIS_URL"]
    assert done.returncode == 7


def test_the_run_goes_on_without_a_server_and_says_why() -> None:
    done = run_with("import os; print(os.environ['TEST_MISSING'])", REDIS_URL=None, PATH="/nonexistent")
    assert done.returncode == 0
    assert "redis-server is not installed" in json.loads(done.stdout)["redis"]
    assert "MISSING: redis" in done.stderr


def test_a_missing_server_ends_a_ci_run_before_the_command() -> None:
    done = run_with("print('ran')", REDIS_URL=None, PATH="/nonexistent", CI="true")
    assert done.returncode == 1
    assert "ran" not in done.stdout


@pytest.mark.redis
def test_a_started_server_answers_and_ends_with_the_run() -> None:
    ask = (
        "import os, socket; from urllib.parse import urlsplit; url = os.environ['REDIS_URL']; print(url); "
        "socket.create_connection(('127.0.0.1', urlsplit(url).port), 5)"
    )
    done = run_with(ask, REDIS_URL=None)
    assert done.returncode == 0, done.stderr
    port = urlsplit(done.stdout.strip()).port
    assert port is not None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)
