from django.db import models
from django.db.models import Q

from crm import clock
from crm.models.base import PublicModel
from crm.models.students import LONGEST_TEXT
from crm.querysets.process import EvaluationQuerySet

RUBRIC = ("quality", "independence", "protocol", "communication", "teamwork")
"""What a mentor marks, each from 1 (poor) to 5 (excellent)."""


class EvaluationStage(models.TextChoices):
    MID = "mid"
    FINAL = "final"


def _mark() -> "models.PositiveSmallIntegerField[int, int]":
    return models.PositiveSmallIntegerField()


class Evaluation(PublicModel):
    """What the mentor says of an immersion, at the middle and at the end. It is given once and then stands."""

    immersion = models.ForeignKey("crm.Immersion", on_delete=models.CASCADE, related_name="evaluations")
    stage = models.CharField(max_length=5, choices=EvaluationStage.choices)
    mentor = models.ForeignKey("crm.Representative", null=True, on_delete=models.PROTECT, related_name="evaluations")
    quality = _mark()
    independence = _mark()
    protocol = _mark()
    communication = _mark()
    teamwork = _mark()
    remarks = models.TextField(max_length=LONGEST_TEXT, blank=True)
    would_hire = models.BooleanField(null=True, blank=True, help_text="For the university alone; in no document.")
    given_at = models.DateTimeField(default=clock.now)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["immersion", "stage"], name="crm_evaluation_once_a_stage"),
            models.CheckConstraint(condition=Q(stage__in=EvaluationStage.values), name="crm_evaluation_stage_is_known"),
            models.CheckConstraint(
                condition=Q(**{f"{criterion}__range": (1, 5) for criterion in RUBRIC}),
                name="crm_evaluation_marks_1_to_5",
            ),
        ]


class ShownSkill(models.Model):
    """A skill that the student showed, at which level."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="shown_skills")
    skill = models.ForeignKey("crm.Skill", on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "skill"], name="crm_shown_skill_once"),
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="crm_shown_skill_level_1_to_5"),
        ]
