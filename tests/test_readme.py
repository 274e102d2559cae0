"""The README's walk, run as it stands there, against a server started as `make run` starts it."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
WALK, IMPORT, STORY = (
    next(block for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if word in block)
    for word in ("CONSENT=$(", "import_students", "HIRE=$(")
)
PRINTED = {"HR": "partner", "STUDENT": "student", "OFFICE": "office", "PROFESSOR": "professor"}
"""Name in the walks -> the role whose token it is."""
pytestmark = [pytest.mark.slow, pytest.mark.once]


class Server:
    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.base = f"http://127.0.0.1:{probe.getsockname()[1]}"
        unset = {"DATABASE_URL": "", "REDIS_URL": "", "ELASTICSEARCH_URL": ""}
        self.environment = {**os.environ, **unset, "DEMO": "1", "VAR_DIR": str(folder), "THROTTLE_USER": "60000/min"}
        self.manage("migrate", "--verbosity", "0")
        lines = self.manage("demo", "--base-url", self.base)
        self.tokens = dict(re.findall(r"^  (\w+) .*token (\w+)$", lines, re.MULTILINE))

    def manage(self, *arguments: str) -> str:
        return self.shell(f"{sys.executable} manage.py {' '.join(arguments)}")

    def shell(self, script: str) -> str:
        done = subprocess.run(
            ["bash", "-e", "-c", script], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def search(self, role: str, query: str) -> dict:
        request = urllib.request.Request(
            f"{self.base}/api/v1/candidates/?{query}", headers={"Authorization": f"Token {self.tokens[role]}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("readme"))
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "config.wsgi:application",
        "--bind",
        server.base.removeprefix("http://"),
    ]
    process = subprocess.Popen([*command, "--threads", "4", "--no-control-socket"], cwd=ROOT, env=server.environment)
    try:
        _wait(lambda: urllib.request.urlopen(f"{server.base}/health/ready", timeout=5).status == 200)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(condition, seconds: float = 30) -> None:
    """Asks again until it holds, as a person would."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        try:
            if condition():
                return
        except OSError:
            pass
        pause.wait(0.1)
    pytest.fail(f"did not come true within {seconds} s")


def test_programs_read_who_can_log_in_and_old_tokens_are_revoked(server: Server) -> None:
    before = dict(server.tokens)
    told = json.loads(server.manage("demo", "--json", "--base-url", server.base))
    assert told["login"] == f"{server.base}/accounts/login/"
    assert {user["role"] for user in told["users"]} == before.keys()
    server.tokens |= {user["role"]: user["token"] for user in told["users"]}
    assert not set(before.values()) & set(server.tokens.values())
    assert server.search("partner", "lab=genome-editing")["count"] > 0


def filled(walk: str, server: Server) -> str:
    """With the address of the server and the tokens that `make run` would print."""
    walk = re.sub(r"^BASE=.*$", f"BASE={server.base}/api/v1", walk, flags=re.MULTILINE)
    for name, role in PRINTED.items():
        walk = re.sub(rf"^{name}=.*$", f"{name}='Authorization: Token {server.tokens[role]}'", walk, flags=re.MULTILINE)
    return walk


def test_the_walk_ends_with_the_student_gone_from_search(server: Server) -> None:
    before = server.search("partner", "q=%22Maslyukov%22")
    output = server.shell(filled(WALK, server))
    assert before["count"] == 1
    assert '"withdrawn"' in output
    after = server.search("partner", "q=%22Maslyukov%22")
    assert (after["count"], after["results"], after["facets"]["lab"]) == (0, [], [])


def test_a_file_of_graduates_is_searchable_for_the_office_and_for_no_partner(server: Server, tmp_path: Path) -> None:
    command = IMPORT.replace(".venv/bin/python", sys.executable).replace("rejected.csv", str(tmp_path / "rejected.csv"))
    assert "600 created" in server.shell(command)
    _wait(lambda: server.search("office", "lab=robotics&q=Tsvetkov")["count"] > 0)
    assert server.search("partner", "lab=robotics&q=Tsvetkov")["count"] == 0
    assert (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig").count("BAD") >= 4


def test_a_step_of_the_story_that_fails_prints_what_is_wrong(server: Server) -> None:
    helpers = filled(STORY[: STORY.index("SPEAKER=")], server)
    for step in ("""post "$HR" seminars/ "{}" > /dev/null""", """ID=$(post "$HR" seminars/ "{}" | part "['id']")"""):
        failed = subprocess.run(
            ["bash", "-e", "-c", helpers + step], env=server.environment, capture_output=True, text=True, check=False
        )
        assert failed.returncode != 0
        assert '"code":"not_allowed"' in failed.stderr.replace(" ", "")


def test_the_story_leads_from_a_seminar_to_a_hire_and_back(server: Server) -> None:
    """Last: it hires the student, who then leaves search."""
    output = server.shell(filled(STORY, server))
    path = output[output.index('"first": {') :]
    assert '"kind": "seminar"' in path
    assert '"title": "Enzymes at work"' in path
    for kind in ("contact", "recommendation", "introduction", "immersion"):
        assert f'"kind": "{kind}"' in path
    assert '"step": "hire"' in path
