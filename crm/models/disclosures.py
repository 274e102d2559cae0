from django.conf import settings
from django.db import models
from django.db.models import Q

from crm import clock
from crm.models.base import PublicModel
from crm.querysets.people import DisclosureQuerySet


class DisclosureKind(models.TextChoices):
    SEARCH_PAGE = "search_page"
    SUGGESTION = "suggestion"
    CANDIDATE = "candidate", "candidate opened"
    CONTACT = "contact", "contact details shown"
    RECORD = "record", "record opened by the university"
    EXPORT = "export"
    MAIL = "mail", "named in a mail"


class Disclosure(PublicModel):
    """A student's data was shown or exported. Append only: a database trigger refuses all but redaction."""

    student = models.ForeignKey("crm.Student", null=True, on_delete=models.SET_NULL, related_name="disclosures")
    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="None: a person of the partner without an account.",
    )
    partner = models.ForeignKey("crm.Partner", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=DisclosureKind.choices)
    at = models.DateTimeField(default=clock.now)

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["viewer", "kind", "at", "student"], name="crm_disclosure_quota_idx"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DisclosureKind.values), name="crm_disclosure_kind_is_known"),
        ]
