import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Trim
from django.db.models.lookups import Exact
from django.utils import timezone


def not_blank(name: str, *fields: str) -> models.CheckConstraint:
    """A constraint of this name, which ends with _not_blank: each of the fields holds more than spaces."""
    condition = Q()
    for field in fields:
        condition &= ~Q(Exact(Trim(field), Value("")))
    return models.CheckConstraint(condition=condition, name=name)


class PublicModel(models.Model):
    """A record with a random public id; the primary key never leaves the house."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True


class Period(models.Model):
    """From and to dates, both inclusive; an unknown start is in the past, an absent end is open."""

    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(starts__isnull=True) | Q(ends__gte=F("starts")),
                name="%(app_label)s_%(class)s_ends_after_it_starts",
            )
        ]

    def is_current(self, on: date | None = None) -> bool:
        day = on or timezone.localdate()
        return (self.starts is None or self.starts <= day) and (self.ends is None or self.ends >= day)
