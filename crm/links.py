"""One-time links: who holds one may do one thing once, as the person it was issued to.

The token goes out in a mail and is kept nowhere: the database has a hash of it.
"""

import hashlib
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from crm.access import LinkBearer
from crm.errors import Gone
from crm.models import LinkPurpose, OneTimeLink, Representative, Student

LIFETIME = {
    LinkPurpose.INTRODUCTION: timedelta(days=14),
    LinkPurpose.EVALUATION: timedelta(days=30),
    LinkPurpose.HIRE: timedelta(days=30),
}


def issue_link(*, purpose: LinkPurpose, record: uuid.UUID, to: Student | Representative, stage: str = "") -> str:
    """A new token. Other links of the same purpose, record and stage stay good: a mail may come twice."""
    token = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        purpose=purpose,
        record=record,
        stage=stage,
        student=to if isinstance(to, Student) else None,
        representative=to if isinstance(to, Representative) else None,
        digest=_digest(token),
        expires=timezone.now() + LIFETIME[purpose],
    )
    return token


def find_link(token: str) -> OneTimeLink:
    """The link of a token, unused and unexpired. Raises OneTimeLink.DoesNotExist or Gone."""
    return _check(OneTimeLink.objects.select_related("student", "representative").get(digest=_digest(token)))


@contextmanager
def using_link(token: str) -> Iterator[LinkBearer]:
    """The bearer, who acts within the block; where it ends without an error, the link and its siblings are used up."""
    with transaction.atomic():
        link = _check(OneTimeLink.objects.select_for_update().get(pk=find_link(token).pk))
        yield LinkBearer(link)
        siblings = OneTimeLink.objects.filter(purpose=link.purpose, record=link.record, stage=link.stage)
        siblings.filter(used_at__isnull=True).update(used_at=timezone.now())


def end_links(record: uuid.UUID) -> None:
    """What is about a record that went on without them can be used no more."""
    OneTimeLink.objects.filter(record=record, used_at__isnull=True).update(used_at=timezone.now())


def _check(link: OneTimeLink) -> OneTimeLink:
    if link.used_at is not None:
        raise Gone("This link was used already.")
    if link.expires <= timezone.now():
        raise Gone("This link has expired.")
    if link.representative and not link.representative.is_current():
        raise Gone("This link has expired.")
    return link


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
