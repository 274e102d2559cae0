"""Thin Celery wrappers; the outbox says what is to be done."""

from celery import shared_task

from search import outbox, rebuild


@shared_task
def drain() -> int:
    rebuild.ensure_built()
    return outbox.drain_all()


@shared_task
def sweep() -> int:
    """Every few seconds: finds what time changed, and whatever a lost wake-up left behind."""
    rebuild.ensure_built()
    outbox.sweep()
    return outbox.drain_all()
