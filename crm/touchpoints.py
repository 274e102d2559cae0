"""Touchpoints: dated rows that say which partner a record links with which lab, professor or student.

Each kind of record has one function here that says which touches it stands for. Actions call `write_touchpoints` in
the transaction of the change; `rebuild_touchpoints` makes all of them anew, or compares.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from crm.models import (
    Attendance,
    Contact,
    Evaluation,
    Hire,
    Immersion,
    Introduction,
    Recommendation,
    Touchpoint,
    TouchpointKind,
)


@dataclass(frozen=True)
class Touch:
    kind: str
    date: date
    partner_id: int
    lab_id: int | None = None
    professor_id: int | None = None
    student_id: int | None = None


def _touches(kind: str, day: date, partner_id: int, **touched: Iterable[int | None]) -> Iterator[Touch]:
    """One for each lab, professor and student that is given."""
    for who, ids in touched.items():
        yield from (Touch(kind, day, partner_id, **{f"{who}_id": pk}) for pk in ids if pk is not None)


def _of_contact(contact: Contact) -> Iterator[Touch]:
    people = contact.participants.all()
    labs = [person.lab_id for person in people]
    if contact.seminar:
        labs.append(contact.seminar.lab_id)
    return _touches(
        TouchpointKind.CONTACT,
        contact.day,
        contact.partner_id,
        lab=labs,
        professor=[person.professor_id for person in people],
        student=[person.student_id for person in people],
    )


def _of_attendance(attendance: Attendance) -> Iterator[Touch]:
    """A representative who came met the lab and the speakers."""
    guest, seminar = attendance.representative, attendance.seminar
    if guest is None or attendance.state != "attended":
        return iter(())
    return _touches(
        TouchpointKind.SEMINAR,
        timezone.localdate(seminar.starts),
        guest.partner_id,
        lab=[seminar.lab_id],
        professor=[speaker.pk for speaker in seminar.speakers.all()],
    )


def _of_recommendation(written: Recommendation) -> Iterator[Touch]:
    if written.state != "shared" or written.partner_id is None or written.shared_at is None:
        return iter(())
    day = timezone.localdate(written.shared_at)
    professor, student = [written.professor_id], [written.student_id]
    return _touches(TouchpointKind.RECOMMENDATION, day, written.partner_id, professor=professor, student=student)


def _of_introduction(asked: Introduction) -> Iterator[Touch]:
    """What was accepted; nobody met by what was not."""
    if asked.stored_state not in {"accepted", "closed"} or asked.answered_at is None:
        return iter(())
    day = timezone.localdate(asked.answered_at)
    return _touches(TouchpointKind.INTRODUCTION, day, asked.partner_id, student=[asked.student_id])


def _of_immersion(stay: Immersion) -> Iterator[Touch]:
    """What was agreed, on its first day."""
    if stay.state not in {"agreed", "active", "completed"} or stay.starts is None:
        return iter(())
    return _touches(
        TouchpointKind.IMMERSION,
        stay.starts,
        stay.partner_id,
        lab=[stay.lab_id],
        professor=[stay.academic_supervisor_id],
        student=[stay.student_id],
    )


def _of_evaluation(given: Evaluation) -> Iterator[Touch]:
    stay, day = given.immersion, timezone.localdate(given.given_at)
    return _touches(TouchpointKind.EVALUATION, day, stay.partner_id, student=[stay.student_id])


def _of_hire(hire: Hire) -> Iterator[Touch]:
    yield Touch(TouchpointKind.OFFER, hire.offered_on, hire.partner_id, student_id=hire.student_id)
    if hire.answered_on and hire.state in {"accepted", "started", "left"}:
        yield Touch(TouchpointKind.HIRE, hire.answered_on, hire.partner_id, student_id=hire.student_id)


@dataclass(frozen=True)
class Source:
    records: Callable[[], QuerySet[Any]]
    """With what `touches` reads."""
    touches: Callable[[Any], Iterator[Touch]]


SOURCES: dict[type[Any], Source] = {
    Contact: Source(
        lambda: Contact.objects.select_related("seminar").prefetch_related("participants"),
        _of_contact,
    ),
    Attendance: Source(
        lambda: Attendance.objects.select_related("representative", "seminar").prefetch_related("seminar__speakers"),
        _of_attendance,
    ),
    Recommendation: Source(lambda: Recommendation.objects.all(), _of_recommendation),
    Introduction: Source(lambda: Introduction.objects.all(), _of_introduction),
    Immersion: Source(lambda: Immersion.objects.all(), _of_immersion),
    Evaluation: Source(lambda: Evaluation.objects.select_related("immersion"), _of_evaluation),
    Hire: Source(lambda: Hire.objects.all(), _of_hire),
}
FIELDS = ("kind", "date", "partner_id", "lab_id", "professor_id", "student_id")


def write_touchpoints(record: Any) -> None:
    """Makes the touchpoints of a record what they should be now; to be called in the transaction that changed it."""
    source = SOURCES[type(record)]
    fresh = source.records().get(pk=record.pk)
    wanted = set(source.touches(fresh))
    for row in Touchpoint.objects.filter(record=fresh.public_id):
        touch = Touch(*(getattr(row, name) for name in FIELDS))
        if touch in wanted:
            wanted.remove(touch)
        else:
            row.delete()
    Touchpoint.objects.bulk_create(Touchpoint(record=fresh.public_id, **vars_of(touch)) for touch in wanted)


def vars_of(touch: Touch) -> dict[str, Any]:
    return {name: getattr(touch, name) for name in FIELDS}
