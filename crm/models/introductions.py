from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from crm import clock
from crm.models.base import PublicModel
from crm.querysets.process import IntroductionQuerySet


class IntroductionState(models.TextChoices):
    ASKED = "asked"
    ACCEPTED = "accepted"
    CLOSED = "closed"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Introduction(PublicModel):
    """Partner HR asks to meet a candidate; accepting releases contact details. An unanswered one expires by time."""

    student = models.ForeignKey("crm.Student", on_delete=models.CASCADE, related_name="introductions")
    partner = models.ForeignKey("crm.Partner", on_delete=models.PROTECT, related_name="introductions")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    message = models.TextField(max_length=2000)
    stored_state = models.CharField(
        max_length=10, choices=IntroductionState.choices, default=IntroductionState.ASKED, db_column="state"
    )
    asked_at = models.DateTimeField(default=clock.now)
    expires = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    consent = models.ForeignKey("crm.Consent", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["partner", "asked_at"], name="crm_introduction_partner_idx"),
            models.Index(fields=["asked_at"], name="crm_introduction_asked_idx"),
            models.Index(fields=["expires"], condition=Q(stored_state="asked"), name="crm_introduction_expires_idx"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "partner"],
                condition=Q(stored_state__in=["asked", "accepted"]),
                name="crm_introduction_one_open",
            ),
            models.CheckConstraint(
                condition=Q(stored_state__in=IntroductionState.values), name="crm_introduction_state_is_known"
            ),
        ]

    @property
    def state(self) -> str:
        if self.stored_state == IntroductionState.ASKED and self.expires <= timezone.now():
            return IntroductionState.EXPIRED
        return self.stored_state

    @state.setter
    def state(self, value: str) -> None:
        self.stored_state = value
