"""What is queued by the clock: the morning digest, and new partners told to those who let all partners see them."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, QuerySet
from django.utils import timezone

from crm.models import Block, Consent, FollowUp, FollowUpState, Mail, MailState, Partner, Student, User
from crm.notices.queue import queue_mail, queue_mails
from crm.notices.recipients import zone_of

MORNING, NOON = 7, 12
"""Hours between which a digest is a morning's, in its reader's time zone."""
BATCH = 500
"""Students told of a partner at a time, so that other mails do not stand behind thousands."""


def queue_digests(*, now: datetime | None = None) -> int:
    """For each user who wants it and in whose zone it is morning: once a day, and only when something is due."""
    queued = 0
    for user, first in _with_open_follow_ups():
        local = (now or timezone.now()).astimezone(zone_of(user))
        key = f"follow_up_digest:{user.pk}:{local.date()}"
        if MORNING <= local.hour < NOON and first <= local.date() and not Mail.objects.filter(key=key).exists():
            queue_mail("follow_up_digest", record=user.public_id, to=user, key=key)
            queued += 1
    return queued


def _with_open_follow_ups() -> list[tuple[User, date]]:
    wanted = User.objects.filter(wants_digest=True, is_active=True)
    rows = FollowUp.objects.filter(state=FollowUpState.OPEN, owner__in=wanted).values("owner")
    first = dict(rows.annotate(first=Min("due")).values_list("owner", "first"))
    return [(user, first[user.pk]) for user in wanted.filter(pk__in=first)]


def announce_partners() -> int:
    """The next students who had consented to all partners before one joined; to be called again and again."""
    waiting = Mail.objects.filter(state=MailState.WAITING, template="partner_joined")
    queued = 0
    for partner in Partner.objects.filter(to_announce__isnull=False):
        if waiting.count() >= BATCH:
            break
        queued += _announce(partner)
    return queued


@transaction.atomic
def _announce(partner: Partner) -> int:
    partner = Partner.objects.select_for_update().get(pk=partner.pk)
    students = list(_to_be_told(partner)[:BATCH]) if partner.is_active else []
    queue_mails("partner_joined", record=partner.public_id, to=students)
    if len(students) < BATCH:
        Partner.objects.filter(pk=partner.pk).update(to_announce=None)
    return len(students)


def _to_be_told(partner: Partner) -> QuerySet[Student]:
    of_student = {"student": OuterRef("pk")}
    consented = Consent.objects.active().filter(**of_student, partner=None, granted_at__lt=partner.to_announce)
    told = Mail.objects.filter(**of_student, template="partner_joined", record=partner.public_id)
    blocked = Block.objects.filter(**of_student, partner=partner)
    students = Student.objects.filter(Exists(consented), ~Exists(told), ~Exists(blocked), do_not_contact=False)
    return students.order_by("pk")
