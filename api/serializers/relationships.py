from django.utils import timezone
from rest_framework import serializers

from api.serializers.base import RecordField, RecordSerializer
from api.serializers.follow_ups import NextStepSerializer
from crm.models import Contact, Partner
from crm.relationships import Relationship


class LastContactSerializer(RecordSerializer):
    class Meta:
        model = Contact
        fields = ("id", "kind", "day")
        read_only_fields = fields


class RelationshipSerializer(serializers.Serializer):
    """A partner or a lab, and how things stand with it."""

    subject = RecordField(Partner, key="slug", read_only=True, help_text="A partner, or a lab with `of=lab`.")
    last_contact = LastContactSerializer(allow_null=True)
    days_since = serializers.SerializerMethodField(help_text="null: never contacted.")
    next_step = NextStepSerializer(allow_null=True)
    stale = serializers.BooleanField()

    def get_days_since(self, relationship: Relationship) -> int | None:
        last = relationship.last_contact
        return (timezone.localdate() - last.day).days if last else None
