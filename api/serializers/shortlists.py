from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.serializers.base import RecordField, RecordSerializer, StrictSerializer, WordField
from api.serializers.candidates import CardSerializer
from crm.actions.shortlists import MOST_TAGS
from crm.models import Representative, Shortlist, ShortlistEntry, ShortlistStage, Student
from crm.models.shortlists import LONGEST_NOTE, LONGEST_TAG


class ShortlistSerializer(RecordSerializer):
    created_by = RecordField(Representative, source="created_by.representative", read_only=True, default=None)
    count = serializers.IntegerField(read_only=True, help_text="Of the candidates on it whom you see now.")

    class Meta:
        model = Shortlist
        fields = ("id", "name", "note", "count", "created_by", "created_at")
        read_only_fields = ("created_at",)


class EntryChangesSerializer(StrictSerializer):
    """Tags are replaced as a whole."""

    stage = WordField(ShortlistStage, required=False)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NOTE)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_TAG), required=False, max_length=MOST_TAGS
    )


class NewEntrySerializer(EntryChangesSerializer):
    candidate = RecordField(Student, help_text="The candidate's id.")


OWN = ("id", "stage", "tags", "notes", "added_by", "added_at")
"""What an entry has of its own."""


class ShortlistEntrySerializer(serializers.ModelSerializer):
    """An entry, and the candidate as candidate search shows them; `context["listed"]` holds those by primary key."""

    id = serializers.UUIDField(source="public_id")
    candidate = serializers.SerializerMethodField()
    contact_released = serializers.SerializerMethodField()
    tags: Any = serializers.SlugRelatedField("name", many=True, read_only=True)
    added_by = RecordField(Representative, source="added_by.representative", read_only=True, default=None)

    class Meta:
        model = ShortlistEntry
        fields = (*OWN, "candidate", "contact_released")
        read_only_fields = fields

    @extend_schema_field(CardSerializer)
    def get_candidate(self, entry: ShortlistEntry) -> Any:
        return self.context["listed"][entry.student_id].card

    def get_contact_released(self, entry: ShortlistEntry) -> bool:
        """Whether `candidates/{id}/contact/` gives e-mail and phone."""
        return self.context["listed"][entry.student_id].contact is not None


class ExportedEntrySerializer(ShortlistEntrySerializer):
    contact = serializers.SerializerMethodField()

    class Meta(ShortlistEntrySerializer.Meta):
        fields = (*OWN, "candidate", "contact")

    def get_contact(self, entry: ShortlistEntry) -> dict[str, str]:
        """E-mail and phone; nothing where they are not released to your partner."""
        return self.context["listed"][entry.student_id].contact or {}
