import uuid

from django.db import models
from django.db.models import Q


class ReferenceVersion(models.Model):
    """One row: its stamp changes with every change of reference data, so each process sees when to read anew."""

    stamp = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="crm_reference_version_is_one_row")]
