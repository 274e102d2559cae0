"""Thin Celery wrappers; the outbox says what is to be done."""

from celery import shared_task

from search import outbox, rebuild, renewal
from search.engines import engine


@shared_task
def drain() -> int:
    return outbox.drain_all() if rebuild.ensure_built() else 0


@shared_task
def sweep() -> int:
    """Every few seconds: finds what time changed, and whatever a lost wake-up left behind."""
    outbox.sweep()
    return drain()


@shared_task
def remove_older_indices() -> None:
    """Daily: what an upgrade left behind must not keep anybody who is erased since."""
    engine().remove_older()


@shared_task
def renew() -> None:
    renewal.renew()
