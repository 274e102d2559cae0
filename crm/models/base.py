import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


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
