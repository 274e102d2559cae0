from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from crm import clock
from crm.models.base import PublicModel
from crm.models.persons import exactly_one, link, once_each
from crm.models.students import LONGEST_TEXT
from crm.querysets.process import ContactQuerySet

PARTICIPANTS = ("representative", "professor", "student", "lab")


class ContactKind(models.TextChoices):
    SEMINAR = "seminar_conversation", "seminar conversation"
    MEETING = "meeting"
    PHONE = "phone"
    CORRESPONDENCE = "correspondence"
    ON_SITE = "on_site", "on-site"
    OTHER = "other"


class Contact(PublicModel):
    """One logged contact between university and partner. `day` is that of `at` in the university's time zone."""

    kind = models.CharField(max_length=24, choices=ContactKind.choices)
    at = models.DateTimeField()
    day = models.DateField(editable=False)
    partner = models.ForeignKey("crm.Partner", on_delete=models.PROTECT, related_name="contacts")
    seminar = models.ForeignKey("crm.Seminar", null=True, blank=True, on_delete=models.PROTECT, related_name="contacts")
    summary = models.TextField(max_length=LONGEST_TEXT, blank=True)
    promised = models.TextField(max_length=LONGEST_TEXT, blank=True)
    private_notes = models.TextField(max_length=LONGEST_TEXT, blank=True, help_text="Never leave the office.")
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(default=clock.now)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-id"]
        indexes = [
            models.Index(fields=["partner", "day"], name="crm_contact_partner_day_idx"),
            models.Index(fields=["day"], name="crm_contact_day_idx"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ContactKind.values), name="crm_contact_kind_is_known")
        ]

    @property
    def name(self) -> str:
        return f"{self.get_kind_display()} of {self.day}"

    def save(self, **options: object) -> None:
        self.day = timezone.localdate(self.at)
        super().save(**options)  # type: ignore[arg-type] # passed on as they came


class Participant(models.Model):
    """Who took part, with the affiliation of that day: it stays when they move."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="participants")
    representative = link("Representative", "contacts")
    professor = link("Professor", "contacts")
    student = link("Student", "contacts")
    lab = link("Lab", "contacts")
    affiliation = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            exactly_one(PARTICIPANTS, "crm_participant_is_one"),
            *once_each("contact", PARTICIPANTS, "crm_participant"),
        ]


class ContactRevision(PublicModel):
    """What stood in a contact before an edit."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="revisions")
    at = models.DateTimeField(default=clock.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    before = models.JSONField(blank=True, help_text="Field -> value before the edit, but for the private notes.")
    private_notes = models.TextField(null=True, blank=True, help_text="Before the edit; null where it left them.")  # noqa: DJ001 - blank notes are a value

    class Meta:
        ordering = ["-id"]
