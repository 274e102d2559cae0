"""Remove a person for good; keep counts that name nobody; keep the removal over a restore of a backup."""

import uuid

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models.deletion import Collector

from crm import erasure_ledger
from crm.access import Audience, SystemProcess, require
from crm.actions.contact_history import redact_revisions
from crm.actions.final_reports import remove_reports
from crm.models import Mail, OneTimeLink, StageChange, Student, Touchpoint, User
from crm.signals import students_changed
from crm.stages import MACHINES


@transaction.atomic
def erase_student(*, student: Student, by: User | SystemProcess) -> uuid.UUID:
    """Removes the student, the account and all that hangs on them; returns the random id that the ledger now holds.

    Disclosures stay as rows without the student, so that counts by partner and day stay true. Raises Unavailable,
    and erases nothing, where the ledger cannot be written.
    """
    require(by, "student.erase", student)
    erased = student.public_id
    erasure_ledger.append(erased)
    _erase(student)
    return erased


@transaction.atomic
def _erase(student: Student) -> None:
    """The account, with its tokens, goes with the record."""
    student = Student.objects.select_for_update().get(pk=student.pk)
    key = student.pk
    _redact(student)
    for user in User.objects.filter(student=student):
        _delete_sessions(user)
    student.delete()
    students_changed.send(Student, student_ids=[key], narrows=Audience.EVERYONE)


def _delete_sessions(user: User) -> None:
    """They hold the e-mail; only their content tells whose they are."""
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


def _redact(student: Student) -> None:
    """Moves stay as counts: reasons, which may hold names, go, and what tells whose they were.

    So do the links, mails and touchpoints of other people about records that go with the student.
    """
    gone = _going_with(student)
    changes = StageChange.objects.filter(kind__in=MACHINES, record__in=gone)
    for change in changes:
        change.record, change.reason, change.user = uuid.uuid4(), "", None
    StageChange.objects.bulk_update(changes, ["record", "reason", "user"], batch_size=500)
    for model in (OneTimeLink, Mail, Touchpoint):
        model._default_manager.filter(record__in=gone).delete()
    redact_revisions(student)
    remove_reports(student)


def _going_with(student: Student) -> list[uuid.UUID]:
    """The public ids of the student and of all rows that are deleted with them, whatever their model."""
    collector = Collector(using=DEFAULT_DB_ALIAS, origin=student)
    collector.collect([student])
    groups = (*collector.data.values(), *collector.fast_deletes)
    return [row.public_id for rows in groups for row in rows if hasattr(row, "public_id")]


def replay_erasures(*, by: User | SystemProcess) -> int:
    """After a restore: erases again whom the ledger names. Returns how many were found and erased.

    Raises FileNotFoundError where there is no ledger, and ValueError where lines are damaged; the others are done then.
    """
    require(by, "student.erase")
    ids, damaged = erasure_ledger.read()
    students = list(Student.objects.filter(public_id__in=ids))
    for student in students:
        _erase(student)
    if damaged:
        numbers = ", ".join(map(str, damaged))
        raise ValueError(f"The ledger is damaged in line {numbers}; {len(students)} named in other lines were erased.")
    return len(students)
