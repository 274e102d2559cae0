from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from crm import clock
from crm.models.base import PublicModel
from crm.models.persons import exactly_one, link, once_each
from crm.querysets.process import AttendanceQuerySet, SeminarQuerySet

GUESTS = ("representative", "professor", "student")


class Seminar(PublicModel):
    """Open to all, or closed: seen by whom it invites."""

    title = models.CharField(max_length=300)
    lab = models.ForeignKey("crm.Lab", null=True, blank=True, on_delete=models.PROTECT, related_name="seminars")
    is_open = models.BooleanField(default=True)
    speakers = models.ManyToManyField("crm.Professor", blank=True, related_name="seminars")
    other_speakers = models.CharField(max_length=300, blank=True, help_text="Guests without a record here.")
    place = models.CharField(max_length=200, blank=True)
    starts = models.DateTimeField()
    ends = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SeminarQuerySet.as_manager()

    class Meta:
        ordering = ["-starts", "-id"]
        indexes = [models.Index(fields=["starts"], name="crm_seminar_starts_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="crm_seminar_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def day(self) -> date:
        """In the university's time zone."""
        return timezone.localdate(self.starts)

    def has_begun(self) -> bool:
        """Whether its day has come."""
        return self.day <= timezone.localdate()


class AttendanceState(models.TextChoices):
    INVITED = "invited"
    REGISTERED = "registered"
    ATTENDED = "attended"
    NO_SHOW = "no_show", "no-show"


class Attendance(PublicModel):
    seminar = models.ForeignKey(Seminar, on_delete=models.CASCADE, related_name="attendances")
    representative = link("Representative", "attendances")
    professor = link("Professor", "attendances")
    student = link("Student", "attendances")
    state = models.CharField(max_length=10, choices=AttendanceState.choices, default=AttendanceState.INVITED)
    created_at = models.DateTimeField(default=clock.now)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["created_at", "id"], name="crm_attendance_created_idx")]
        constraints = [
            exactly_one(GUESTS, "crm_attendance_of_one_person"),
            *once_each("seminar", GUESTS, "crm_attendance"),
            models.CheckConstraint(condition=Q(state__in=AttendanceState.values), name="crm_attendance_state_is_known"),
        ]

    @property
    def guest(self) -> tuple[str, int]:
        """Who it is about: one of GUESTS, and the primary key."""
        ids = ((kind, getattr(self, f"{kind}_id")) for kind in GUESTS)
        return next((kind, pk) for kind, pk in ids if pk is not None)
