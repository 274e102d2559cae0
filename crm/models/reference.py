import uuid

from django.db import models
from django.db.models import Q


class ReferenceVersion(models.Model):
    """One row: its stamps change with every change of reference data, so each process sees what to read anew."""

    stamp = models.UUIDField(default=uuid.uuid4)
    skills = models.UUIDField(default=uuid.uuid4, help_text="That of the skills, which are many and change rarely.")
    shipped_skills = models.CharField(max_length=64, blank=True, help_text="The vocabulary that was added last.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="crm_reference_version_is_one_row")]
