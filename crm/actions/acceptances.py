"""Acceptances of an immersion: three sides accept its terms, and anew where those change before it is agreed."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm import stages
from crm.access import Actor, Role, require
from crm.actions.moving import locked_with_student
from crm.actions.saving import save_checked
from crm.errors import Conflict, Invalid, NotAllowed
from crm.models import Immersion, ImmersionState, User

SIDES = {"student": Role.STUDENT, "university": Role.OFFICE, "partner": Role.PARTNER}
"""Who accepts an immersion -> the role that speaks for it."""
TERMS = ("kind", "starts", "ends", "site", "city", "project", "thesis")
"""What is accepted."""
BEFORE_AGREED = (ImmersionState.PROPOSED, ImmersionState.APPLIED, ImmersionState.ACCEPTED)


@transaction.atomic
def accept_immersion(
    *, immersion: Immersion, side: str, by: Actor, source: str = "", accepted_on: date | None = None
) -> Immersion:
    """Sets the day (today where absent) on which one of SIDES accepted.

    Each speaks for itself; the office records the signed paper of the student or the partner, and says so in `source`.
    Raises NotAllowed, Invalid, and Conflict where that side has accepted, or it is too late.
    """
    immersion, source = locked_with_student(immersion), source.strip()
    require(by, "immersion.accept", immersion)
    _check_side(side, source, by)
    _check_time(immersion, side)
    sources = {f"{side}_acceptance_source": source} if side != "university" else {}
    save_checked(immersion, {f"accepted_by_{side}": _day(accepted_on), **sources})
    _tell(immersion, f"accepted by the {side}: {source}" if source else f"accepted by the {side}", by)
    return immersion


def _check_side(side: str, source: str, by: Actor) -> None:
    if side not in SIDES:
        raise Invalid.field("by", f"Allowed: {', '.join(SIDES)}.")
    if not isinstance(by, User) or by.role == SIDES[side]:
        return
    if by.role != Role.OFFICE:
        raise NotAllowed(f"The {side} accepts for itself.")
    if not source:
        raise Invalid.field("source", f"Say which paper the {side} signed, and when.")


def _check_time(immersion: Immersion, side: str) -> None:
    if day := getattr(immersion, f"accepted_by_{side}"):
        raise Conflict(f"The {side} accepted on {day}.")
    if immersion.state not in BEFORE_AGREED:
        raise Conflict(f"An immersion that is {immersion.state} is not accepted any more.")


def _day(given: date | None) -> date:
    today = timezone.localdate()
    if given and given > today:
        raise Invalid.field("date", "This day lies ahead.")
    return given or today


def terms_of(immersion: Immersion) -> dict[str, Any]:
    return {name: getattr(immersion, "city_id" if name == "city" else name) for name in TERMS}


def take_back_acceptances(immersion: Immersion, changed: Collection[str], *, by: Actor) -> None:
    """Before it is agreed, no acceptance outlives the terms that it was given for. The caller saves the immersion."""
    given = [side for side in SIDES if getattr(immersion, f"accepted_by_{side}")]
    if not changed or not given or immersion.state not in BEFORE_AGREED:
        return
    for side in given:
        setattr(immersion, f"accepted_by_{side}", None)
    immersion.student_acceptance_source = immersion.partner_acceptance_source = ""
    _tell(immersion, f"to be accepted anew by all sides: other {', '.join(changed)}", by)


def _tell(immersion: Immersion, said: str, by: Actor) -> None:
    stages.record_change(stages.IMMERSION, immersion, start=immersion.state, to=immersion.state, by=by, reason=said)
