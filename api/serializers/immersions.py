from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.serializers.base import RecordField, RecordSerializer, StrictSerializer, WordField
from api.serializers.evaluations import UNIVERSITY, EvaluationSerializer
from api.serializers.process import CandidateField
from crm import stages
from crm.actions.acceptances import SIDES
from crm.models import City, FinalReport, Hire, Immersion, Lab, Partner, Professor, Representative, Training

OF_THE_OFFICE = ("overlap_reason", "student_acceptance_source", "partner_acceptance_source")
"""Shown to the university alone: an overlap may be with another partner."""


class TrainingSerializer(RecordSerializer):
    class Meta:
        model = Training
        fields = ("id", "kind", "name", "passed_on")


class FinalReportSerializer(RecordSerializer):
    class Meta:
        model = FinalReport
        fields = ("size", "sha256", "uploaded_at")
        read_only_fields = fields


class ImmersionSerializer(RecordSerializer):
    """A partner that may not know who the student is reads nothing that says so: no thesis, remarks or report."""

    create_only = ("student", "partner")
    student = CandidateField(stages.IMMERSION)
    partner = RecordField(Partner, key="slug", required=False, help_text="Partner users may leave out their own.")
    city = RecordField(City, key="slug", required=False, allow_null=True)
    mentor = RecordField(Representative, required=False, allow_null=True)
    academic_supervisor = RecordField(Professor, required=False, allow_null=True)
    lab = RecordField(Lab, key="slug", required=False, allow_null=True)
    trainings = TrainingSerializer(many=True, read_only=True)
    evaluations = EvaluationSerializer(many=True, read_only=True)
    final_report = FinalReportSerializer(read_only=True, allow_null=True, default=None)
    missing_for_next_stage = serializers.SerializerMethodField(
        help_text="State -> field -> what must be given before the record may enter it."
    )

    class Meta:
        model = Immersion
        fields = (
            *("id", "kind", "student", "partner", "state", "site", "city", "host_group", "mentor"),
            *("academic_supervisor", "lab", "project", "thesis", "starts", "ends", "housing", "travel"),
            *("accepted_by_student", "accepted_by_university", "accepted_by_partner", *OF_THE_OFFICE),
            *("trainings", "evaluations", "final_report", "missing_for_next_stage", "created_at"),
        )
        read_only_fields = (
            *("state", "accepted_by_student", "accepted_by_university", "accepted_by_partner", "created_at"),
            *("student_acceptance_source", "partner_acceptance_source"),
        )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        person = self.context["request"].user.representative
        if self.instance is None and "partner" not in data:
            if person is None:
                raise serializers.ValidationError({"partner": ["Name the partner by id or slug."]})
            data["partner"] = person.partner
        return data

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "object"}})
    def get_missing_for_next_stage(self, immersion: Immersion) -> dict[str, dict[str, list[str]]]:
        return stages.IMMERSION.missing_for_next(immersion)

    def to_representation(self, immersion: Immersion) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(immersion)
        if self.context["request"].user.role not in UNIVERSITY:
            shown = {name: value for name, value in shown.items() if name not in OF_THE_OFFICE}
        if shown["student"]["id"] is None:
            shown |= {"thesis": "", "project": "", "final_report": None, "lab": None, "academic_supervisor": None}
            shown["evaluations"] = [{**given, "remarks": "", "shown_skills": []} for given in shown["evaluations"]]
        return shown


class AcceptanceSerializer(StrictSerializer):
    by = WordField(list(SIDES), help_text="Who accepts; each for itself, or by signed paper.")
    # The name is also an option of every field, hence the type.
    source: Any = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        default="",
        help_text="The signed paper, where the office records it.",
    )
    date = serializers.DateField(required=False, help_text="On which that side accepted; today, where absent.")


class OfferSerializer(RecordSerializer):
    """An offer to the student of an immersion, by its partner."""

    class Meta:
        model = Hire
        fields = ("position", "place", "salary_band", "offered_on", "answer_by", "starts")
        extra_kwargs = {"offered_on": {"required": False, "help_text": "Today, where absent."}}
