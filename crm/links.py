"""One-time links: who holds one may do one thing once, as the person it was issued to.

The token goes out in a mail and is kept nowhere: the database has a hash of it. A link is good while it is unused and
not expired, what it is for is still asked, and the person still is who they were.
"""

import hashlib
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm import stages
from crm.access import LinkBearer, is_present
from crm.actions.moving import locked_with_student
from crm.errors import Gone
from crm.models import Hire, Immersion, Introduction, LinkPurpose, OneTimeLink, Representative, Student

Person = Student | Representative


@dataclass(frozen=True)
class Purpose:
    records: Callable[[], QuerySet[Any]]
    is_asked: Callable[[Any, Person, str], bool]
    """Whether a person is asked this of a record now, at a stage of it."""
    expires: Callable[[Any], datetime]


def _in_30_days(record: Any) -> datetime:
    return timezone.now() + timedelta(days=30)


def _introduction_is_asked(introduction: Introduction, to: Person, stage: str) -> bool:
    return introduction.state == "asked" and introduction.partner.is_active and to == introduction.student


def _evaluation_is_asked(immersion: Immersion, to: Person, stage: str) -> bool:
    given = immersion.evaluations.filter(stage=stage).exists()
    return immersion.state == "active" and to == immersion.mentor and not given


def _confirmation_is_asked(hire: Hire, to: Person, stage: str) -> bool:
    return _of_partner(hire, to) and stages.HIRE.states[hire.state].own_process and hire.confirmed_at is None


def _of_partner(record: Any, to: Person) -> bool:
    return isinstance(to, Representative) and to.partner_id == record.partner_id


PURPOSES: Mapping[str, Purpose] = {
    LinkPurpose.INTRODUCTION: Purpose(
        records=lambda: Introduction.objects.select_related("student", "partner"),
        is_asked=_introduction_is_asked,
        expires=lambda introduction: introduction.expires,
    ),
    LinkPurpose.EVALUATION: Purpose(
        records=lambda: Immersion.objects.select_related("student", "partner", "mentor"),
        is_asked=_evaluation_is_asked,
        expires=_in_30_days,
    ),
    LinkPurpose.HIRE: Purpose(
        records=lambda: Hire.objects.select_related("student", "partner"),
        is_asked=_confirmation_is_asked,
        expires=_in_30_days,
    ),
}


def issue_link(*, purpose: LinkPurpose, record: uuid.UUID, to: Person, stage: str = "") -> str:
    """A new token. Other links of the same purpose, record and stage stay good: a mail may come twice."""
    token = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        purpose=purpose,
        record=record,
        stage=stage,
        student=to if isinstance(to, Student) else None,
        representative=to if isinstance(to, Representative) else None,
        digest=_digest(token),
        expires=PURPOSES[purpose].expires(PURPOSES[purpose].records().get(public_id=record)),
    )
    return token


def find_link(token: str) -> OneTimeLink:
    """A good link. Raises OneTimeLink.DoesNotExist, or Gone where it is good no more."""
    people = ("student__user", "representative__user", "representative__partner")
    link = OneTimeLink.objects.select_related(*people).get(digest=_digest(token))
    _check(link)
    return link


def record_of(link: OneTimeLink) -> Any:
    """What a link is about, with student and partner; None where it is no more."""
    return PURPOSES[link.purpose].records().filter(public_id=link.record).first()


@contextmanager
def using_link(token: str) -> Iterator[LinkBearer]:
    """The bearer, who acts within the block; where it ends without an error, the link and its siblings are used up.

    Raises as `find_link`.
    """
    with transaction.atomic():
        # The student, the record, the link: in the order of actions that end links.
        locked_with_student(record_of(find_link(token)))
        list(OneTimeLink.objects.select_for_update().filter(digest=_digest(token)).values_list("pk"))
        link = find_link(token)
        yield LinkBearer(link)
        end_links(link.record, purpose=link.purpose, stage=link.stage)


def end_links(record: uuid.UUID, **narrower: str) -> None:
    """What is about a record that went on without them can be used no more; `narrower`: purpose, stage."""
    OneTimeLink.objects.filter(record=record, used_at__isnull=True, **narrower).update(used_at=timezone.now())


def _check(link: OneTimeLink) -> None:
    person = link.student or link.representative
    assert person
    if link.used_at is not None:
        raise Gone("This link was used already.")
    if link.expires <= timezone.now() or not is_present(person):
        raise Gone("This link has expired.")
    record = record_of(link)
    if record is None or not PURPOSES[link.purpose].is_asked(record, person, link.stage):
        raise Gone("What this link is for is not asked any more.")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
