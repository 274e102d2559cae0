from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.moves import MoveSerializer
from api.serializers.base import RecordField, RecordSerializer
from api.serializers.partners import OfStudentSerializer
from api.serializers.process import CandidateField, is_named
from crm import stages
from crm.access import can
from crm.models import Hire, HireCheck, Immersion, Outcome, Partner, Student

BY_MOVES = ("answered_on", "left_on")
"""Set by a move; only corrected afterwards."""


class OfferedField(CandidateField):
    """Partner HR names whom it sees by consent, or by a process of its own."""

    def choices(self) -> Any:
        return Student.objects.known_to(self.context["request"].user)


class OriginField(RecordField):
    """The immersion that an offer is made from."""

    def to_representation(self, immersion: Immersion) -> dict[str, Any]:
        return {"id": immersion.public_id, "name": f"{immersion.get_kind_display()} immersion"}


class HireSerializer(RecordSerializer):
    """An offer names a student and a partner, or an immersion of theirs; partner HR may leave its partner out."""

    create_only = ("student", "partner", "immersion")
    student = OfferedField(stages.HIRE, required=False)
    partner = RecordField(Partner, key="slug", required=False)
    immersion = OriginField(Immersion, required=False, allow_null=True)
    missing_for_next_stage = serializers.SerializerMethodField()

    class Meta:
        model = Hire
        fields = (
            *("id", "student", "partner", "immersion", "position", "place", "salary_band", "state", "offered_on"),
            *("answer_by", "answered_on", "starts", "left_on", "confirmed_at", "missing_for_next_stage"),
        )
        read_only_fields = ("state", "confirmed_at")
        extra_kwargs = {
            "offered_on": {"required": False, "help_text": "Today, where absent."},
            **{name: {"allow_null": False, "required": False} for name in BY_MOVES},
        }

    @extend_schema_field(serializers.DictField)
    def get_missing_for_next_stage(self, hire: Hire) -> Any:
        return stages.HIRE.missing_for_next(hire)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if self.instance is not None:
            return data
        if early := [name for name in BY_MOVES if name in data]:
            raise serializers.ValidationError({name: ["A move sets this."] for name in early})
        data = self._origin(data) | data
        missing = [name for name in ("student", "partner") if name not in data]
        if missing:
            raise serializers.ValidationError({name: [f"Name the {name}, or an immersion."] for name in missing})
        return data

    def _origin(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Whom the offer is for and from, where the body leaves it to the immersion or the account."""
        if stay := data.get("immersion"):
            return {"student": stay.student, "partner": stay.partner}
        person = self.context["request"].user.representative
        return {"partner": person.partner} if person else {}

    def to_representation(self, hire: Hire) -> dict[str, Any]:
        shown = super().to_representation(hire)
        if not can(self.context["request"].user, "hire.salary", hire):
            del shown["salary_band"]
        if hire.immersion:
            hire.immersion.student = hire.student  # The same one, with the consents that were read with it.
            if not is_named(stages.IMMERSION, hire.immersion, self.context["request"].user):
                shown["immersion"] = None
        return shown


class HireMoveSerializer(MoveSerializer):
    """The day that goes with the move: of the answer (for the office), the first or the last one."""

    answered_on = serializers.DateField(required=False)
    starts = serializers.DateField(required=False)
    left_on = serializers.DateField(required=False)
    force = serializers.BooleanField(
        required=False, help_text="Accept beside another accepted hire; the office alone may."
    )


class HireCheckSerializer(RecordSerializer):
    class Meta:
        model = HireCheck
        fields = ("id", "months", "due", "done_on", "still_there", "notes")
        read_only_fields = ("months", "due")


class OutcomeSerializer(OfStudentSerializer):
    # The name is also an option of every field, hence the type.
    source: Any = serializers.CharField(
        required=False, max_length=200, help_text="A student's own statement where absent."
    )
    date = serializers.DateField(required=False, help_text="Today, where absent.")

    class Meta:
        model = Outcome
        fields = ("id", "student", "kind", "employer", "source", "date", "created_at")
        read_only_fields = ("created_at",)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        own = self.context["request"].user.student
        return {"source": "the student's own statement" if own else "", **super().validate(data)}
