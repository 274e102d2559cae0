"""Whether the hired are still there, 6 and 12 months after their first day."""

from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.access import Actor, Role, require
from crm.actions.moving import locked_with_student
from crm.actions.saving import locked, save_checked
from crm.clock import months_after
from crm.errors import Invalid
from crm.models import Hire, HireCheck, User
from crm.notices import queue_mail

MONTHS = (6, 12)
MORNING = time(8)
"""When the mail about a check that falls due is sent, at the university."""


def make_checks(hire: Hire) -> None:
    """To be called in the transaction that starts the hire."""
    assert hire.starts
    for months in MONTHS:
        check = HireCheck.objects.create(hire=hire, months=months, due=months_after(hire.starts, months))
        _queue(check)


def move_checks(hire: Hire) -> None:
    """Another first day: checks that are not done yet fall due on other days."""
    assert hire.starts
    for check in hire.checks.filter(done_on__isnull=True):
        check.due = months_after(hire.starts, check.months)
        check.save(update_fields=["due"])
        _queue(check)


def close_checks(hire: Hire) -> None:
    """The last day answers what was not checked yet."""
    for check in hire.checks.filter(done_on__isnull=True):
        assert hire.left_on
        check.done_on, check.still_there = timezone.localdate(), hire.left_on >= check.due
        check.notes = check.notes or f"Left on {hire.left_on}."
        check.save()


@transaction.atomic
def record_check(*, check: HireCheck, by: Actor, **fields: Any) -> HireCheck:
    """What a check found: still_there, done_on (today where absent), notes. `still_there` None takes it back.

    Raises NotAllowed, and Invalid where only one of day and result is given, or the day lies ahead.
    """
    hire = locked_with_student(check.hire)
    require(by, "hire.check", hire)
    check = locked(check)
    if "still_there" in fields and "done_on" not in fields:
        fields["done_on"] = None if fields["still_there"] is None else check.done_on or timezone.localdate()
    for name, value in fields.items():
        setattr(check, name, value)
    if (check.done_on is None) != (check.still_there is None):
        raise Invalid.field("still_there", "Give both the day and whether the student was still there, or neither.")
    if check.done_on and check.done_on > timezone.localdate():
        raise Invalid.field("done_on", "This day lies ahead.")
    return save_checked(check)


def _queue(check: HireCheck) -> None:
    """To whoever of the office made the offer, or to all of it."""
    office = User.objects.filter(role=Role.OFFICE, is_active=True)
    due_at = timezone.make_aware(datetime.combine(check.due, MORNING))
    for user in office.filter(pk=check.hire.created_by_id) or office:
        key = f"hire_check_due:{check.public_id}:{check.due}:user:{user.pk}"
        queue_mail("hire_check_due", record=check.public_id, to=user, key=key, due_at=due_at)
