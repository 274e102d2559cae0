"""One mail for each follow-up, at 08:00 of the day it is due where its owner is."""

from django.db.models import QuerySet

from crm.clock import morning_of
from crm.models import FollowUp, FollowUpState, Mail, MailState, User
from crm.notices import queue_mail
from crm.notices.recipients import zone_of
from crm.stages import FOLLOW_UP

TEMPLATE = "follow_up_due"


def queue_reminder(follow_up: FollowUp) -> None:
    """Queues the reminder, in place of one that still waits: one for each day, owner, and time it was opened."""
    _waiting(follow_up).delete()
    opened = FOLLOW_UP.history(follow_up).filter(to_state=FollowUpState.OPEN).count()
    queue_mail(
        TEMPLATE,
        record=follow_up.public_id,
        to=follow_up.owner,
        key=f"{TEMPLATE}:{follow_up.public_id}:{follow_up.owner.public_id}:{follow_up.due}:{opened}",
        due_at=morning_of(follow_up.due, zone_of(follow_up.owner)),
    )


def move_reminders(owner: User) -> None:
    """To 08:00 in the owner's new time zone."""
    for follow_up in FollowUp.objects.filter(owner=owner, state=FollowUpState.OPEN):
        _waiting(follow_up).update(due_at=morning_of(follow_up.due, zone_of(owner)))


def _waiting(follow_up: FollowUp) -> QuerySet[Mail]:
    return Mail.objects.filter(template=TEMPLATE, record=follow_up.public_id, state=MailState.WAITING)
