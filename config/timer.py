"""Where there is no Celery: a daemon thread of the server calls the tasks of the same schedule, each in its time."""

import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.utils.module_loading import import_string

from search.background import Background

log = logging.getLogger(__name__)
PAUSE = 1.0
FIRST = 60.0
"""Seconds after the start at which rarer tasks are called first."""
ELSEWHERE = {"search.tasks.sweep"}
"""What search/worker.py does, and sooner."""


def _run() -> None:
    timer = Timer(settings.CELERY_BEAT_SCHEDULE, time.monotonic())
    while True:
        time.sleep(PAUSE)
        timer.call_due(time.monotonic())


class Timer:
    def __init__(self, schedule: Mapping[str, Mapping[str, Any]], now: float) -> None:
        self.seconds = {entry["task"]: _seconds(entry["schedule"]) for entry in schedule.values()}
        self.next = {task: now + min(every, FIRST) for task, every in self.seconds.items() if task not in ELSEWHERE}

    def call_due(self, now: float) -> None:
        for task, at in self.next.items():
            if at <= now:
                self.next[task] = now + self.seconds[task]
                _call(task)


def _seconds(schedule: float | timedelta) -> float:
    return schedule.total_seconds() if isinstance(schedule, timedelta) else float(schedule)


def _call(task: str) -> None:
    """In this thread, without a broker. What fails is called again at its next time."""
    try:
        import_string(task)()
    except Exception:
        log.exception("%s failed", task)
    finally:
        close_old_connections()


start = Background("timer", _run).start
