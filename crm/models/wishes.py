from django.db import models
from django.db.models import F, Q


class WishKind(models.TextChoices):
    SKILL = "skill"
    LAB = "lab"
    LANGUAGE = "language"


class WishCount(models.Model):
    """How often a skill, lab or language was searched for in a month. Nothing tells who searched."""

    month = models.DateField(help_text="Its first day.")
    kind = models.CharField(max_length=8, choices=WishKind.choices)
    key = models.CharField(max_length=80, help_text="The slug, or the code of a language.")
    searches = models.PositiveIntegerField()
    few = models.PositiveIntegerField(help_text="Searches of these that found few or nobody.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "kind", "key"], name="crm_wish_count_once_a_month"),
            models.CheckConstraint(condition=Q(kind__in=WishKind.values), name="crm_wish_count_kind_is_known"),
            models.CheckConstraint(condition=Q(few__lte=F("searches")), name="crm_wish_count_few_are_among_all"),
        ]
