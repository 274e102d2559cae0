"""No log holds the token of a one-time link, whoever writes it and however."""

import logging
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from config.logs import Formatter, without_tokens
from tests.processes import ROOT, Committed, wait_until

pytest_plugins = ("tests.committed",)
pytestmark = pytest.mark.once

TOKEN = "Zm9vYmFyLXRva2VuLW9mLWEtbGluay0xMjM0NTY3ODk"
PATH = f"/api/v1/links/{TOKEN}/"


@pytest.mark.parametrize(
    "text",
    [
        PATH,
        f'"GET {PATH} HTTP/1.1" 410',
        f"https://host{PATH}?x=1",
        f"/api/v1/links//{TOKEN}",
        f"/api/v1/links%2f{TOKEN}",
        f"/api/v1/links/%2e/{TOKEN}/",
        f"/api/v1/links/x/../{TOKEN}/",
        f"/accounts/password/reset/key/2-{TOKEN}/ after links",
        f"<WSGIRequest: GET '{PATH}'>",
        f"{PATH} and {PATH}",
    ],
)
def test_a_token_is_taken_out_of_a_text(text: str) -> None:
    assert TOKEN not in without_tokens(text)
    assert "links" in without_tokens(text)


def test_other_paths_stay_as_they_are() -> None:
    for path in ("/api/v1/links/", "/api/v1/students/S-1/", "symlinks/"):
        assert without_tokens(path) == path


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        (PATH, ()),
        ("%s", (PATH,)),
        ("%s: %s", ("Gone", PATH)),
        ('%(h)s "%(r)s"', ({"h": "127.0.0.1", "r": f"GET {PATH}"},)),
        ("%r", ({"path": [PATH]},)),
        ("%s", (ValueError(PATH),)),
    ],
)
def test_no_record_holds_it_however_it_was_logged(
    message: str, arguments: tuple[object, ...], caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("gunicorn.access").warning(message, *arguments)
    [record] = caplog.records
    assert "/links/..." in record.getMessage()
    assert TOKEN not in f"{record.msg}{record.args}{caplog.text}"


def test_a_record_that_does_not_fit_its_arguments_is_left_to_logging() -> None:
    assert logging.getLogger("x").makeRecord("x", 20, "f", 1, "%d %d", ("one",), None).args == ("one",)


def test_a_traceback_does_not_hold_it() -> None:
    try:
        raise RuntimeError(PATH)
    except RuntimeError:
        record = logging.getLogger("x").makeRecord("x", 40, "f", 1, "failed", (), sys.exc_info())
    line = Formatter("{message}", style="{").format(record)
    assert "RuntimeError: /api/v1/links/..." in line
    assert TOKEN not in line


@pytest.mark.slow
def test_a_server_s_logs_do_not_hold_it(committed: Committed, tmp_path: Path) -> None:
    """gunicorn with an access log on stdout, as an operator may switch it on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    own = committed.environment()
    command = ["-m", "gunicorn", "config.wsgi:application", "--bind", address, "--no-control-socket"]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, *command, "--access-logfile", "-"], cwd=ROOT, env=own, stdout=log, stderr=log
        )
        try:
            wait_until(lambda: status(f"http://{address}/health/live") == 200, 60)
            assert status(f"http://{address}{PATH}") == 404
            assert status(f"http://{address}/api/v1/links%2F{TOKEN}/") == 404
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
    said = (tmp_path / "log").read_text()
    assert '"GET /api/v1/links/... HTTP/1.1" 404' in said
    assert "Not Found: /api/v1/links/..." in said
    assert TOKEN not in said


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
