"""Without Celery, a thread of the server runs the schedule."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from config import timer
from config.timer import FIRST, Timer

SCHEDULE = {
    "often": {"task": "often", "schedule": 15.0},
    "daily": {"task": "daily", "schedule": timedelta(days=1)},
    "elsewhere": {"task": "search.tasks.sweep", "schedule": 2.0},
}


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    monkeypatch.setattr(timer, "_call", done.append)
    return done


def test_each_task_is_called_in_its_time_and_rare_ones_soon_after_the_start(called: list[str]) -> None:
    clock = Timer(SCHEDULE, 0.0)
    for second in range(62):
        clock.call_due(float(second))
    assert called == ["often", "often", "often", "often", "daily"]
    assert clock.next["daily"] == FIRST + timedelta(days=1).total_seconds()


def test_what_failed_is_said_and_called_again(monkeypatch: pytest.MonkeyPatch, caplog: Any, db: None) -> None:
    def fails() -> None:
        raise OSError("no disk")

    monkeypatch.setattr(timer, "import_string", lambda name: fails)
    clock = Timer(SCHEDULE, 0.0)
    clock.call_due(15.0)
    clock.call_due(30.0)
    assert [record.getMessage() for record in caplog.records] == ["often failed", "often failed"]


def test_every_task_of_the_schedule_can_be_called_here(db: None) -> None:
    clock = Timer(settings.CELERY_BEAT_SCHEDULE, 0.0)
    assert "search.tasks.sweep" not in clock.next
    assert all(callable(import_string(task)) for task in clock.next)


def test_the_tasks_of_the_domain_do_nothing_where_nothing_is_due(db: None, mailoutbox: Any) -> None:
    for task in ("send_mails", "queue_digests", "queue_alerts", "announce_partners", "expire_introductions"):
        import_string(f"crm.tasks.{task}")()
    assert mailoutbox == []
