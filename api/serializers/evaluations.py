from typing import Any

from rest_framework import serializers

from api.serializers.base import RecordField, RecordSerializer, StrictSerializer, WordField
from crm import reference
from crm.access import Role
from crm.models import RUBRIC, Evaluation, EvaluationStage, Representative, Skill
from crm.models.students import LONGEST_TEXT

MOST_SKILLS = 30
UNIVERSITY = (Role.ADMIN, Role.OFFICE)


SKILL_NAMES = "A skill by slug, id, or any of its names."


class SkillField(RecordField):
    """A skill of the vocabulary, which the bearer of a one-time link may name too, as it comes to mind."""

    written = {"type": "string", "description": SKILL_NAMES}

    def __init__(self, **options: Any) -> None:
        super().__init__(Skill, key="slug", **options)

    def to_internal_value(self, text: Any) -> Any:
        known = reference.current().skills.find(text) if isinstance(text, str) else None
        return super().to_internal_value(known.slug if known else text)

    def choices(self) -> Any:
        return Skill.objects.all()


class ShownSkillSerializer(StrictSerializer):
    skill = SkillField(help_text=SKILL_NAMES)
    level = serializers.IntegerField(min_value=1, max_value=5)


def _rows(**options: Any) -> Any:
    several: Any = ShownSkillSerializer
    return several(many=True, **options)


class EvaluationSerializer(RecordSerializer):
    """As it was given; `would_hire` is for the university alone."""

    mentor = RecordField(Representative, read_only=True)
    shown_skills = _rows(read_only=True)

    class Meta:
        model = Evaluation
        fields = ("id", "stage", "mentor", *RUBRIC, "remarks", "would_hire", "shown_skills", "given_at")
        read_only_fields = fields

    def to_representation(self, evaluation: Evaluation) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(evaluation)
        if self.context["request"].user.role not in UNIVERSITY:
            del shown["would_hire"]
        return shown


class EvaluationAnswerSerializer(StrictSerializer):
    """What the mentor says, by account or by link: a mark from 1 (poor) to 5 (excellent) for each criterion."""

    quality = serializers.IntegerField(min_value=1, max_value=5)
    independence = serializers.IntegerField(min_value=1, max_value=5)
    protocol = serializers.IntegerField(min_value=1, max_value=5, help_text="Keeping to the protocols of the site.")
    communication = serializers.IntegerField(min_value=1, max_value=5)
    teamwork = serializers.IntegerField(min_value=1, max_value=5)
    remarks = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT, default="")
    would_hire = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="For the university alone."
    )
    shown_skills = _rows(required=False, max_length=MOST_SKILLS)


class NewEvaluationSerializer(EvaluationAnswerSerializer):
    stage = WordField(EvaluationStage)


class EvaluationRequestSerializer(StrictSerializer):
    stage = WordField(EvaluationStage)
