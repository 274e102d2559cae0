"""After a commit somebody is told to drain; where that fails the write has still been made, and quickly."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from celery import current_app
from django.db import transaction

from crm.models import Student
from search import outbox, wake
from search.models import OutboxRow
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
WITHIN = 1.0
"""Seconds in which a write answers, whatever the broker does."""


@contextmanager
def refusing() -> Iterator[str]:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{taken.getsockname()[1]}/0"


@contextmanager
def stalled() -> Iterator[str]:
    """Connections are taken, and never answered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@contextmanager
def stalled_before_it_connects() -> Iterator[str]:
    """A queue of connections that is full: the next one hangs while it connects."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting = [socket.socket() for _ in range(3)]
        for caller in waiting:
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        for caller in waiting:
            caller.close()


def nameless():
    """No such host."""
    return _just("redis://no-such-host.invalid:6379/0")


@contextmanager
def _just(url: str) -> Iterator[str]:
    yield url


@pytest.fixture(params=[refusing, stalled, stalled_before_it_connects, nameless], ids=lambda made: made.__name__)
def broken_broker(request, settings, monkeypatch) -> Iterator[str]:
    with request.param() as url:
        settings.REDIS_URL = url
        monkeypatch.setattr(current_app.conf, "broker_url", url)
        monkeypatch.setattr(wake, "_ask_again_at", 0.0)
        yield url


def test_a_write_answers_within_a_second_whatever_the_broker_does(broken_broker, caplog):
    began = time.monotonic()
    person = cast.student()
    assert time.monotonic() - began < WITHIN
    assert Student.objects.filter(pk=person.pk).exists()
    assert OutboxRow.objects.get(pk=person.pk).pending_since is not None
    said = [record for record in caplog.records if record.name == "search.wake"]
    assert [record.levelname for record in said] == ["WARNING"]
    assert "127.0.0.1" not in said[0].getMessage()


def test_several_changes_in_one_transaction_wait_for_the_broker_no_longer_than_one(broken_broker):
    with transaction.atomic():
        person = cast.student()
        for _ in range(10):
            cast.consent(person)
        began = time.monotonic()
    assert time.monotonic() - began < WITHIN


def test_nobody_is_woken_before_the_commit_nor_after_a_rollback(monkeypatch):
    woken = []
    monkeypatch.setattr(wake, "wake", lambda: woken.append(OutboxRow.objects.count()))
    with transaction.atomic():
        cast.student()
        assert woken == []
    assert woken == [1]
    with transaction.atomic():
        cast.student()
        transaction.set_rollback(True)
    assert woken == [1]


def test_a_failure_to_wake_never_reaches_the_caller(monkeypatch, caplog):
    def fail() -> None:
        raise ValueError("whatever a client library thinks of")

    monkeypatch.setattr(wake, "wake", fail)
    person = cast.student()
    assert outbox.read(-1).keys() == {person.pk}
    assert "whatever" in caplog.text


def test_without_redis_the_thread_of_this_process_is_woken():
    wake.here.clear()
    cast.student()
    assert wake.here.is_set()


@pytest.mark.redis
def test_a_broker_that_comes_back_is_asked_again(settings, monkeypatch, redis_of_its_own):
    settings.REDIS_URL = redis_of_its_own.url
    monkeypatch.setattr(current_app.conf, "broker_url", redis_of_its_own.url)
    monkeypatch.setattr(wake, "_ask_again_at", time.monotonic() + 60)
    cast.student()
    assert redis_of_its_own.client.llen("celery") == 0
    monkeypatch.setattr(wake, "_ask_again_at", time.monotonic())
    cast.student()
    assert redis_of_its_own.client.llen("celery") == 1


@pytest.mark.redis
def test_with_redis_one_message_reaches_the_queue(settings, monkeypatch, redis_of_its_own):
    settings.REDIS_URL = redis_of_its_own.url
    monkeypatch.setattr(current_app.conf, "broker_url", redis_of_its_own.url)
    monkeypatch.setattr(wake, "_ask_again_at", 0.0)
    cast.student()
    assert redis_of_its_own.client.llen("celery") == 1
    assert b"search.tasks.drain" in redis_of_its_own.client.lindex("celery", 0)


@pytest.fixture
def redis_of_its_own():
    from tests.own_redis import own_redis

    with own_redis() as made:
        yield made
