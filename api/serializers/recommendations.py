from typing import Any

from rest_framework import serializers

from api.moves import MoveSerializer
from api.serializers.base import RecordField, RecordSerializer, StrictSerializer
from api.serializers.partners import OfStudentSerializer
from api.serializers.process import CandidateField
from api.serializers.students import rows
from crm import stages
from crm.access import Role
from crm.models import Endorsement, Partner, Professor, Recommendation, RecommendationState, Skill, Student
from crm.models.students import LONGEST_TEXT


class EndorsementSerializer(RecordSerializer):
    skill = RecordField(Skill, key="slug")
    level = serializers.IntegerField(min_value=1, max_value=5)

    class Meta:
        model = Endorsement
        fields = ("skill", "level")


class RecommendationSerializer(RecordSerializer):
    """A recommendation. Partners never read what the professor was asked for."""

    student = CandidateField(stages.RECOMMENDATION, read_only=True)
    professor = RecordField(Professor, read_only=True)
    partner = RecordField(Partner, key="slug", read_only=True, help_text="null: in general")
    text = serializers.CharField(max_length=LONGEST_TEXT, required=False)
    endorsements = rows(EndorsementSerializer)

    class Meta:
        model = Recommendation
        fields = (
            *("id", "student", "professor", "partner", "text", "endorsements", "state", "request"),
            *("created_at", "shared_at"),
        )
        read_only_fields = ("state", "request", "created_at", "shared_at")

    def to_representation(self, record: Recommendation) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(record)
        if self.context["request"].user.role == Role.PARTNER:
            del shown["request"]
        return shown


class NewRecommendationSerializer(StrictSerializer):
    """What a professor writes."""

    student = RecordField(Student, key="number")
    partner = RecordField(Partner, key="slug", required=False, allow_null=True, help_text="null: in general")
    text = serializers.CharField(max_length=LONGEST_TEXT)
    endorsements = rows(EndorsementSerializer)


class RecommendationMoveSerializer(MoveSerializer):
    """A recommendation that was requested is written with the move."""

    text = serializers.CharField(max_length=LONGEST_TEXT, required=False)
    endorsements = rows(EndorsementSerializer)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        written = data["to"] == RecommendationState.WRITTEN
        if foreign := [name for name in ("text", "endorsements") if name in data and not written]:
            raise serializers.ValidationError({name: ["This goes with the move to written."] for name in foreign})
        return data


class RecommendationRequestSerializer(OfStudentSerializer):
    """What the office or the student asks a professor for; students may leave themselves out."""

    professor = RecordField(Professor)
    partner = RecordField(Partner, key="slug", required=False, allow_null=True, help_text="null: in general")

    class Meta:
        model = Recommendation
        fields = ("student", "professor", "partner", "request")
