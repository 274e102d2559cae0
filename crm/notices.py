"""Mails: queued with the change they tell of, written and sent later, each once.

A mail row holds no text and no address. When its time comes the notice is looked at again: who may not be written to
any more, or what has passed, is dropped; else subject, text and HTML are made from templates and sent.
"""

import uuid
from datetime import datetime

from django.utils import timezone

from crm.models import Mail, Professor, Representative, Student, User

Recipient = User | Student | Representative | Professor


def queue_mail(
    template: str, *, record: uuid.UUID, to: Recipient, key: str = "", due_at: datetime | None = None
) -> None:
    """Queues a notice in the transaction of the change. A key that was queued before is not queued again.

    `template` is a name of NOTICES; without a key, a record, a template and a person make one.
    """
    kind = type(to).__name__.lower()
    Mail.objects.bulk_create(
        [
            Mail(
                key=key or f"{template}:{record}:{kind}:{to.pk}",
                template=template,
                record=record,
                due_at=due_at or timezone.now(),
                **{kind: to},
            )
        ],
        ignore_conflicts=True,
    )
