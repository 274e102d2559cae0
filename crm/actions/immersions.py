"""Immersions: proposed, changed, accepted by the three sides, moved from stage to stage."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from crm import stages
from crm.access import Actor, Role, names_student, reach_of, require
from crm.actions.moving import locked_with_student, move
from crm.actions.overlaps import refuse_overlap
from crm.actions.saving import locked, save_checked
from crm.errors import Conflict, Invalid, NotAllowed
from crm.models import Immersion, ImmersionState, Partner, Student, User
from crm.touchpoints import write_touchpoints

PARTNER_FIELDS = (
    *("host_group", "mentor", "site", "city", "project", "starts", "ends", "housing", "travel", "overlap_reason"),
)
"""What partner HR sets; all else is the university's."""

SIDES = {"student": Role.STUDENT, "university": Role.OFFICE, "partner": Role.PARTNER}
"""Who accepts an immersion -> the role that speaks for it."""
BEFORE_AGREED = (ImmersionState.PROPOSED, ImmersionState.APPLIED, ImmersionState.ACCEPTED)
AGREED = (ImmersionState.AGREED, ImmersionState.ACTIVE, ImmersionState.COMPLETED)


@transaction.atomic
def propose_immersion(*, student: Student, partner: Partner, kind: str, by: Actor, **fields: Any) -> Immersion:
    """A new immersion of a student; partner HR proposes one to a candidate that it sees by consent.

    Raises NotAllowed, Invalid, and Conflict where the dates overlap with another one and no `overlap_reason` is given.
    """
    student = locked(student)
    immersion = Immersion(student=student, partner=partner, kind=kind)
    require(by, "immersion.propose", immersion)
    _check_sight(student, by)
    immersion.created_by = by if isinstance(by, User) else None
    _set(immersion, fields, by)
    stages.record_change(stages.IMMERSION, immersion, to=immersion.state, by=by)
    write_touchpoints(immersion)
    return immersion


def _check_sight(student: Student, by: Actor) -> None:
    """Consent may have ended since the student was looked up."""
    reach = reach_of(by) if isinstance(by, User) else None
    if reach and not names_student(reach, student, own_process=False):
        raise Invalid.field("student", "Unknown.")


@transaction.atomic
def update_immersion(*, immersion: Immersion, by: Actor, **fields: Any) -> Immersion:
    """Sets the given fields. Raises NotAllowed, Invalid, and Conflict as `propose_immersion`, or where it is closed."""
    immersion = locked_with_student(immersion)
    require(by, "immersion.change", immersion)
    _set(immersion, fields, by)
    write_touchpoints(immersion)
    return immersion


def _set(immersion: Immersion, fields: dict[str, Any], by: Actor) -> None:
    if isinstance(by, User) and by.role == Role.PARTNER:
        _check_own_fields(immersion, fields)
    dates = (immersion.starts, immersion.ends)
    for name, value in fields.items():
        setattr(immersion, name, value)
    _check_dates(immersion)
    _check_mentor(immersion, fields)
    _check_standing(immersion, fields)
    if (immersion.starts, immersion.ends) != dates:
        refuse_overlap(immersion, by=by, reason=fields.get("overlap_reason", ""))
    save_checked(immersion)


def _check_own_fields(immersion: Immersion, fields: dict[str, Any]) -> None:
    if foreign := set(fields) - set(PARTNER_FIELDS):
        raise NotAllowed(f"The university keeps: {', '.join(sorted(foreign))}.")
    if not stages.IMMERSION.states[immersion.state].open:
        raise Conflict(f"An immersion that is {immersion.state} is changed by the career office alone.")


def _check_dates(immersion: Immersion) -> None:
    if immersion.starts and immersion.ends and immersion.ends < immersion.starts:
        raise Invalid.field("ends", "The last day lies before the first one.")


def _check_mentor(immersion: Immersion, fields: dict[str, Any]) -> None:
    mentor = fields.get("mentor")
    if mentor is None:
        return
    if mentor.partner_id != immersion.partner_id:
        raise Invalid.field("mentor", "The mentor works for another partner.")
    if not mentor.is_current():
        raise Invalid.field("mentor", "The mentor has left the partner.")


def _check_standing(immersion: Immersion, fields: dict[str, Any]) -> None:
    """What a stage required when it was entered is not taken away after."""
    reached = AGREED[: AGREED.index(immersion.state) + 1] if immersion.state in AGREED else ()
    for state in reached:
        missing = stages.IMMERSION.missing(immersion, state)
        if taken := {name: sentences for name, sentences in missing.items() if name in fields}:
            raise Invalid(f"An immersion that is {immersion.state} cannot do without it.", fields=taken)


@transaction.atomic
def accept_immersion(*, immersion: Immersion, side: str, by: Actor, source: str = "") -> Immersion:
    """Sets today as the day on which one of SIDES accepted.

    Each speaks for itself; the office records the signed paper of the student or the partner, and says so in `source`.
    Raises NotAllowed, Invalid, and Conflict where that side has accepted, or it is too late.
    """
    immersion, source = locked_with_student(immersion), source.strip()
    require(by, "immersion.accept", immersion)
    _check_side(side, source, by)
    accepted_on = getattr(immersion, f"accepted_by_{side}")
    if accepted_on:
        raise Conflict(f"The {side} accepted on {accepted_on}.")
    if immersion.state not in BEFORE_AGREED:
        raise Conflict(f"An immersion that is {immersion.state} is not accepted any more.")
    sources = {f"{side}_acceptance_source": source} if side != "university" else {}
    save_checked(immersion, {f"accepted_by_{side}": timezone.localdate(), **sources})
    said = f"accepted by the {side}: {source}" if source else f"accepted by the {side}"
    stages.record_change(stages.IMMERSION, immersion, start=immersion.state, to=immersion.state, by=by, reason=said)
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


@transaction.atomic
def move_immersion(*, immersion: Immersion, to: str, by: Actor, reason: str = "") -> Immersion:
    """Raises InvalidMove, NotAllowed, and Invalid where a reason or something that the stage requires is missing."""
    immersion = move(stages.IMMERSION, locked_with_student(immersion), to, by=by, reason=reason)
    write_touchpoints(immersion)
    return immersion
