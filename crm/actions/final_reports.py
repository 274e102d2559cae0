"""Final reports of immersions: PDF files below VAR_DIR, which no web server serves, each named by one row.

A file is written last, when its row stands; where the row is taken back, so is the file. What a crash leaves behind,
`remove_orphans` finds.
"""

import hashlib
import os
import secrets
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from crm import stages
from crm.access import Actor, names_student, reach_of, require
from crm.actions.disclosures import record_disclosures
from crm.actions.moving import locked_with_student
from crm.errors import Conflict, Gone, Invalid, Unavailable
from crm.models import DisclosureKind, FinalReport, Immersion, ImmersionState, Student, User

REPORTED = (ImmersionState.ACTIVE, ImmersionState.COMPLETED)
BEGINNING, END, LAST = b"%PDF-", b"%%EOF", 2048
"""How a PDF begins, and what stands in its last bytes."""
ORPHAN_AGE = 3600
"""Seconds after which a file without a row is no upload that is still under way."""


def store_report(*, immersion: Immersion, pdf: bytes, by: Actor) -> FinalReport:
    """Keeps the report of an immersion in place of the former one.

    Raises NotAllowed, Invalid for what is no PDF or too large, Conflict before the immersion is active, and
    Unavailable where the file cannot be written.
    """
    _check(pdf)
    name = secrets.token_hex(32)
    try:
        return _store(immersion, pdf, name, by)
    except BaseException:
        _remove(name)
        raise


def _check(pdf: bytes) -> None:
    if len(pdf) > settings.MAX_REPORT_BYTES:
        raise Invalid.field("file", f"The report is over {settings.MAX_REPORT_BYTES:,} bytes.")
    if not pdf.startswith(BEGINNING) or END not in pdf[-LAST:]:
        raise Invalid.field("file", "This is no PDF, or a part of one.")


@transaction.atomic
def _store(immersion: Immersion, pdf: bytes, name: str, by: Actor) -> FinalReport:
    immersion = locked_with_student(immersion)
    require(by, "immersion.report", immersion)
    if immersion.state not in REPORTED:
        raise Conflict(f"This immersion is {immersion.state}; its report is taken from when it is active.")
    if former := FinalReport.objects.filter(immersion=immersion).first():
        transaction.on_commit(partial(_remove, former.file), robust=True)
    report, _ = FinalReport.objects.update_or_create(
        immersion=immersion,
        defaults={
            "file": name,
            "size": len(pdf),
            "sha256": hashlib.sha256(pdf).hexdigest(),
            "uploaded_by": by if isinstance(by, User) else None,
            "uploaded_at": timezone.now(),
        },
    )
    _write(name, pdf)
    return report


def open_report(*, immersion: Immersion, by: User) -> BinaryIO:
    """The file, open for reading; who reads it stands in the disclosures, but for the student.

    Raises FinalReport.DoesNotExist where there is none, or none for a partner that may not know whose it is.
    """
    require(by, "immersion.view", immersion)
    reach, stage = reach_of(by), stages.IMMERSION.states[immersion.state]
    if reach is None or not names_student(reach, immersion.student, own_process=stage.own_process):
        raise FinalReport.DoesNotExist
    file = _open(immersion)
    if by.student_id != immersion.student_id:
        record_disclosures(student_ids=[immersion.student_id], kind=DisclosureKind.EXPORT, by=by)
    return file


def _open(immersion: Immersion) -> BinaryIO:
    """A report that is just being replaced is looked for again."""
    for _ in range(2):
        try:
            return (_folder() / FinalReport.objects.get(immersion=immersion).file).open("rb")
        except FileNotFoundError:
            continue
    raise Gone("The file of this report is there no more. Send it again.")


def remove_reports(student: Student) -> None:
    """Called in the transaction that erases a student: the files go once it commits."""
    for name in FinalReport.objects.filter(immersion__student=student).values_list("file", flat=True):
        transaction.on_commit(partial(_remove, name), robust=True)


def remove_orphans() -> int:
    """Removes files without a row, but for those of the last hour. Returns how many there were."""
    old = time.time() - ORPHAN_AGE
    known = set(FinalReport.objects.values_list("file", flat=True))
    orphans = [path for path in _folder().glob("*") if path.name not in known and path.stat().st_mtime < old]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _folder() -> Path:
    return Path(settings.VAR_DIR) / "reports"


def _write(name: str, pdf: bytes) -> None:
    """Nobody ever reads half of it."""
    draft = _folder() / f"{name}.part"
    try:
        _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(draft, "xb", opener=partial(os.open, mode=0o600)) as file:
            file.write(pdf)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(_folder() / name)
    except OSError as error:
        raise Unavailable("The report cannot be kept now. Send it again.") from error
    finally:
        _remove(draft.name)


def _remove(name: str) -> None:
    """What cannot be removed now is an orphan, and goes later."""
    with suppress(OSError):
        (_folder() / name).unlink(missing_ok=True)
