"""Threads and processes beside the test, on the database of the fixture `committed`."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 60.0
"""Seconds after which a process or a thread of a test counts as hung."""


class Committed:
    def environment(self, **more: str) -> dict[str, str]:
        """What another process needs to work on the database and the index of this test."""
        from django.conf import settings

        own = {
            "DATABASE_URL": self._database_url(),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "ELASTICSEARCH_PREFIX": settings.ELASTICSEARCH_PREFIX,
            "ELASTICSEARCH_URL": settings.ELASTICSEARCH_URL,
            "ERASURE_LEDGER": str(settings.ERASURE_LEDGER),
            "PYTHONPATH": str(ROOT),
            "REDIS_URL": "",
            "SECRET_KEY": settings.SECRET_KEY,
            "VAR_DIR": str(settings.VAR_DIR),
        }
        return {**os.environ, **own, **more}

    @staticmethod
    def _database_url() -> str:
        from django.db import connection

        at = connection.settings_dict
        if connection.vendor == "sqlite":
            return f"sqlite:///{at['NAME']}"
        return f"postgres://{quote(at['USER'])}:{quote(at['PASSWORD'])}@{at['HOST']}:{at['PORT']}/{at['NAME']}"

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """A Python process on this database."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            **{"cwd": ROOT, "env": self.environment(**environment), "text": True},
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT},
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Its exit status, below zero where a signal ended it, and what it said."""
        process = self.start(*arguments, **environment)
        said, _ = process.communicate(timeout=LONGEST)
        return process.returncode, said


def together(*tasks: Callable[[], Any]) -> list[Any]:
    """Runs all at once, each in a thread with its own connection; what each returned, or the error it raised."""
    from django.db import connections

    outcomes: list[Any] = [None] * len(tasks)
    gate = threading.Barrier(len(tasks))

    def run(place: int) -> None:
        try:
            gate.wait(LONGEST)
            outcomes[place] = tasks[place]()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,), daemon=True) for place in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST)
        assert not thread.is_alive(), "a thread hangs"
    return outcomes


def wait_until(holds: Callable[[], bool], seconds: float) -> float:
    """Looks again and again until it holds; the seconds that took. Fails where time runs out."""
    began, pause = time.monotonic(), threading.Event()
    while not holds():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        pause.wait(0.02)
    return time.monotonic() - began
