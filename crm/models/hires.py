from django.conf import settings
from django.db import models
from django.db.models import F, Q

from crm import clock
from crm.models.base import PublicModel
from crm.querysets.process import HireQuerySet, OutcomeQuerySet


class HireState(models.TextChoices):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    RESCINDED = "rescinded"
    STARTED = "started"
    LEFT = "left"


class Hire(PublicModel):
    """A student joins a partner: offer, answer, start, leaving."""

    student = models.ForeignKey("crm.Student", on_delete=models.CASCADE, related_name="hires")
    partner = models.ForeignKey("crm.Partner", on_delete=models.PROTECT, related_name="hires")
    immersion = models.ForeignKey(
        "crm.Immersion", null=True, blank=True, on_delete=models.SET_NULL, related_name="hires"
    )
    position = models.CharField(max_length=200)
    place = models.CharField(max_length=200, blank=True)
    salary_band = models.CharField(max_length=100, blank=True, help_text="For the office alone.")
    state = models.CharField(max_length=10, choices=HireState.choices, default=HireState.OFFERED)
    offered_on = models.DateField()
    answer_by = models.DateField(null=True, blank=True)
    answered_on = models.DateField(null=True, blank=True)
    starts = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="By the partner.")
    confirmed_by = models.ForeignKey(
        "crm.Representative", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)

    objects = HireQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_on", "-id"]
        indexes = [
            models.Index(fields=["partner", "offered_on"], name="crm_hire_partner_idx"),
            models.Index(fields=["offered_on"], name="crm_hire_offered_idx"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=HireState.values), name="crm_hire_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=["offered", "rescinded"]) | Q(answered_on__isnull=False),
                name="crm_hire_answered_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["started", "left"]) | Q(starts__isnull=False), name="crm_hire_started_on_a_day"
            ),
            models.CheckConstraint(
                condition=Q(state="left", left_on__gte=F("starts")) | (~Q(state="left") & Q(left_on__isnull=True)),
                name="crm_hire_left_after_it_started",
            ),
            models.UniqueConstraint(
                fields=["student", "partner"],
                condition=Q(state__in=["offered", "accepted", "started"]),
                name="crm_hire_one_open",
            ),
        ]


class HireCheck(PublicModel):
    """Whether the hired are still there, after 6 and 12 months."""

    hire = models.ForeignKey(Hire, on_delete=models.CASCADE, related_name="checks")
    months = models.PositiveSmallIntegerField()
    due = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    still_there = models.BooleanField(null=True, blank=True)
    notes = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["due", "id"]
        constraints = [
            models.UniqueConstraint(fields=["hire", "months"], name="crm_hire_check_once"),
            models.CheckConstraint(condition=Q(months__in=[6, 12]), name="crm_hire_check_after_6_or_12_months"),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True, still_there__isnull=True)
                | Q(done_on__isnull=False, still_there__isnull=False),
                name="crm_hire_check_done_has_a_result",
            ),
        ]


class OutcomeKind(models.TextChoices):
    EMPLOYED = "employed"
    FURTHER_STUDY = "further_study", "further study"
    SEEKING = "seeking"
    NOT_SEEKING = "not_seeking", "not seeking"
    UNKNOWN = "unknown"


class Outcome(PublicModel):
    """What became of a graduate, as a source said on a date; the latest holds."""

    student = models.ForeignKey("crm.Student", on_delete=models.CASCADE, related_name="outcomes")
    kind = models.CharField(max_length=15, choices=OutcomeKind.choices)
    employer = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=200)
    date = models.DateField()
    created_at = models.DateTimeField(default=clock.now)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ["-date", "-id"]
        indexes = [models.Index(fields=["student", "date"], name="crm_outcome_student_idx")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=OutcomeKind.values), name="crm_outcome_kind_is_known"),
            models.CheckConstraint(condition=~Q(source=""), name="crm_outcome_has_a_source"),
        ]
