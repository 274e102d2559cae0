import uuid
from collections.abc import Sequence
from typing import TypeVar

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
    record = queryset.filter(wanted).first()
    if record is None:
        raise ObjectDoesNotExist
    return record


def as_uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
