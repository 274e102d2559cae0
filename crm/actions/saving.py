"""Setting fields on one record, with the model's own checks turned into domain errors."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from crm.errors import Conflict, Invalid

M = TypeVar("M", bound=models.Model)


def save_checked(record: M, fields: Mapping[str, Any] | None = None) -> M:
    """Sets the fields and saves. Raises Conflict where a unique value is taken, else Invalid.

    What exists already must have been read under lock: see `locked`.
    """
    for name, value in (fields or {}).items():
        setattr(record, name, value)
    try:
        record.full_clean()
    except ValidationError as error:
        raise _domain_error(error) from error
    record.save()
    return record


def locked(record: M) -> M:
    """The record as it is now, locked until the transaction ends; a new one as it came."""
    return type(record)._default_manager.select_for_update().get(pk=record.pk) if record.pk else record


def _domain_error(error: ValidationError) -> Invalid | Conflict:
    codes = {problem.code for problems in error.error_dict.values() for problem in problems}
    kind = Conflict if codes == {"unique"} else Invalid
    return kind("Some values cannot be taken.", fields=error.message_dict)
