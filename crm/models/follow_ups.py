from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from crm.models.base import PublicModel
from crm.querysets.process import FollowUpQuerySet


class FollowUpState(models.TextChoices):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


def _about(model: str, on_delete: Any) -> Any:
    return models.ForeignKey(f"crm.{model}", null=True, blank=True, on_delete=on_delete, related_name="follow_ups")


class FollowUp(PublicModel):
    """The next step of a contact, or of the relationship with a partner or lab."""

    contact = models.ForeignKey(
        "crm.Contact", null=True, blank=True, on_delete=models.CASCADE, related_name="follow_ups"
    )
    partner = models.ForeignKey(
        "crm.Partner", null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups"
    )
    lab = models.ForeignKey("crm.Lab", null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups")
    what = models.CharField(max_length=500)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="follow_ups")
    due = models.DateField()
    state = models.CharField(max_length=8, choices=FollowUpState.choices, default=FollowUpState.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["due", "id"]
        indexes = [
            models.Index(fields=["due"], condition=Q(state="open"), name="crm_follow_up_open_idx"),
            models.Index(fields=["state", "due"], name="crm_follow_up_state_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | Q(state__in=["done", "dropped"], closed_at__isnull=False),
                name="crm_follow_up_closed_when_not_open",
            )
        ]
