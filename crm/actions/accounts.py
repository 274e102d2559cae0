"""What people set for their own account."""

from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from crm.access import SystemProcess, require
from crm.actions.reminders import move_reminders
from crm.actions.saving import locked, save_checked
from crm.errors import Invalid
from crm.models import User


@transaction.atomic
def update_account(*, user: User, by: User | SystemProcess, **fields: Any) -> User:
    """Sets time_zone ("" for the university's) and wants_digest. Reminders that wait move with the time zone.

    Raises Invalid for an unknown time zone.
    """
    user = locked(user)
    require(by, "me.change", user)
    before = user.time_zone
    if fields.get("time_zone"):
        _check_zone(fields["time_zone"])
    save_checked(user, fields)
    if user.time_zone != before:
        move_reminders(user)
    return user


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError.
        raise Invalid.field("time_zone", "This is no time zone: write it like Europe/Moscow.") from error
