"""Remove a person for good; keep counts that name nobody; keep the removal over a restore of a backup."""

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from crm.access import Audience, SystemProcess, require
from crm.actions.users import end_access
from crm.errors import Unavailable
from crm.models import StageChange, Student, User
from crm.signals import students_changed


@transaction.atomic
def erase_student(*, student: Student, by: User | SystemProcess) -> uuid.UUID:
    """Removes the student, the account and all that hangs on them; returns the random id that the ledger now holds.

    Disclosures stay as rows without the student, so that counts by partner and day stay true. Raises Unavailable,
    and erases nothing, where the ledger cannot be written.
    """
    require(by, "student.erase", student)
    student = Student.objects.select_for_update().get(pk=student.pk)
    erased, key = student.public_id, student.pk
    _redact_history(student)
    for user in User.objects.filter(student=student):
        end_access(user)
    if erased not in set(read_ledger()):
        append_to_ledger(erased)
    student.delete()
    students_changed.send(Student, student_ids=[key], narrows=Audience.EVERYONE)
    return erased


def _redact_history(student: Student) -> None:
    """Moves stay as counts; reasons, which may hold names, and the link to the consent go."""
    consents = student.consents.values_list("public_id", flat=True)
    for change in StageChange.objects.filter(kind="consent", record__in=list(consents)):
        change.record, change.reason, change.user = uuid.uuid4(), "", None
        change.save(update_fields=["record", "reason", "user"])


def append_to_ledger(erased: uuid.UUID) -> None:
    """Appends one line to a file outside of the database, and waits until it is on the disk."""
    line = json.dumps({"erased": str(erased), "at": timezone.now().isoformat(timespec="seconds")}) + "\n"
    path = Path(settings.ERASURE_LEDGER)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as ledger:
            ledger.write(line)
            ledger.flush()
            os.fsync(ledger.fileno())
    except OSError as error:
        raise Unavailable("The erasure ledger cannot be written, so nothing was erased.") from error


def read_ledger() -> Iterator[uuid.UUID]:
    """The ids of the ledger. Raises ValueError with the line number where a line is damaged."""
    path = Path(settings.ERASURE_LEDGER)
    if not path.exists():
        return
    with path.open(encoding="utf-8") as ledger:
        for number, line in enumerate(ledger, start=1):
            if line.strip():
                yield _parse(line, number)


def _parse(line: str, number: int) -> uuid.UUID:
    try:
        return uuid.UUID(json.loads(line)["erased"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"line {number} of the erasure ledger is damaged") from error


def replay_erasures(*, by: User | SystemProcess) -> int:
    """After a restore: erases again whom the ledger names. Returns how many were found and erased."""
    erased = 0
    for public_id in set(read_ledger()):
        student = Student.objects.filter(public_id=public_id).first()
        if student is not None:
            erase_student(student=student, by=by)
            erased += 1
    return erased
