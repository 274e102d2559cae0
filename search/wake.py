"""After a commit: let somebody drain the outbox soon. The sweep finds it anyway, so a failure here is only logged.

With Redis a Celery worker is woken. Without, a thread of this process drains.
"""

import logging
import threading
import time

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from kombu.transport import redis as _transport  # noqa: F401 # loaded with the process, not within the first write
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
SHORT = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2, "max_retries": 0}
"""Seconds, and no second try. A stalled broker must not hold up a write."""
QUIET_AFTER_FAILURE = 5.0
"""Seconds in which a broker that was not reached is not asked again: many changes wait for it no longer than one."""

here = threading.Event()
"""Set when the thread of search/worker.py has work."""
_ask_again_at = 0.0


def wake() -> None:
    if settings.REDIS_URL:
        _wake_celery()
    else:
        here.set()


def _wake_celery() -> None:
    global _ask_again_at
    if time.monotonic() < _ask_again_at:
        return
    try:
        with current_app.connection_for_write(
            transport_options={**SHORT}, connect_timeout=SHORT["socket_timeout"]
        ) as broker:
            current_app.send_task("search.tasks.drain", connection=broker, retry=False, expires=60)
    except (OperationalError, RedisError, OSError) as error:
        _ask_again_at = time.monotonic() + QUIET_AFTER_FAILURE
        log.warning("the broker was not reached (%s); the sweep will drain the outbox", type(error).__name__)
