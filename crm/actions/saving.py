"""Setting fields on one record; what the model or a constraint of the database refuses becomes a domain error."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from crm.errors import Conflict, Invalid

M = TypeVar("M", bound=models.Model)

SENTENCES: Mapping[str, tuple[str, str]] = {
    "_ends_after_it_starts": ("ends", "This lies before the start."),
    "_left_after_it_started": ("left_on", "Whoever left has a day for it, which is not before the start."),
    "crm_city_latitude": ("latitude", "A latitude lies between -90 and 90 degrees."),
    "crm_city_longitude": ("longitude", "A longitude lies between -180 and 180 degrees."),
}
"""End of a constraint's name -> the field to change, and why."""
NOT_BLANK = "_not_blank"
"""What the names of those end with that `not_blank` makes."""


def save_checked(record: M, fields: Mapping[str, Any] | None = None) -> M:
    """Sets the fields and saves. Raises Conflict where a unique value is taken, else Invalid; each names its field.

    What exists already must have been read under lock: see `locked`.
    """
    for name, value in (fields or {}).items():
        setattr(record, name, value)
    _check(record)
    record.save()
    return record


def locked(record: M) -> M:
    """The record as it is now, locked until the transaction ends; a new one as it came."""
    return type(record)._default_manager.select_for_update().get(pk=record.pk) if record.pk else record


def _check(record: models.Model) -> None:
    found: dict[str, list[str]] = {}
    codes: set[str | None] = set()
    try:
        record.full_clean(validate_constraints=False)
    except ValidationError as error:
        found = error.message_dict
        codes = {problem.code for problems in error.error_dict.values() for problem in problems}
    for constraint in _broken(record, without=set(found)):
        codes.add("unique" if isinstance(constraint, models.UniqueConstraint) else "invalid")
        for name, sentence in _said_of(constraint, record):
            found.setdefault(name, []).append(sentence)
    if found:
        kind = Conflict if codes == {"unique"} else Invalid
        raise kind("Some values cannot be taken.", fields=found)


def _broken(record: models.Model, *, without: set[str]) -> Iterator[models.BaseConstraint]:
    """Constraints that the record breaks, but for those of fields that are known to be wrong.

    Looked at before saving: what the database refuses, its own log may quote.
    """
    for model, constraints in record.get_constraints():
        checks = [one for one in constraints if isinstance(one, models.CheckConstraint)]
        if checks and not without and _holds(_all_of(checks), model, record, without):
            constraints = [one for one in constraints if not isinstance(one, models.CheckConstraint)]
        for constraint in constraints:
            if not _holds(constraint, model, record, without):
                yield constraint


def _all_of(checks: Sequence[models.CheckConstraint]) -> models.CheckConstraint:
    """One question to the database instead of many."""
    return models.CheckConstraint(condition=Q(*(check.condition for check in checks)), name="all")


def _holds(
    constraint: models.BaseConstraint, model: type[models.Model], record: models.Model, without: set[str]
) -> bool:
    try:
        constraint.validate(model, record, exclude=without)
    except ValidationError:
        return False
    return True


def _said_of(constraint: models.BaseConstraint, record: models.Model) -> list[tuple[str, str]]:
    """(field, sentence)"""
    if isinstance(constraint, models.UniqueConstraint):
        return [(name, "There is one like this already.") for name in constraint.fields]
    if named := [said for end, said in SENTENCES.items() if constraint.name.endswith(end)]:
        return named
    condition: Any = getattr(constraint, "condition", Q())
    every = sorted(condition.referenced_base_fields)
    names = [name for name in every if record._meta.get_field(name).editable] or every
    if constraint.name.endswith(NOT_BLANK):
        return [(name, "This field may not be blank.") for name in names if not str(getattr(record, name)).strip()]
    sentence = "This value cannot be taken." if len(names) == 1 else "This does not go with the other values."
    return [(name, sentence) for name in names]
