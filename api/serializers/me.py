from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.serializers.base import RecordField, RecordSerializer
from api.serializers.hires import HireSerializer, OutcomeSerializer
from api.serializers.immersions import ImmersionSerializer
from api.serializers.introductions import IntroductionSerializer
from api.serializers.partners import BlockSerializer, ConsentSerializer
from api.serializers.recommendations import RecommendationSerializer
from api.serializers.seminars import AttendanceSerializer
from api.serializers.students import StudentSerializer
from crm.access import Level, level, may_contact
from crm.models import Disclosure, Partner, PartnerState, Professor, Representative, Role, StageChange, Student, User


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


class AccountSerializer(RecordSerializer):
    """What everybody sets for the own account."""

    class Meta:
        model = User
        fields = ("time_zone", "wants_digest")


class OwnChangesSerializer(StudentSerializer):
    """What students change at once: the profile and the account."""

    time_zone = serializers.CharField(max_length=50, allow_blank=True, required=False, help_text="Like Europe/Moscow.")
    wants_digest = serializers.BooleanField(required=False, help_text="A mail each morning with the follow-ups due.")

    class Meta(StudentSerializer.Meta):
        fields: Any = (*StudentSerializer.Meta.fields, *AccountSerializer.Meta.fields)


class MeSerializer(RecordSerializer):
    """The account and the person it stands for; students get their whole record and its audience."""

    professor = RecordField(Professor, read_only=True)
    representative = RecordField(Representative, read_only=True)
    partner = RecordField(Partner, key="slug", source="representative.partner", read_only=True, default=None)
    student = StudentSerializer(read_only=True, allow_null=True)
    audience = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            *("id", "email", "role", *AccountSerializer.Meta.fields, "professor", "representative", "partner"),
            *("student", "audience"),
        )

    @extend_schema_field(AudienceSerializer(many=True, allow_null=True))
    def get_audience(self, user: User) -> Any:
        return AudienceSerializer(audience_of(user.student), many=True).data if user.student else None


class DisclosureSerializer(RecordSerializer):
    """When the student's data was shown, how, and to whom: the partner, or the role within the university."""

    partner = RecordField(Partner, key="slug", read_only=True)
    # A person of the partner may have no account.
    viewer_role = serializers.CharField(source="viewer.role", read_only=True, default=Role.PARTNER)

    class Meta:
        model = Disclosure
        fields = ("id", "at", "kind", "partner", "viewer_role")


class ConsentMoveSerializer(RecordSerializer):
    consent = serializers.UUIDField(source="record")

    class Meta:
        model = StageChange
        fields = ("consent", "from_state", "to_state", "reason", "at")


class OwnContactSerializer(serializers.Serializer):
    """A contact that the student took part in. What was said is the university's."""

    kind = serializers.CharField(source="contact.kind")
    day = serializers.DateField(source="contact.day")
    partner = RecordField(Partner, key="slug", source="contact.partner")
    affiliation = serializers.CharField()


class ExportSerializer(serializers.Serializer):
    """All that is held about a student."""

    account = serializers.EmailField(source="user.email")
    student = StudentSerializer(source="*")
    consents = ConsentSerializer(many=True)
    consent_moves = serializers.SerializerMethodField()
    blocks = BlockSerializer(many=True)
    disclosures = DisclosureSerializer(many=True)
    # What happened with the student: each as the student reads it elsewhere. api/views/me.py loads them, in HELD.
    recommendations = RecommendationSerializer(many=True)
    introductions = IntroductionSerializer(many=True)
    immersions = ImmersionSerializer(many=True)
    hires = HireSerializer(many=True)
    outcomes = OutcomeSerializer(many=True)
    attendances = AttendanceSerializer(many=True)
    contacts = OwnContactSerializer(many=True)

    @extend_schema_field(ConsentMoveSerializer(many=True))
    def get_consent_moves(self, student: Student) -> Any:
        consents = [consent.public_id for consent in student.consents.all()]
        moves = StageChange.objects.filter(kind="consent", record__in=consents)
        return ConsentMoveSerializer(moves, many=True).data
