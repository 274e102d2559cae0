from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.serializers.base import RecordField, RecordSerializer, StrictSerializer, WordField
from api.serializers.follow_ups import NewFollowUpSerializer, NextStepSerializer
from api.serializers.people import MomentField, NewPartnerField, ParticipantsField, StaffField
from api.serializers.students import rows
from crm.access import can
from crm.models import Contact, ContactKind, ContactRevision, Lab, Professor, Representative, Seminar, Student

NOTES = "private_notes"


class NewPersonSerializer(StrictSerializer):
    """Somebody who may not be known yet; who is, by e-mail or name at that partner, is not made again."""

    given_name = serializers.CharField(max_length=100)
    family_name = serializers.CharField(max_length=100)
    partner = NewPartnerField(required=False, help_text="That of the contact, if absent.")
    position = serializers.CharField(max_length=200, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)


class LoggedContactSerializer(RecordSerializer):
    """A logged contact. `private_notes` are there for the office and the admins alone.

    From a seminar come kind, time and lab, from the representatives the partner, where they are not given; without
    one the time is now.
    """

    create_only = ("new_people", "follow_up", "force")
    kind = WordField(ContactKind, required=False)
    at = MomentField(required=False)
    partner = NewPartnerField(required=False)
    seminar = RecordField(Seminar, required=False, allow_null=True)
    representatives = ParticipantsField("representative", Representative, required=False)
    professors = ParticipantsField("professor", Professor, required=False)
    students = ParticipantsField("student", Student, key="number", required=False)
    labs = ParticipantsField("lab", Lab, key="slug", required=False)
    new_people = rows(NewPersonSerializer, write_only=True)
    follow_up = NewFollowUpSerializer(write_only=True, required=False)
    force = serializers.BooleanField(write_only=True, required=False, help_text="Although one like it is logged.")
    follow_ups = serializers.SerializerMethodField()
    logged_by = StaffField(read_only=True)

    class Meta:
        model = Contact
        fields = (
            *("id", "kind", "at", "day", "partner", "seminar", "representatives", "professors", "students", "labs"),
            *("new_people", "summary", "promised", NOTES, "follow_up", "follow_ups", "force"),
            *("logged_by", "created_at", "updated_at"),
        )
        read_only_fields = ("day", "created_at", "updated_at")

    @extend_schema_field(NextStepSerializer(many=True))
    def get_follow_ups(self, contact: Contact) -> Any:
        """Those that the reader sees."""
        return NextStepSerializer(contact.follow_ups.all(), many=True).data

    def to_representation(self, contact: Contact) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(contact)
        if not can(self.context["request"].user, "contact.notes", contact):
            shown.pop(NOTES)
        return shown


class RevisionSerializer(RecordSerializer):
    """What stood in a contact before an edit: the fields that it changed."""

    by = StaffField(source="user", read_only=True)
    before = serializers.SerializerMethodField()

    class Meta:
        model = ContactRevision
        fields = ("id", "at", "by", "before")

    @extend_schema_field(serializers.DictField())
    def get_before(self, revision: ContactRevision) -> dict[str, Any]:
        notes = revision.private_notes
        may = notes is not None and can(self.context["request"].user, "contact.notes", revision.contact)
        return {**revision.before, **({NOTES: notes} if may else {})}
