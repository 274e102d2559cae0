import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from crm import clock
from crm.models.base import PublicModel
from crm.models.persons import exactly_one, link
from crm.querysets.process import UniversityQuerySet

RECIPIENTS = ("user", "student", "representative", "professor")


class MailState(models.TextChoices):
    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped", "not allowed any more when its time came"
    FAILED = "failed"


class Mail(PublicModel):
    """One message to one person. It holds no text: that is written, and permission asked, when it is sent."""

    key = models.CharField(max_length=200, unique=True, help_text="The same notice is sent once.")
    template = models.CharField(max_length=40)
    record = models.UUIDField(default=uuid.uuid4, help_text="Public id of what it is about.")
    stage = models.CharField(max_length=5, blank=True, help_text="Of an evaluation: mid or final.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="mails"
    )
    student = link("Student", "mails")
    representative = link("Representative", "mails")
    professor = link("Professor", "mails")
    state = models.CharField(max_length=8, choices=MailState.choices, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True, help_text="Why it was not sent; no address, no text.")

    objects = UniversityQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="crm_mail_waiting_idx"),
            models.Index(fields=["created_at"], name="crm_mail_created_idx"),
        ]
        constraints = [exactly_one(RECIPIENTS, "crm_mail_to_one_person")]
