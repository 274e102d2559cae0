"""The two that drain: a thread of the server where there is no Redis, a Celery worker and its timer where there is."""

import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue

import pytest
from celery import current_app
from django.conf import settings as configured
from django.core.management import call_command
from django.db import OperationalError

from crm.errors import Conflict, Unavailable
from crm.models import Student
from search import outbox, rebuild, tasks, wake, worker
from search.background import Background
from search.models import OutboxRow
from tests import cast
from tests.own_redis import own_redis
from tests.processes import LONGEST, Committed, together, wait_until

pytest_plugins = ("tests.committed",)
WITHIN = 5.0
"""Seconds from commit to searchable, on a machine that may be busy; an idle one needs less than one."""
SERVER = "import django; django.setup(); from search import worker; worker.start(); print('ready', flush=True); input()"


@contextmanager
def process(started: "subprocess.Popen[str]", ready: str) -> Iterator["subprocess.Popen[str]"]:
    """Waits for a word on its output, and ends it."""
    lines: list[str] = []
    is_ready = threading.Event()

    def read() -> None:
        for line in started.stdout or ():
            lines.append(line)
            if ready in line:
                is_ready.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert is_ready.wait(LONGEST), "".join(lines)
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(15)
        except subprocess.TimeoutExpired:
            started.kill()
        reader.join(15)
        with started:  # closes its pipes
            pass


def drained() -> bool:
    return outbox.pending() == 0


def test_the_thread_of_a_server_drains_what_other_processes_and_time_change(committed):
    with process(committed.start("-c", SERVER), "ready"):
        person = cast.student()
        wait_until(drained, LONGEST)
        OutboxRow.objects.filter(pk=person.pk).update(due_at=person.created_at)
        wait_until(lambda: not OutboxRow.objects.filter(due_at__isnull=False).exists(), LONGEST)
        for _ in range(3):
            cast.consent(cast.student())
            wait_until(drained, WITHIN)
    assert rebuild.verify() == []


def test_the_thread_builds_the_index_where_there_is_none(committed):
    cast.student()
    with process(committed.start("-c", SERVER, ELASTICSEARCH_PREFIX="test-none", VAR_DIR=fresh_folder()), "ready"):
        wait_until(drained, LONGEST)
    drop_index_of("test-none")


def fresh_folder() -> str:
    return tempfile.mkdtemp(prefix="talent-worker-")


def drop_index_of(prefix: str) -> None:
    if configured.ELASTICSEARCH_URL:
        from elasticsearch import Elasticsearch

        client = Elasticsearch(configured.ELASTICSEARCH_URL)
        for name in client.indices.get(index=f"{prefix}-*"):
            client.indices.delete(index=name)


class Ends(BaseException):
    """Ends the endless round of the thread in a test."""


def rounds_of_the_thread(monkeypatch, *errors: Exception | None) -> list[str]:
    """Runs the thread's rounds in this one: each meets an error or none; returns what was done."""
    done: list[str] = []
    left = list(errors)

    def drain() -> None:
        if not left:
            raise Ends
        error = left.pop(0)
        done.append(type(error).__name__ if error else "drained")
        if error:
            raise error

    monkeypatch.setattr(rebuild, "ensure_built", lambda: True)
    monkeypatch.setattr(outbox, "sweep", lambda: 0)
    monkeypatch.setattr(outbox, "drain_all", drain)
    monkeypatch.setattr(worker, "PAUSE", 0)
    monkeypatch.setattr(worker, "PAUSE_AFTER_ERROR", 0)
    with pytest.raises(Ends):
        worker._run()
    return done


def test_the_thread_lives_on_whatever_happens(monkeypatch, caplog, db):
    errors = (None, Unavailable("no engine"), OperationalError("no database"), ZeroDivisionError("a bug"), None)
    assert rounds_of_the_thread(monkeypatch, *errors) == [
        *("drained", "Unavailable", "OperationalError", "ZeroDivisionError", "drained"),
    ]
    assert "no engine" in caplog.text
    assert "draining failed" in caplog.text


def test_starting_twice_starts_one_thread():
    begun: Queue[threading.Thread] = Queue()
    done = threading.Event()

    def run() -> None:
        begun.put(threading.current_thread())
        done.wait(30)

    thread = Background("outbox", run)
    thread.start()
    thread.start()
    only = begun.get(timeout=30)
    assert (only.name, only.daemon, begun.empty()) == ("outbox", True, True)
    done.set()
    only.join(30)
    thread.start()
    assert begun.get(timeout=30) is not only


def test_the_tasks_drain_and_sweep(committed):
    person = cast.student()
    assert tasks.drain() == 1
    OutboxRow.objects.filter(pk=person.pk).update(due_at=person.created_at)
    assert tasks.sweep() == 1
    assert rebuild.verify() == []


@pytest.mark.redis
class TestCelery:
    """A worker with its timer, as compose starts them."""

    @pytest.fixture(autouse=True)
    def broker(self, committed: Committed, settings, monkeypatch) -> Iterator[None]:
        with own_redis() as made:
            settings.REDIS_URL = made.url
            monkeypatch.setattr(current_app.conf, "broker_url", made.url)
            self.redis = made
            yield

    def celery(self, committed: Committed, *arguments: str) -> "subprocess.Popen[str]":
        command = ["-m", "celery", "-A", "config", "worker", "--pool", "solo", "--loglevel", "INFO", *arguments]
        return committed.start(*command, REDIS_URL=self.redis.url)

    def test_a_worker_drains_soon_after_the_commit(self, committed):
        with process(self.celery(committed, "--without-mingle"), "ready."):
            cast.student()
            wait_until(drained, LONGEST)
            for _ in range(3):
                cast.consent(cast.student())
                wait_until(drained, WITHIN)
        assert rebuild.verify() == []

    def test_the_timer_finds_what_a_lost_wake_up_left(self, committed, monkeypatch, tmp_path):
        monkeypatch.setattr(wake, "wake", lambda: None)
        with process(self.celery(committed, "-B", "-s", str(tmp_path / "beat"), "--without-mingle"), "ready."):
            cast.student()
            wait_until(drained, LONGEST)
        assert self.redis.client.llen("celery") <= 1


def test_while_one_process_rebuilds_the_others_are_refused(committed):
    with rebuild.one_at_a_time() as alone:
        outcomes = together(rebuild.rebuild, rebuild.rebuild)
    assert (alone, [type(outcome) for outcome in outcomes]) == (True, [Conflict, Conflict])
    assert rebuild.rebuild() == 0


def test_commands_work_while_a_server_runs(committed, capsys):
    """Two processes write to one index; the embedded one has a lock for it."""
    with process(committed.start("-c", SERVER), "ready"):
        for _ in range(3):
            cast.student()
            call_command("reindex", "--json")
        wait_until(drained, LONGEST)
    assert rebuild.verify() == []
    assert Student.objects.count() == 3
