"""Immersions: proposed, changed, moved from stage to stage."""

from typing import Any

from django.db import transaction

from crm import stages
from crm.access import Actor, Role, names_student, reach_of, require
from crm.actions.acceptances import take_back_acceptances, terms_of
from crm.actions.moving import locked_with_student, move
from crm.actions.overlaps import refuse_overlap
from crm.actions.saving import locked, save_checked
from crm.errors import Conflict, Invalid, NotAllowed
from crm.models import Immersion, ImmersionKind, ImmersionState, Partner, Student, User
from crm.notices import queue_mail
from crm.touchpoints import write_touchpoints

PARTNER_FIELDS = (
    *("host_group", "mentor", "site", "city", "project", "starts", "ends", "housing", "travel", "overlap_reason"),
)
"""What partner HR sets; all else is the university's."""

AGREED = (ImmersionState.AGREED, ImmersionState.ACTIVE, ImmersionState.COMPLETED)


@transaction.atomic
def propose_immersion(*, student: Student, partner: Partner, kind: str, by: Actor, **fields: Any) -> Immersion:
    """A new immersion of a student, who is told; partner HR proposes one to a candidate that it sees by consent.

    An industrial one is tied to the student's thesis unless it names another.
    Raises NotAllowed, Invalid, and Conflict where the dates overlap with another one and no `overlap_reason` is given.
    """
    student = locked(student)
    immersion = Immersion(student=student, partner=partner, kind=kind)
    require(by, "immersion.propose", immersion)
    _check_sight(student, by)
    immersion.created_by = by if isinstance(by, User) else None
    if kind == ImmersionKind.INDUSTRIAL and not fields.get("thesis"):
        immersion.thesis = student.thesis_title
        fields.pop("thesis", None)
    _set(immersion, fields, by)
    stages.record_change(stages.IMMERSION, immersion, to=immersion.state, by=by)
    write_touchpoints(immersion)
    queue_mail("immersion_proposed", record=immersion.public_id, to=student)
    return immersion


def _check_sight(student: Student, by: Actor) -> None:
    """Consent may have ended since the student was looked up."""
    reach = reach_of(by) if isinstance(by, User) else None
    if reach and not names_student(reach, student, own_process=False):
        raise Invalid.field("student", "Unknown.")


@transaction.atomic
def update_immersion(*, immersion: Immersion, by: Actor, **fields: Any) -> Immersion:
    """Sets the given fields; other terms are to be accepted anew, and once agreed, changed by the office alone.

    Raises NotAllowed, Invalid, and Conflict as `propose_immersion`, or where it is closed.
    """
    immersion = locked_with_student(immersion)
    require(by, "immersion.change", immersion)
    _set(immersion, fields, by)
    write_touchpoints(immersion)
    return immersion


def _set(immersion: Immersion, fields: dict[str, Any], by: Actor) -> None:
    is_partner = isinstance(by, User) and by.role == Role.PARTNER
    if is_partner:
        _check_own_fields(immersion, fields)
    stood = terms_of(immersion)
    for name, value in fields.items():
        setattr(immersion, name, value)
    changed = [name for name, value in terms_of(immersion).items() if value != stood[name]]
    if is_partner:
        _check_own_terms(immersion, changed)
    _check_dates(immersion)
    _check_mentor(immersion, fields)
    _check_standing(immersion, fields)
    if {"starts", "ends"} & set(changed):
        refuse_overlap(immersion, by=by, reason=fields.get("overlap_reason", ""))
    take_back_acceptances(immersion, changed, by=by)
    save_checked(immersion)


def _check_own_terms(immersion: Immersion, changed: list[str]) -> None:
    if changed and immersion.state in AGREED:
        known = ", ".join(changed)
        raise Conflict(f"Of an immersion that is {immersion.state} the career office alone changes: {known}.")


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
def move_immersion(*, immersion: Immersion, to: str, by: Actor, reason: str = "") -> Immersion:
    """Raises InvalidMove, NotAllowed, and Invalid where a reason or something that the stage requires is missing.

    Raises Conflict where days that overlap with another immersion are agreed without a reason.
    """
    immersion = move(stages.IMMERSION, locked_with_student(immersion), to, by=by, reason=reason)
    if to == ImmersionState.AGREED:
        refuse_overlap(immersion, by=by, reason=reason or immersion.overlap_reason)
    write_touchpoints(immersion)
    return immersion
