from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from crm import clock
from crm.models.base import PublicModel, not_blank
from crm.querysets.people import BlockQuerySet, ConsentQuerySet


class ConsentScope(models.TextChoices):
    PROFILE = "profile"
    EVALUATIONS = "evaluations"
    CONTACT = "contact"


class ConsentState(models.TextChoices):
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Consent(PublicModel):
    """What a student lets one partner, or all partners (`partner` is null), see, until when.

    Only active and withdrawn are stored; expired comes by time alone.
    """

    student = models.ForeignKey("crm.Student", on_delete=models.CASCADE, related_name="consents")
    partner = models.ForeignKey("crm.Partner", null=True, blank=True, on_delete=models.PROTECT, related_name="consents")
    profile = models.BooleanField(default=False)
    evaluations = models.BooleanField(default=False)
    contact = models.BooleanField(default=False)
    stored_state = models.CharField(
        max_length=10, choices=ConsentState.choices, default=ConsentState.ACTIVE, db_column="state"
    )
    expires = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=200)
    granted_at = models.DateTimeField(default=clock.now)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["student", "partner"],
                condition=Q(stored_state="active"),
                name="crm_consent_active_idx",
            ),
            models.Index(fields=["expires"], condition=Q(stored_state="active"), name="crm_consent_expires_idx"),
        ]
        constraints = [
            not_blank("crm_consent_source_not_blank", "source"),
            models.CheckConstraint(condition=Q(profile=True) | Q(contact=True), name="crm_consent_allows_something"),
            models.CheckConstraint(
                condition=Q(evaluations=False) | Q(profile=True), name="crm_consent_evaluations_imply_profile"
            ),
            models.CheckConstraint(
                condition=Q(stored_state__in=["active", "withdrawn"]), name="crm_consent_state_is_known"
            ),
        ]

    @property
    def scopes(self) -> list[str]:
        return [scope for scope in ConsentScope.values if getattr(self, scope)]

    def is_active(self, at: datetime | None = None) -> bool:
        return self.stored_state == ConsentState.ACTIVE and (
            self.expires is None or self.expires > (at or timezone.now())
        )

    @property
    def state(self) -> str:
        if self.stored_state == ConsentState.ACTIVE and not self.is_active():
            return ConsentState.EXPIRED
        return self.stored_state


class Block(PublicModel):
    """A student keeps one partner out; it beats every consent and ends contact details."""

    student = models.ForeignKey("crm.Student", on_delete=models.CASCADE, related_name="blocks")
    partner = models.ForeignKey("crm.Partner", on_delete=models.CASCADE, related_name="blocks")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BlockQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["student", "partner"], name="crm_block_once_a_partner")]
