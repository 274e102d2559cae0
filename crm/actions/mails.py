"""Sending what the outbox of mails holds: each once, again after a failure, and not at all where it may not be."""

import logging
import time
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.access import Actor, require
from crm.actions.disclosures import record_disclosures
from crm.errors import Conflict
from crm.links import issue_link
from crm.models import DisclosureKind, Mail, MailState, Student
from crm.models.mails import RECIPIENTS
from crm.notices import queue_mail
from crm.notices.letters import Draft, draft, write
from crm.notices.post import Post, Refused, Undelivered, Unreached
from crm.notices.recipients import RELATED, address_of, recipient_of

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 8
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
"""After the first, second, ... attempt; the last of them after all later ones."""
LEASE = timedelta(minutes=5)
"""For so long a mail in sending is nobody else's: longer than a mail server may take over it."""


@transaction.atomic
def resend_mail(*, mail: Mail, by: Actor) -> Mail:
    """Queues the notice again for the same person; whether it may be sent is asked when its time comes, as ever.

    Raises NotAllowed, and Conflict while the same notice waits.
    """
    require(by, "mail.resend", mail)
    to = {f"{kind}_id": getattr(mail, f"{kind}_id") for kind in RECIPIENTS}
    same = Mail.objects.filter(template=mail.template, record=mail.record, stage=mail.stage, **to)
    list(same.select_for_update().order_by("pk").values_list("pk"))
    if same.filter(state=MailState.WAITING).exists():
        raise Conflict("This notice waits to be sent.")
    key = f"{mail.template}:again:{uuid.uuid4()}"
    queue_mail(mail.template, record=mail.record, to=recipient_of(mail), stage=mail.stage, key=key)
    return Mail.objects.get(key=key)


def send_due_mails(*, seconds: float = 10.0) -> Counter[str]:
    """Sends what is due, one after another, until nothing is left or the time is over. State -> how many came to it.

    Several may do this at once: each mail is claimed, and the claim committed, before it is sent. A mail whose sender
    died is sent again after LEASE, under the same Message-ID. Where the mail server is not reached the others wait.
    """
    done: Counter[str] = Counter()
    ends = time.monotonic() + seconds
    with Post() as post:
        while time.monotonic() < ends and (mail := _claim()):
            try:
                done[_send(mail, post)] += 1
            except Unreached as error:
                done[_put_off(mail, str(error))] += 1
                break
    return done


def _claim() -> Mail | None:
    """The next mail that is due, with its attempt counted and its next one put off."""
    due = Mail.objects.filter(state=MailState.WAITING, due_at__lte=timezone.now()).order_by("due_at", "pk")
    # Asked first: a transaction takes SQLite's write lock even where it finds nothing.
    if not due.exists():
        return None
    with transaction.atomic():
        mail = due.select_for_update(skip_locked=True).first()
        if mail is None:
            return None
        mail.attempts += 1
        mail.due_at = timezone.now() + max(LEASE, _back_off(mail))
        mail.save(update_fields=["attempts", "due_at"])
    return Mail.objects.select_related(*RELATED).get(pk=mail.pk)


def _back_off(mail: Mail) -> timedelta:
    return BACK_OFF[min(mail.attempts, len(BACK_OFF)) - 1]


def _send(mail: Mail, post: Post) -> str:
    """The state that the mail came to. Raises Unreached."""
    if mail.attempts > MOST_ATTEMPTS:
        return _end(mail, MailState.FAILED, "its last attempt was cut short")
    try:
        found = draft(mail)
        if found is None or not found.may_be_sent():
            return _end(mail, MailState.DROPPED, "not allowed any more, or over, when its time came")
        if not (address := address_of(found.to)):
            return _end(mail, MailState.DROPPED, "there is no address")
        post.deliver(mail, write(found, token=_token(found)), address)
    except Unreached:
        raise
    except Refused as error:
        return _end(mail, MailState.FAILED, str(error))
    except Undelivered as error:
        return _put_off(mail, str(error))
    except Exception as error:  # one bad notice must not stop the others
        log.exception("mail %s cannot be written", mail.public_id)
        return _put_off(mail, f"it cannot be written: {type(error).__name__}")
    return _sent(found)


def _token(found: Draft) -> str:
    link, mail = found.notice.link, found.mail
    to: Any = found.to
    return issue_link(purpose=link, record=mail.record, to=to, stage=mail.stage) if link else ""


@transaction.atomic
def _sent(found: Draft) -> str:
    """Whom it named was disclosed; of whom it told it is told no more."""
    by: Any = found.to
    there = _still_there([*found.told, *(student.pk for student in found.news)])
    if named := sorted(found.told & there):
        record_disclosures(student_ids=named, kind=DisclosureKind.MAIL, by=by)
    if found.notice.news:
        found.notice.news.told(found.record, sorted(there))
    return _end(found.mail, MailState.SENT, "")


def _still_there(student_ids: list[int]) -> set[int]:
    """Those who were not erased while the mail was on its way; nobody is before this is put down."""
    students = Student.objects.select_for_update().filter(pk__in=student_ids).order_by("pk")
    return set(students.values_list("pk", flat=True)) if student_ids else set()


def _put_off(mail: Mail, problem: str) -> str:
    """Waits for its next attempt, unless this was the last."""
    if mail.attempts >= MOST_ATTEMPTS:
        return _end(mail, MailState.FAILED, problem)
    log.warning("mail %s waits after attempt %s: %s", mail.public_id, mail.attempts, problem)
    return _mark(mail, MailState.WAITING, due_at=timezone.now() + _back_off(mail), problem=problem)


def _end(mail: Mail, state: MailState, problem: str) -> str:
    if state == MailState.FAILED:
        log.warning("mail %s failed: %s", mail.public_id, problem)
    return _mark(mail, state, problem=problem, sent_at=timezone.now() if state == MailState.SENT else None)


def _mark(mail: Mail, state: MailState, **fields: Any) -> str:
    """Nothing where another has claimed it since."""
    mine = Mail.objects.filter(pk=mail.pk, state=MailState.WAITING, attempts=mail.attempts)
    mine.update(state=state, **fields)
    return state
