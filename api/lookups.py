import uuid
from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)


def by_key(queryset: QuerySet[M], text: str, keys: Sequence[str] = ()) -> M:
    """The record with this public id, or with this text in one of the unique `keys`, such as a slug.

    Raises ObjectDoesNotExist, also for text that is no id at all.
    """
    wanted = Q(pk__in=[])
    if "\x00" not in text:
        for key in keys:
            wanted |= Q(**{key: text})
    if public_id := as_uuid(text):
        wanted |= Q(public_id=public_id)
    record = queryset.filter(wanted).order_by("pk").first()  # the order of a list may join other tables
    if record is None:
        raise ObjectDoesNotExist
    return record


def named_by(keys: Sequence[str]) -> dict[str, Any]:
    """A text that `by_key` takes, as a JSON schema."""
    if not keys:
        return {"type": "string", "format": "uuid", "description": "Public id."}
    names = " or ".join(keys)
    return {"type": "string", "format": f"id-or-{names}", "description": f"Public id, or {names}."}


def as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
