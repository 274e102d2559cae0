from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.serializers.base import RecordField, RecordSerializer
from api.serializers.partners import BlockSerializer, ConsentSerializer
from api.serializers.students import StudentSerializer
from crm.access import Level, level, may_contact
from crm.models import Disclosure, Partner, PartnerState, Professor, Representative, StageChange, Student, User


class AudienceSerializer(serializers.Serializer):
    """A partner that sees the student now, and how much."""

    partner = RecordField(Partner, key="slug")
    level = serializers.ChoiceField(choices=[level.name.lower() for level in Level if level])
    contact = serializers.BooleanField()


def audience_of(student: Student) -> list[dict[str, Any]]:
    """Which active partners see the student now; expects `consents` and `blocks` to be prefetched."""
    partners = Partner.objects.filter(state=PartnerState.ACTIVE)
    return [
        {"partner": partner, "level": seen.name.lower(), "contact": may_contact(partner.pk, student)}
        for partner in partners
        if (seen := level(partner, student))
    ]


class MeSerializer(RecordSerializer):
    """The account and the person it stands for; students get their whole record and its audience."""

    professor = RecordField(Professor, read_only=True)
    representative = RecordField(Representative, read_only=True)
    partner = RecordField(Partner, key="slug", source="representative.partner", read_only=True, default=None)
    student = StudentSerializer(read_only=True, allow_null=True)
    audience = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("id", "email", "role", "professor", "representative", "partner", "student", "audience")

    @extend_schema_field(AudienceSerializer(many=True, allow_null=True))
    def get_audience(self, user: User) -> Any:
        return AudienceSerializer(audience_of(user.student), many=True).data if user.student else None


class DisclosureSerializer(RecordSerializer):
    """When the student's data was shown, how, and to whom: the partner, or the role within the university."""

    partner = RecordField(Partner, key="slug", read_only=True)
    viewer_role = serializers.CharField(source="viewer.role", read_only=True)

    class Meta:
        model = Disclosure
        fields = ("id", "at", "kind", "partner", "viewer_role")


class ConsentMoveSerializer(RecordSerializer):
    consent = serializers.UUIDField(source="record")

    class Meta:
        model = StageChange
        fields = ("consent", "from_state", "to_state", "reason", "at")


class ExportSerializer(serializers.Serializer):
    """All that is held about a student."""

    account = serializers.EmailField(source="user.email")
    student = StudentSerializer(source="*")
    consents = ConsentSerializer(many=True)
    consent_moves = serializers.SerializerMethodField()
    blocks = BlockSerializer(many=True)
    disclosures = DisclosureSerializer(many=True)

    @extend_schema_field(ConsentMoveSerializer(many=True))
    def get_consent_moves(self, student: Student) -> Any:
        consents = [consent.public_id for consent in student.consents.all()]
        moves = StageChange.objects.filter(kind="consent", record__in=consents)
        return ConsentMoveSerializer(moves, many=True).data
