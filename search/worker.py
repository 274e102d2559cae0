"""What Celery does elsewhere: one daemon thread in a server process drains the outbox."""

import logging

from django.db import close_old_connections

from crm.errors import Unavailable
from search import outbox, rebuild, wake
from search.background import Background

log = logging.getLogger(__name__)
PAUSE = 0.3
"""Seconds between looks at the outbox: other processes (commands) write there too."""
PAUSE_AFTER_ERROR = 10.0


def _run() -> None:
    pause = PAUSE
    while True:
        wake.here.wait(pause)
        wake.here.clear()
        try:
            pause = PAUSE
            if rebuild.ensure_built():
                outbox.sweep()
                outbox.drain_all()
        except Unavailable as error:
            log.warning("the outbox waits: %s", error.message)
        except Exception:  # the thread must live on; the rows stay pending
            log.exception("draining failed")
            pause = PAUSE_AFTER_ERROR
        finally:
            close_old_connections()


start = Background("outbox", _run).start
