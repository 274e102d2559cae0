"""One move of a record with stages: locked, checked, recorded."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import models

from crm import stages
from crm.access import Actor
from crm.actions.saving import locked
from crm.models import Student
from crm.stages import Machine

M = TypeVar("M", bound=models.Model)


def locked_with_student(record: M) -> M:
    """The record as it is now, locked after its student: always in this order, so that no two wait for each other."""
    student_id = getattr(record, "student_id", None)
    if student_id:
        list(Student.objects.select_for_update().filter(pk=student_id).values_list("pk"))
    return locked(record)


def move(
    machine: Machine,
    record: M,
    to: str,
    *,
    by: Actor,
    reason: str = "",
    fields: Mapping[str, Any] | None = None,
) -> M:
    """Moves a locked record; `fields` are set with the move. To be called in the transaction that locked it.

    Raises InvalidMove, NotAllowed, and Invalid where a reason or something that the new state requires is missing.
    """
    row: Any = record
    start = row.state
    for name, value in (fields or {}).items():
        setattr(record, name, value)
    machine.check(record, to, by=by, reason=reason)
    row.state = to
    record.save()
    stages.record_change(machine, record, start=start, to=to, by=by, reason=reason.strip())
    return record
