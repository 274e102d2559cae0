"""What became of graduates: rows that are only added to, of which the latest holds."""

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.access import Actor, require
from crm.actions.saving import save_checked
from crm.errors import Invalid
from crm.models import Outcome, Student


@transaction.atomic
def record_outcome(
    *, student: Student, kind: str, source: str, by: Actor, date: datetime.date | None = None, **fields: Any
) -> Outcome:
    """What a source said on a date (today where absent); `fields`: employer.

    By the office, or by the student. Raises NotAllowed, and Invalid for an unknown kind, a missing source, a day ahead.
    """
    student = Student.objects.select_for_update().get(pk=student.pk)
    outcome = Outcome(student=student, kind=kind, source=source.strip(), date=date or timezone.localdate())
    require(by, "outcome.record", outcome)
    if not outcome.source:
        raise Invalid.field("source", "Say where this is known from, such as a survey and its year.")
    if outcome.date > timezone.localdate():
        raise Invalid.field("date", "This day lies ahead.")
    return save_checked(outcome, fields)
