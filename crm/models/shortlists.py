from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from crm.models.base import PublicModel
from crm.querysets.results import ShortlistEntryQuerySet, ShortlistQuerySet
from crm.text import fold

LONGEST_NOTE = 5000
LONGEST_TAG = 40


def _colleague() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )


class Shortlist(PublicModel):
    """Candidates whom a partner considers together. It is that partner's alone: nobody else reads that it is there."""

    partner = models.ForeignKey("crm.Partner", on_delete=models.PROTECT, related_name="shortlists")
    name = models.CharField(max_length=200)
    note = models.TextField(blank=True, max_length=LONGEST_NOTE)
    created_by = _colleague()
    created_at = models.DateTimeField(default=timezone.now)

    objects = ShortlistQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["partner", "created_at"], name="crm_shortlist_partner_idx")]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="crm_shortlist_has_a_name")]


class ShortlistStage(models.TextChoices):
    """Where a partner stands with a candidate, in its own eyes: from any to any.

    This is no machine of crm/stages.py: a move requires nothing, and its history would stand where others read it.
    """

    NEW = "new"
    CONTACTED = "contacted"
    INTERVIEWING = "interviewing"
    OFFER = "offer"
    REJECTED = "rejected"


class ShortlistEntry(PublicModel):
    """A candidate on a shortlist, with the partner's own words. It is seen only while the candidate is."""

    shortlist = models.ForeignKey(Shortlist, on_delete=models.CASCADE, related_name="entries")
    student = models.ForeignKey("crm.Student", on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(max_length=12, choices=ShortlistStage.choices, default=ShortlistStage.NEW)
    notes = models.TextField(blank=True, max_length=LONGEST_NOTE)
    added_by = _colleague()
    added_at = models.DateTimeField(default=timezone.now)

    objects = ShortlistEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at", "-id"]
        verbose_name_plural = "shortlist entries"
        constraints = [
            models.UniqueConstraint(fields=["shortlist", "student"], name="crm_shortlist_entry_once_a_list"),
            models.CheckConstraint(condition=Q(stage__in=ShortlistStage.values), name="crm_shortlist_stage_is_known"),
        ]


def tag_key(name: str) -> str:
    """What two spellings of a tag have in common."""
    return fold(name)[:LONGEST_TAG]


class ShortlistTag(models.Model):
    entry = models.ForeignKey(ShortlistEntry, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=LONGEST_TAG)
    key = models.CharField(max_length=LONGEST_TAG, editable=False, help_text="The name, folded.")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["entry", "key"], name="crm_shortlist_tag_once_an_entry")]
