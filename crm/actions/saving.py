"""Setting fields on one record, with the model's own checks turned into domain errors."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from crm.errors import Conflict, Invalid

M = TypeVar("M", bound=models.Model)


def save_checked(record: M, fields: Mapping[str, Any] | None = None) -> M:
    """Sets the fields and saves. Raises Conflict where a unique value is taken, else Invalid."""
    for name, value in (fields or {}).items():
        setattr(record, name, value)
    try:
        record.full_clean()
    except ValidationError as error:
        raise _domain_error(error) from error
    record.save()
    return record


def _domain_error(error: ValidationError) -> Invalid | Conflict:
    codes = {problem.code for problems in error.error_dict.values() for problem in problems}
    kind = Conflict if codes == {"unique"} else Invalid
    return kind("Some values cannot be taken.", fields=error.message_dict)
