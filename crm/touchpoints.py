"""Touchpoints: dated rows that say which partner a record links with which lab, professor or student.

Each kind of record has one function here that says which touches it stands for. Actions call `write_touchpoints` in
the transaction of the change; `rebuild_touchpoints` makes all of them anew, or compares.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
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
BATCH = 500


def write_touchpoints(record: Any) -> None:
    """Makes the touchpoints of a record what they should be now; to be called in the transaction that changed it."""
    source = SOURCES[type(record)]
    fresh = source.records().get(pk=record.pk)
    _store({fresh.public_id: set(source.touches(fresh))})


def write_touchpoints_of(records: QuerySet[Any]) -> None:
    """The same for many records of one kind, locked on the way."""
    source, keys = SOURCES[records.model], sorted(records.values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        _batch(source, keys[start : start + BATCH], verify=False)


def _store(wanted: dict[uuid.UUID, set[Touch]]) -> int:
    """Makes the touchpoints of these records the wanted ones. Returns how many rows changed."""
    missing = {record: set(touches) for record, touches in wanted.items()}
    wrong = []
    for row in Touchpoint.objects.filter(record__in=wanted):
        touch = _touch_of(row)
        if touch in missing[row.record]:
            missing[row.record].remove(touch)
        else:
            wrong.append(row.pk)
    Touchpoint.objects.filter(pk__in=wrong).delete()
    added = [Touchpoint(record=record, **asdict(touch)) for record, touches in missing.items() for touch in touches]
    Touchpoint.objects.bulk_create(added)
    return len(wrong) + len(added)


def _touch_of(row: Touchpoint) -> Touch:
    return Touch(*(getattr(row, column.name) for column in fields(Touch)))


def rebuild_touchpoints(*, verify: bool = False, progress: Callable[[int], object] = lambda done: None) -> int:
    """Makes all touchpoints anew from the records, or with `verify` only compares.

    Returns how many rows differed. Each batch is a transaction that locks its records, so that it may run, be stopped
    and be run again while the CRM is in use.
    """
    differed = 0
    for source in SOURCES.values():
        last = 0
        while keys := list(source.records().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            with transaction.atomic():
                differed += _batch(source, keys, verify=verify)
            last = keys[-1]
            progress(len(keys))
    return differed + _orphans(verify=verify)


def _batch(source: Source, keys: list[int], *, verify: bool) -> int:
    list(source.records().model._default_manager.select_for_update().filter(pk__in=keys).values_list("pk"))
    wanted = {record.public_id: set(source.touches(record)) for record in source.records().filter(pk__in=keys)}
    if not verify:
        return _store(wanted)
    stands: dict[uuid.UUID, set[Touch]] = {record: set() for record in wanted}
    for row in Touchpoint.objects.filter(record__in=wanted):
        stands[row.record].add(_touch_of(row))
    return sum(len(wanted[record] ^ stands[record]) for record in wanted)


def _orphans(*, verify: bool) -> int:
    """Touchpoints of records that are no more."""
    rows = Touchpoint.objects.all()
    for model in SOURCES:
        rows = rows.exclude(Exists(model._default_manager.filter(public_id=OuterRef("record"))))
    return rows.count() if verify else rows.delete()[0]


def count_records() -> int:
    return sum(model._default_manager.count() for model in SOURCES)
