"""Remove a person for good; keep counts that name nobody; keep the removal over a restore of a backup."""

import uuid

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from crm import erasure_ledger
from crm.access import Audience, SystemProcess, require
from crm.models import StageChange, Student, User
from crm.signals import students_changed


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
    _redact_history(student)
    for user in User.objects.filter(student=student):
        _delete_sessions(user)
    student.delete()
    students_changed.send(Student, student_ids=[key], narrows=Audience.EVERYONE)


def _delete_sessions(user: User) -> None:
    """They hold the e-mail; only their content tells whose they are."""
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


def _redact_history(student: Student) -> None:
    """Moves stay as counts; reasons, which may hold names, and the link to the consent go."""
    consents = student.consents.values_list("public_id", flat=True)
    for change in StageChange.objects.filter(kind="consent", record__in=list(consents)):
        change.record, change.reason, change.user = uuid.uuid4(), "", None
        change.save(update_fields=["record", "reason", "user"])


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
