from django.conf import settings
from django.db import models
from django.db.models import Q

from crm import clock
from crm.models.base import PublicModel
from crm.models.students import LONGEST_TEXT
from crm.querysets.process import RecommendationQuerySet


class RecommendationState(models.TextChoices):
    REQUESTED = "requested"
    WRITTEN = "written"
    SHARED = "shared"
    WITHDRAWN = "withdrawn"


class Recommendation(PublicModel):
    """A professor vouches for a student, for one partner or in general (`partner` is null)."""

    student = models.ForeignKey("crm.Student", on_delete=models.CASCADE, related_name="recommendations")
    professor = models.ForeignKey("crm.Professor", on_delete=models.PROTECT, related_name="recommendations")
    partner = models.ForeignKey(
        "crm.Partner", null=True, blank=True, on_delete=models.PROTECT, related_name="recommendations"
    )
    text = models.TextField(max_length=LONGEST_TEXT, blank=True)
    request = models.TextField(max_length=2000, blank=True, help_text="What the professor was asked for.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=10, choices=RecommendationState.choices)
    created_at = models.DateTimeField(default=clock.now)
    shared_at = models.DateTimeField(null=True, blank=True)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["created_at"], name="crm_recommendation_created_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RecommendationState.values), name="crm_recommendation_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="shared") | (~Q(text="") & Q(shared_at__isnull=False)),
                name="crm_recommendation_shared_has_text",
            ),
        ]


class Endorsement(models.Model):
    recommendation = models.ForeignKey(Recommendation, on_delete=models.CASCADE, related_name="endorsements")
    skill = models.ForeignKey("crm.Skill", on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "skill"], name="crm_endorsement_once_a_skill"),
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="crm_endorsement_level_1_to_5"),
        ]
