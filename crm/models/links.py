import uuid

from django.db import models

from crm import clock


class LinkPurpose(models.TextChoices):
    INTRODUCTION = "introduction", "answer an introduction"
    EVALUATION = "evaluation", "evaluate an immersion"
    HIRE = "hire", "confirm a hire"


class OneTimeLink(models.Model):
    """Lets one person do one thing once, without an account. Only a hash of the token is kept."""

    purpose = models.CharField(max_length=15, choices=LinkPurpose.choices)
    record = models.UUIDField(default=uuid.uuid4, help_text="Public id of what it is about.")
    stage = models.CharField(max_length=5, blank=True, help_text="Of an evaluation: mid or final.")
    student = models.ForeignKey("crm.Student", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    representative = models.ForeignKey(
        "crm.Representative", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["record", "purpose"], name="crm_link_record_idx")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(student__isnull=False, representative__isnull=True)
                | models.Q(student__isnull=True, representative__isnull=False),
                name="crm_link_issued_to_one_person",
            )
        ]
