from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.serializers.base import RecordSerializer
from crm.models import Mail
from crm.models.mails import RECIPIENTS
from crm.notices.recipients import name_of, recipient_of


class RecipientSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=RECIPIENTS, source="_meta.model_name")
    id = serializers.UUIDField(source="public_id")
    name = serializers.SerializerMethodField()

    def get_name(self, recipient: Any) -> str:
        return name_of(recipient)


class MailSerializer(RecordSerializer):
    """That somebody is written to, and what became of it; never the words or the address."""

    to = serializers.SerializerMethodField()

    class Meta:
        model = Mail
        fields = (
            *("id", "template", "record", "stage", "to", "state", "attempts", "due_at", "created_at", "sent_at"),
            "problem",
        )
        read_only_fields = fields

    @extend_schema_field(RecipientSerializer)
    def get_to(self, mail: Mail) -> Any:
        return RecipientSerializer(recipient_of(mail)).data


class PreviewSerializer(serializers.Serializer):
    """As it would be written now, with TOKEN in the place of a one-time link's token."""

    may_be_sent = serializers.BooleanField()
    subject = serializers.CharField()
    text = serializers.CharField()
    html = serializers.CharField()
