"""After a commit: let somebody drain the outbox soon. The sweep finds it anyway, so a failure here is only logged.

With Redis a Celery worker is woken. Without, a thread of this process drains.
"""

import logging
import threading

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
SHORT = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
"""Seconds. A stalled broker must not hold up a write."""

here = threading.Event()
"""Set when the thread of search/worker.py has work."""


def wake() -> None:
    if settings.REDIS_URL:
        _wake_celery()
    else:
        here.set()


def _wake_celery() -> None:
    try:
        with current_app.connection_for_write(
            transport_options={**SHORT}, connect_timeout=SHORT["socket_timeout"]
        ) as broker:
            current_app.send_task("search.tasks.drain", connection=broker, retry=False, expires=60)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("the broker was not reached (%s); the sweep will drain the outbox", type(error).__name__)
