"""Rows that name one of several kinds of people, and the constraint that they name exactly one."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Q


def link(model: str, related_name: str) -> Any:
    return models.ForeignKey(f"crm.{model}", null=True, blank=True, on_delete=models.CASCADE, related_name=related_name)


def exactly_one(kinds: Sequence[str], name: str) -> models.CheckConstraint:
    either = Q()
    for kind in kinds:
        either |= Q(**{f"{other}__isnull": other != kind for other in kinds})
    return models.CheckConstraint(condition=either, name=name)


def once_each(parent: str, kinds: Sequence[str], name: str) -> list[models.UniqueConstraint]:
    """A person stands once in a parent."""
    return [models.UniqueConstraint(fields=[parent, kind], name=f"{name}_{kind}_once") for kind in kinds]
