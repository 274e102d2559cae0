from typing import Any

from rest_framework import serializers

from api.serializers.base import (
    MOST_ROWS,
    PeriodSerializer,
    RecordField,
    RecordListField,
    RecordSerializer,
    StrictSerializer,
    WordField,
)
from crm.clock import YEARS
from crm.models import (
    City,
    Evidence,
    EvidenceKind,
    Lab,
    Professor,
    ProfileLink,
    Programme,
    Publication,
    Skill,
    SkillClaim,
    Student,
    StudentLanguage,
)


def rows(serializer: Any, **options: Any) -> Any:
    """A list in a record; a body replaces it as a whole."""
    return serializer(many=True, **{"required": False, "max_length": MOST_ROWS, **options})


class LanguageSerializer(RecordSerializer):
    code = serializers.RegexField(r"^[a-z]{2,3}$", help_text="ISO 639 code")

    class Meta:
        model = StudentLanguage
        fields = ("code", "level")


class PublicationSerializer(RecordSerializer):
    year = serializers.IntegerField(min_value=YEARS[0], max_value=YEARS[-1], required=False, allow_null=True)

    class Meta:
        model = Publication
        fields = ("title", "year", "url")


class LinkSerializer(RecordSerializer):
    class Meta:
        model = ProfileLink
        fields = ("kind", "url")


class EvidenceSerializer(RecordSerializer):
    class Meta:
        model = Evidence
        fields = ("id", "kind", "title", "date", "level", "shared")
        read_only_fields = ("level", "shared")


class ClaimSerializer(RecordSerializer):
    skill = RecordField(Skill, key="slug")
    level = serializers.IntegerField(min_value=1, max_value=5)
    evidence = EvidenceSerializer(many=True, read_only=True)

    class Meta:
        model = SkillClaim
        fields = ("skill", "level", "evidence")


class MembershipSerializer(PeriodSerializer):
    lab = RecordField(Lab, key="slug")


class SupervisionSerializer(PeriodSerializer):
    professor = RecordField(Professor)


class StudentCardSerializer(RecordSerializer):
    """A row of the list: enough to recognise a student."""

    programme = RecordField(Programme, key="slug", read_only=True)

    class Meta:
        model = Student
        fields = (
            *("id", "number", "given_name", "family_name", "native_name", "programme", "degree"),
            *("graduation_date", "headline", "placed", "updated_at"),
        )


class StudentSerializer(RecordSerializer):
    """The whole record, as the university and the student see it."""

    programme = RecordField(Programme, key="slug", required=False, allow_null=True)
    home_city = RecordField(City, key="slug", required=False, allow_null=True)
    work_cities = RecordListField(City, key="slug", required=False)
    languages = rows(LanguageSerializer)
    publications = rows(PublicationSerializer)
    links = rows(LinkSerializer)
    claims = rows(ClaimSerializer)
    memberships = rows(MembershipSerializer)
    supervisions = rows(SupervisionSerializer)

    class Meta:
        model = Student
        fields = (
            *("id", "number", "given_name", "family_name", "native_name", "email", "phone", "programme", "degree"),
            *("graduation_date", "thesis_title", "thesis_abstract", "headline", "summary", "projects", "home_city"),
            *(
                "work_cities",
                "willing_to_travel",
                "available_from",
                "placed",
                "do_not_contact",
                "languages",
                "publications",
                "links",
            ),
            *("claims", "memberships", "supervisions", "created_at", "updated_at"),
        )
        read_only_fields = ("created_at", "updated_at")


class NewEvidenceSerializer(StrictSerializer):
    skill = RecordField(Skill, key="slug")
    kind = WordField(EvidenceKind)
    title = serializers.CharField(max_length=300)
    date = serializers.DateField(required=False, allow_null=True)


class OwnEvidenceSerializer(RecordSerializer):
    """For the student, who decides whether partners read it."""

    skill = RecordField(Skill, key="slug", source="claim.skill", read_only=True)

    class Meta:
        model = Evidence
        fields = ("id", "skill", "kind", "title", "date", "level", "shared")
        read_only_fields = ("kind", "title", "date", "level")
        extra_kwargs = {"shared": {"required": True}}
