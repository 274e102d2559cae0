"""Who was shown whose data: appended in the same request."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from crm.access import Role
from crm.errors import TooMany, Unavailable
from crm.models import Disclosure, DisclosureKind, Professor, Representative, Student, User

Viewer = User | Representative | Professor


def record_disclosures(*, student_ids: Iterable[int], kind: DisclosureKind, by: Viewer) -> None:
    """One row for each student shown, a page in one insert. Raises Unavailable where one was erased meanwhile.

    Within a transaction that would be seen only at its end: `hold_students` first.

    `by` is who was shown it: a representative or professor who may have no account, where it was told in a mail.
    """
    account = by if isinstance(by, User) else getattr(by, "user", None)
    representative = by if isinstance(by, Representative) else getattr(by, "representative", None)
    partner_id = representative.partner_id if representative else None
    same = [account and account.pk, partner_id, kind.value, _ready("at", timezone.now())]
    rows = [[_ready("public_id", uuid.uuid4()), pk] for pk in student_ids]
    try:
        with connection.cursor() as cursor:
            # `bulk_create` makes a model of each row: on a full page, more work than all else but the search.
            for batch in (rows[start : start + BATCH] for start in range(0, len(rows), BATCH)):
                values = ", ".join(["(%s, %s)"] * len(batch))
                cursor.execute(INSERT.format(values=values), [*same, *chain.from_iterable(batch)])
    except IntegrityError as error:
        raise changing() from error


def hold_students(student_ids: Iterable[int]) -> None:
    """Until the transaction ends nobody erases them. Raises Unavailable where one was erased already."""
    wanted = set(student_ids)
    # Rows that refer to them may be added meanwhile.
    held = Student.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    if len(held.values_list("pk")) < len(wanted):
        raise changing()


def changing() -> Unavailable:
    """To be raised where a student is erased between two reads."""
    return Unavailable("What was found is just being changed. Try again.", retry_after=1)


INSERT = f"""
    INSERT INTO "{Disclosure._meta.db_table}" (viewer_id, partner_id, kind, at, public_id, student_id)
    SELECT %s, %s, %s, %s, shown.column1, shown.column2 FROM (VALUES {{values}}) AS shown
"""
BATCH = 500


def _ready(column: str, value: Any) -> Any:
    """A value as the database takes it."""
    field: Any = Disclosure._meta.get_field(column)
    return field.get_db_prep_value(value, connection)


def open_candidate(*, student: Student, by: User, kind: DisclosureKind = DisclosureKind.CANDIDATE) -> None:
    """Records that a candidate, or the contact details, were opened. Raises as `open_candidates`."""
    open_candidates(students=[student], by=by, kind=kind)


@transaction.atomic
def open_candidates(*, students: Sequence[Student], by: User, kind: DisclosureKind = DisclosureKind.CANDIDATE) -> None:
    """Records that candidates were opened, all of them or none.

    Raises TooMany past a partner user's daily quota of distinct candidates, Unavailable where one was erased.
    """
    ids = [student.pk for student in students]
    hold_students(ids)
    if by.role == Role.PARTNER:
        User.objects.select_for_update().get(pk=by.pk)
        _check_quota(ids, by)
    record_disclosures(student_ids=ids, kind=kind, by=by)


def _check_quota(student_ids: Sequence[int], by: User) -> None:
    """What was opened already counts no more."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    opened = Disclosure.objects.opened_by(by.pk, since=midnight)
    new = set(student_ids) - set(opened.filter(student_id__in=student_ids).values_list("student_id", flat=True))
    if not new:
        return
    count = opened.values("student_id").distinct().count()
    if count + len(new) > settings.PARTNER_DAILY_CANDIDATES:
        raise TooMany(
            f"You opened {count} candidates today; {settings.PARTNER_DAILY_CANDIDATES} is the most a day allows.",
            retry_after=_seconds_until(midnight + timedelta(days=1)),
        )


def _seconds_until(moment: datetime) -> int:
    return max(1, int((moment - timezone.now()).total_seconds()) + 1)
