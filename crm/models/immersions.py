from django.conf import settings
from django.db import models
from django.db.models import F, Q

from crm import clock
from crm.models.base import PublicModel
from crm.models.students import LONGEST_TEXT
from crm.querysets.process import ImmersionQuerySet


class ImmersionKind(models.TextChoices):
    SUMMER = "summer"
    INDUSTRIAL = "industrial"


class ImmersionState(models.TextChoices):
    PROPOSED = "proposed"
    APPLIED = "applied"
    ACCEPTED = "accepted"
    AGREED = "agreed"
    ACTIVE = "active"
    COMPLETED = "completed"
    REJECTED = "rejected"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class Immersion(PublicModel):
    """A student's stay at a partner: summer, two months on campus; industrial, tied to the thesis."""

    kind = models.CharField(max_length=10, choices=ImmersionKind.choices)
    student = models.ForeignKey("crm.Student", on_delete=models.CASCADE, related_name="immersions")
    partner = models.ForeignKey("crm.Partner", on_delete=models.PROTECT, related_name="immersions")
    site = models.CharField(max_length=200, blank=True)
    city = models.ForeignKey("crm.City", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    host_group = models.CharField(max_length=200, blank=True)
    mentor = models.ForeignKey(
        "crm.Representative", null=True, blank=True, on_delete=models.PROTECT, related_name="immersions"
    )
    academic_supervisor = models.ForeignKey(
        "crm.Professor", null=True, blank=True, on_delete=models.PROTECT, related_name="immersions"
    )
    lab = models.ForeignKey("crm.Lab", null=True, blank=True, on_delete=models.PROTECT, related_name="immersions")
    project = models.TextField(max_length=LONGEST_TEXT, blank=True)
    thesis = models.CharField(max_length=500, blank=True, help_text="Title of the thesis that it is tied to.")
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)
    housing = models.CharField(max_length=500, blank=True)
    travel = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=ImmersionState.choices, default=ImmersionState.PROPOSED)
    accepted_by_student = models.DateField(null=True, blank=True)
    accepted_by_university = models.DateField(null=True, blank=True)
    accepted_by_partner = models.DateField(null=True, blank=True)
    student_acceptance_source = models.CharField(
        max_length=200, blank=True, help_text="The paper that the student signed, where the office recorded it."
    )
    partner_acceptance_source = models.CharField(
        max_length=200, blank=True, help_text="The paper that the partner signed, where the office recorded it."
    )
    overlap_reason = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)

    objects = ImmersionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["partner", "created_at"], name="crm_immersion_partner_idx"),
            models.Index(fields=["student", "starts"], name="crm_immersion_student_idx"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ImmersionKind.values), name="crm_immersion_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=ImmersionState.values), name="crm_immersion_state_is_known"),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(starts__isnull=True) | Q(ends__gte=F("starts")),
                name="crm_immersion_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "active", "completed"])
                | Q(
                    accepted_by_student__isnull=False,
                    accepted_by_university__isnull=False,
                    accepted_by_partner__isnull=False,
                    starts__isnull=False,
                    ends__isnull=False,
                ),
                name="crm_immersion_agreed_is_accepted_by_all",
            ),
        ]


class TrainingKind(models.TextChoices):
    SAFETY = "safety"
    GXP = "gxp", "GxP"
    OTHER = "other"


class Training(PublicModel):
    """A training that the immersion requires, and the day it was passed."""

    immersion = models.ForeignKey(Immersion, on_delete=models.CASCADE, related_name="trainings")
    kind = models.CharField(max_length=10, choices=TrainingKind.choices)
    name = models.CharField(max_length=200)
    passed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["immersion", "name"], name="crm_training_once_a_name"),
            models.CheckConstraint(condition=Q(kind__in=TrainingKind.values), name="crm_training_kind_is_known"),
        ]


class FinalReport(PublicModel):
    """A PDF below VAR_DIR, which no web server serves. `file` is a random name."""

    immersion = models.OneToOneField(Immersion, on_delete=models.CASCADE, related_name="final_report")
    file = models.CharField(max_length=100, unique=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=clock.now)
