"""Follow-ups: the next step with a partner or lab, from open to done or dropped."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm import stages
from crm.access import SystemProcess, require
from crm.actions.moving import move
from crm.actions.reminders import queue_reminder
from crm.actions.saving import locked, save_checked
from crm.clock import YEARS
from crm.errors import Conflict, Invalid
from crm.models import Contact, FollowUp, FollowUpState, Lab, Partner, User


@transaction.atomic
def add_follow_up(
    *,
    what: str,
    due: date,
    by: User | SystemProcess,
    owner: User | None = None,
    contact: Contact | None = None,
    partner: Partner | None = None,
    lab: Lab | None = None,
) -> FollowUp:
    """An open follow-up of a contact, a partner or a lab; owned by whoever adds it unless it says otherwise.

    With a contact, the partner is that of the contact, and so is the lab where it has one only. A reminder is queued.
    """
    require(by, "follow_up.change")
    if contact and partner and contact.partner_id != partner.pk:
        raise Invalid.field("partner", "The contact is with another partner.")
    if not (contact or partner or lab):
        raise Invalid.field("contact", "Say which contact, partner or lab it is about.")
    follow_up = FollowUp(contact=contact, partner=contact.partner if contact else partner, lab=lab, what=what, due=due)
    if contact and not lab:
        follow_up.lab = _only_lab(contact)
    follow_up.owner = _owner(owner, by)
    _check_day(due)
    save_checked(follow_up)
    stages.record_change(stages.FOLLOW_UP, follow_up, to=follow_up.state, by=by)
    queue_reminder(follow_up)
    return follow_up


@transaction.atomic
def update_follow_up(*, follow_up: FollowUp, by: User | SystemProcess, **fields: Any) -> FollowUp:
    """Sets what, due or owner; another day or owner gets a reminder of its own. Raises Conflict where it is closed."""
    follow_up = locked(follow_up)
    require(by, "follow_up.change", follow_up)
    if follow_up.state != FollowUpState.OPEN:
        raise Conflict(f"A follow-up that is {follow_up.state} is opened again before it is changed.")
    stood = (follow_up.due, follow_up.owner_id)
    if "owner" in fields:
        _owner(fields["owner"], by)
    if "due" in fields:
        _check_day(fields["due"])
    save_checked(follow_up, fields)
    if (follow_up.due, follow_up.owner_id) != stood:
        queue_reminder(follow_up)
    return follow_up


@transaction.atomic
def move_follow_up(*, follow_up: FollowUp, to: str, by: User | SystemProcess, reason: str = "") -> FollowUp:
    """Done, dropped with a reason, or open again, with another reminder.

    Raises InvalidMove, NotAllowed, and Invalid without a reason.
    """
    closed_at = None if to == FollowUpState.OPEN else timezone.now()
    moved = move(stages.FOLLOW_UP, locked(follow_up), to, by=by, reason=reason, fields={"closed_at": closed_at})
    if to == FollowUpState.OPEN:
        queue_reminder(moved)
    return moved


def _only_lab(contact: Contact) -> Lab | None:
    labs = list(Lab.objects.filter(contacts__contact=contact)[:2])
    return labs[0] if len(labs) == 1 else None


def _owner(given: User | None, by: User | SystemProcess) -> User:
    owner = given or (by if isinstance(by, User) else None)
    if owner is None or not User.objects.staff().filter(pk=owner.pk).exists():
        raise Invalid.field("owner", "Name an active account of the university.")
    return owner


def _check_day(due: date) -> None:
    if due.year not in YEARS:
        raise Invalid.field("due", "This day lies too far away to be meant.")
