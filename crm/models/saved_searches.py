from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from crm.models.base import PublicModel
from crm.querysets.results import SavedSearchQuerySet

LONGEST_QUERY = 4000
"""Characters of the parameters of a search, as they stand in an address."""


class AlertRhythm(models.TextChoices):
    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"


class SavedSearch(PublicModel):
    """A search that its owner runs again, and may be told of by mail where it finds somebody new."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(max_length=200)
    parameters = models.TextField(
        blank=True, max_length=LONGEST_QUERY, help_text="The query string of `candidates/`, without a page."
    )
    alert = models.CharField(max_length=6, choices=AlertRhythm.choices, default=AlertRhythm.NONE)
    next_alert = models.DateTimeField(null=True, blank=True, editable=False, help_text="When it is looked at again.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["next_alert"], condition=Q(next_alert__isnull=False), name="crm_saved_search_alert_idx"
            )
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="crm_saved_search_has_a_name"),
            models.CheckConstraint(condition=Q(alert__in=AlertRhythm.values), name="crm_saved_search_alert_is_known"),
            models.CheckConstraint(
                condition=Q(alert="none", next_alert__isnull=True) | ~Q(alert="none") & Q(next_alert__isnull=False),
                name="crm_saved_search_alert_has_a_time",
            ),
        ]


class AnnouncedCandidate(models.Model):
    """No news of a saved search any more: found when it was saved, or told of in a mail."""

    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="announced")
    student = models.ForeignKey("crm.Student", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["search", "student"], name="crm_announced_once_a_search")]
