"""Mails: queued with the change they tell of, written and sent later, each once.

A mail row holds no text and no address. When its time comes the notice is looked at again: who may not be written to
any more, or what has passed, is dropped; else subject, text and HTML are made from templates and sent.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from crm.models import Mail, Professor, Representative, Student, User

Recipient = User | Student | Representative | Professor


def queue_mail(
    template: str,
    *,
    record: uuid.UUID,
    to: Recipient,
    stage: str = "",
    key: str = "",
    due_at: datetime | None = None,
) -> None:
    """Queues a notice in the transaction of the change. A key that was queued before is not queued again.

    `template` is a name of crm.notices.table.NOTICES, `stage` that of an evaluation. Without a key, the template, the
    record, the stage and the person make one.
    """
    queue_mails(template, record=record, to=[to], stage=stage, key=key, due_at=due_at)


def queue_mails(
    template: str,
    *,
    record: uuid.UUID,
    to: Iterable[Recipient],
    stage: str = "",
    key: str = "",
    due_at: datetime | None = None,
) -> None:
    """The same notice to many; a key is for one."""
    due = due_at or timezone.now()
    mails = [
        Mail(
            key=key or ":".join(filter(None, (template, str(record), stage, _kind(person), str(person.pk)))),
            template=template,
            record=record,
            stage=stage,
            due_at=due,
            **{_kind(person): person},
        )
        for person in to
    ]
    Mail.objects.bulk_create(mails, ignore_conflicts=True, batch_size=500)


def _kind(person: Recipient) -> str:
    return type(person).__name__.lower()
