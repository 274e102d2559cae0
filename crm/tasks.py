"""Thin Celery wrappers. How often each runs stands in settings.CELERY_BEAT_SCHEDULE, without Celery too."""

from celery import shared_task
from django.core.management import call_command

from crm.access import SystemProcess
from crm.actions import alerts, announcements, final_reports, introductions, mails

CLOCK = SystemProcess("clock")


@shared_task
def send_mails() -> None:
    mails.send_due_mails()


@shared_task
def queue_digests() -> None:
    announcements.queue_digests()


@shared_task
def queue_alerts() -> None:
    alerts.queue_alerts()


@shared_task
def announce_partners() -> None:
    announcements.announce_partners()


@shared_task
def expire_introductions() -> None:
    introductions.expire_introductions(by=CLOCK)


@shared_task
def remove_orphaned_reports() -> None:
    final_reports.remove_orphans()


@shared_task
def remove_expired_sessions() -> None:
    call_command("clearsessions")
