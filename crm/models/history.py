import uuid

from django.conf import settings
from django.db import models

from crm import clock


class StageChange(models.Model):
    """One move of a record: from, to, who, when, why. `record` is its public id."""

    kind = models.CharField(max_length=40)
    record = models.UUIDField(default=uuid.uuid4)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    process = models.CharField(max_length=40, blank=True, help_text="The system process, where no user acted.")
    reason = models.TextField(blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["kind", "record"], name="crm_stage_change_record_idx")]
