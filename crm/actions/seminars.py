"""Seminars, and who is invited, registered and came."""

from typing import Any

from django.db import transaction

from crm.access import SystemProcess, require
from crm.actions.saving import locked, save_checked
from crm.errors import Conflict, Invalid
from crm.models import Attendance, AttendanceState, Professor, Representative, Seminar, Student, User
from crm.touchpoints import write_touchpoints, write_touchpoints_of

TOUCHING = frozenset({"lab", "starts", "speakers"})
"""What touchpoints of a seminar are made of."""

KNOWN_AFTER = (AttendanceState.ATTENDED, AttendanceState.NO_SHOW)


@transaction.atomic
def create_seminar(*, by: User | SystemProcess, **fields: Any) -> Seminar:
    """Fields are those of Seminar, speakers are professors. Raises Invalid."""
    require(by, "seminar.change")
    return _save(Seminar(), fields)


@transaction.atomic
def update_seminar(*, seminar: Seminar, by: User | SystemProcess, **fields: Any) -> Seminar:
    """Sets the given fields; who attended has then met the new lab and speakers, on the new day."""
    seminar = locked(seminar)
    require(by, "seminar.change", seminar)
    _save(seminar, fields)
    if TOUCHING & fields.keys():
        _check_states(seminar)
        write_touchpoints_of(seminar.attendances.filter(representative__isnull=False))
        write_touchpoints_of(seminar.contacts.all())
    return seminar


def _save(seminar: Seminar, fields: dict[str, Any]) -> Seminar:
    speakers = fields.pop("speakers", None)
    for name, value in fields.items():
        setattr(seminar, name, value)
    if seminar.ends and seminar.ends < seminar.starts:
        raise Invalid.field("ends", "This lies before the start.")
    save_checked(seminar)
    if speakers is not None:
        seminar.speakers.set(speakers)
    return seminar


def check_state(seminar: Seminar, state: str) -> None:
    """Raises Invalid for an unknown state, and for what cannot be known before the day of the seminar."""
    if state not in AttendanceState.values:
        raise Invalid.field("state", f"Allowed: {', '.join(AttendanceState.values)}.")
    if state in KNOWN_AFTER and not seminar.has_begun():
        raise Invalid.field("state", f"The seminar is on {seminar.day}: nobody can be {state} yet.")


def _check_states(seminar: Seminar) -> None:
    """Raises Conflict where the seminar moves to a day that lies ahead, and somebody attended."""
    if not seminar.has_begun() and seminar.attendances.filter(state__in=KNOWN_AFTER).exists():
        raise Conflict("Its attendance is written down: it cannot lie ahead.", fields={"starts": ["This lies ahead."]})


@transaction.atomic
def add_attendance(
    *,
    seminar: Seminar,
    by: User | SystemProcess,
    representative: Representative | None = None,
    professor: Professor | None = None,
    student: Student | None = None,
    state: str = AttendanceState.INVITED,
) -> Attendance:
    """Puts one person on the list. Raises Invalid unless one is named, Conflict where that one stands there already."""
    seminar = locked(seminar)
    require(by, "attendance.change")
    guests = {"representative": representative, "professor": professor, "student": student}
    named = {kind: person for kind, person in guests.items() if person}
    if len(named) != 1:
        raise Invalid.field(next(iter(named), "representative"), "Name one: a representative, professor or student.")
    if standing := seminar.attendances.filter(**named).first():
        raise Conflict("This one is on the list already.", fields={"existing": [str(standing.public_id)]})
    check_state(seminar, state)
    attendance: Attendance = save_checked(Attendance(seminar=seminar, state=state, **named))
    write_touchpoints(attendance)
    return attendance


@transaction.atomic
def set_attendance(*, attendance: Attendance, state: str, by: User | SystemProcess) -> Attendance:
    """Raises Invalid for an unknown state, or one that a seminar that lies ahead does not know."""
    seminar = locked(attendance.seminar)
    attendance = locked(attendance)
    require(by, "attendance.change", attendance)
    check_state(seminar, state)
    save_checked(attendance, {"state": state})
    write_touchpoints(attendance)
    return attendance
