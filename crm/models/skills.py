from django.db import models
from django.db.models import F, Q

from crm.models.base import PublicModel, not_blank
from crm.querysets.people import EvidenceQuerySet, SkillClaimQuerySet, SkillQuerySet


class Skill(PublicModel):
    """A concept of the vocabulary: slug, preferred labels, aliases, broader skills."""

    slug = models.SlugField(max_length=80, unique=True)
    label = models.CharField(max_length=120)
    label_ru = models.CharField(max_length=120, blank=True)
    broader = models.ManyToManyField("self", through="crm.BroaderSkill", symmetrical=False, related_name="narrower")
    obsolete = models.BooleanField(default=False, help_text="No longer offered; whoever claims it still has it.")

    objects = SkillQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        constraints = [not_blank("crm_skill_names_not_blank", "label", "slug")]

    def __str__(self) -> str:
        return self.label


class SkillAlias(models.Model):
    """Another name of a skill. `key` is the folded name: one name means one skill, unless it is ambiguous.

    An ambiguous name (GC, R) counts in free text only beside a related skill. An alias like the label marks the label.
    """

    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=120)
    key = models.CharField(max_length=120, editable=False)
    ambiguous = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "skill aliases"
        constraints = [
            not_blank("crm_skill_alias_names_not_blank", "name", "key"),
            models.UniqueConstraint(fields=["skill", "key"], name="crm_skill_alias_once_a_skill"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(ambiguous=False), name="crm_skill_alias_means_one_skill"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BroaderSkill(models.Model):
    narrow = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="broader_links")
    broad = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="narrower_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["narrow", "broad"], name="crm_broader_skill_once"),
            models.CheckConstraint(condition=~Q(narrow=F("broad")), name="crm_broader_skill_is_another"),
        ]


class SkillConcept(models.Model):
    """A concept of a vocabulary of others that was imported: its URI says which skill it is here, whatever its names.

    Two vocabularies may have the same skill, so it may have several. A skill made from a concept follows it; one that
    was there before (`made` is false) only got its names.
    """

    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="concepts")
    uri = models.CharField(max_length=500, unique=True)
    made = models.BooleanField()
    content = models.JSONField(help_text="What the last import found, so that the next takes over what differs only.")

    class Meta:
        ordering = ["uri"]

    def __str__(self) -> str:
        return self.uri


class SkillClaim(PublicModel):
    """A student has a skill at level 1 (basic) to 5 (expert)."""

    student = models.ForeignKey("crm.Student", on_delete=models.CASCADE, related_name="claims")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="claims")
    level = models.PositiveSmallIntegerField()

    objects = SkillClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["student", "skill"], name="crm_claim_once_a_skill"),
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="crm_claim_level_1_to_5"),
        ]

    def highest_backed(self) -> int:
        """To which level the student may raise it: evidence without a level of its own would back that too."""
        levels = [evidence.level for evidence in self.evidence.all()]
        return max([self.level, *filter(None, levels)]) if None in levels else 5


class EvidenceKind(models.TextChoices):
    DEFENCE = "defence"
    EVALUATION = "evaluation", "immersion evaluation"
    RECOMMENDATION = "recommendation"
    PUBLICATION = "publication"


class Evidence(PublicModel):
    """What backs a claim. Only what the student shared is read by partners, at level evaluated."""

    claim = models.ForeignKey(SkillClaim, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=20, choices=EvidenceKind.choices)
    title = models.CharField(max_length=300)
    date = models.DateField(null=True, blank=True)
    shared = models.BooleanField(default=False)
    level = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Up to which level it backs the claim; null: whatever is claimed."
    )
    recommendation = models.ForeignKey(
        "crm.Recommendation", null=True, blank=True, on_delete=models.CASCADE, related_name="evidence"
    )
    evaluation = models.ForeignKey(
        "crm.Evaluation", null=True, blank=True, on_delete=models.CASCADE, related_name="evidence"
    )

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EvidenceKind.values), name="crm_evidence_kind_is_known"),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__range=(1, 5)), name="crm_evidence_level_1_to_5"
            ),
        ]
