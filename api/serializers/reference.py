from typing import Any

from django.utils import timezone
from rest_framework import serializers

from api.serializers.base import MOST_ROWS, RecordField, RecordListField, RecordSerializer, StrictSerializer
from api.serializers.students import MembershipSerializer, rows
from crm.actions.reference import AMBIGUOUS
from crm.models import City, Lab, Professor, Programme, Skill


class NamesField(serializers.ListField):
    """Other names of a record."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=120), required=False, max_length=MOST_ROWS, **options)


class ReferenceSerializer(RecordSerializer):
    """The slug is part of addresses: it stays once it is given."""

    create_only = ("slug",)

    class Meta:
        extra_kwargs = {"slug": {"required": False}}


class LabSerializer(ReferenceSerializer):
    collaborators = RecordListField(Lab, key="slug", required=False)
    head = serializers.SerializerMethodField()

    class Meta(ReferenceSerializer.Meta):
        model = Lab
        fields = ("id", "slug", "name", "description", "head", "collaborators")

    def get_head(self, lab: Lab) -> dict[str, Any] | None:
        today = timezone.localdate()
        heads = [headship.professor for headship in lab.headships.all() if headship.is_current(today)]
        return RecordField(Professor).to_representation(heads[0]) if heads else None


class HeadSerializer(StrictSerializer):
    professor = RecordField(Professor)
    starts = serializers.DateField(required=False, allow_null=True)


class ProgrammeSerializer(ReferenceSerializer):
    aliases = NamesField()

    class Meta(ReferenceSerializer.Meta):
        model = Programme
        fields = ("id", "slug", "name", "aliases")


class CitySerializer(ReferenceSerializer):
    aliases = NamesField()
    latitude = serializers.DecimalField(max_digits=8, decimal_places=5, coerce_to_string=False)
    longitude = serializers.DecimalField(max_digits=8, decimal_places=5, coerce_to_string=False)

    class Meta(ReferenceSerializer.Meta):
        model = City
        fields = ("id", "slug", "name", "name_ru", "aliases", "country", "latitude", "longitude")


class SkillNamesField(NamesField):
    def __init__(self, *, ambiguous: bool, **options: Any) -> None:
        self.ambiguous = ambiguous
        super().__init__(**options)

    def get_attribute(self, skill: Skill) -> list[str]:
        return [alias.name for alias in skill.aliases.all() if alias.ambiguous == self.ambiguous]


class SkillSerializer(ReferenceSerializer):
    aliases = SkillNamesField(ambiguous=False)
    ambiguous = SkillNamesField(ambiguous=True, help_text=AMBIGUOUS)
    broader = RecordListField(Skill, key="slug", required=False)

    class Meta(ReferenceSerializer.Meta):
        model = Skill
        fields = ("id", "slug", "label", "label_ru", "aliases", "ambiguous", "broader", "obsolete")


class ProfessorSerializer(RecordSerializer):
    memberships = rows(MembershipSerializer)

    class Meta:
        model = Professor
        fields = ("id", "name", "given_name", "family_name", "native_name", "email", "do_not_contact", "memberships")
        read_only_fields = ("name",)
