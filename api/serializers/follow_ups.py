from typing import Any

from django.utils import timezone
from rest_framework import serializers

from api.serializers.base import RecordField, RecordSerializer, StrictSerializer
from api.serializers.people import StaffField
from crm.models import Contact, FollowUp, FollowUpState, Lab, Partner


class NextStepSerializer(RecordSerializer):
    """A follow-up as it stands in a contact or a report."""

    owner = StaffField(read_only=True)
    overdue = serializers.SerializerMethodField()

    class Meta:
        model = FollowUp
        fields: Any = ("id", "what", "owner", "due", "overdue", "state")
        read_only_fields: Any = fields

    def get_overdue(self, follow_up: FollowUp) -> bool:
        return follow_up.state == FollowUpState.OPEN and follow_up.due < timezone.localdate()


class FollowUpSerializer(NextStepSerializer):
    """The next step of a contact, or with a partner or lab."""

    create_only = ("contact", "partner", "lab")
    contact = RecordField(Contact, required=False, allow_null=True)
    partner = RecordField(Partner, key="slug", required=False, allow_null=True, help_text="Of the contact, if absent.")
    lab = RecordField(Lab, key="slug", required=False, allow_null=True)
    owner = StaffField(required=False, help_text="You, if absent.")
    reason = serializers.CharField(read_only=True, help_text="Of the last move.")

    class Meta:
        model = FollowUp
        fields = (
            *("id", "contact", "partner", "lab", "what", "owner", "due", "overdue", "state", "reason"),
            *("closed_at", "created_at"),
        )
        read_only_fields = ("state", "closed_at", "created_at")


class NewFollowUpSerializer(StrictSerializer):
    """The follow-up of a contact that is logged."""

    what = serializers.CharField(max_length=500)
    due = serializers.DateField()
    owner = StaffField(required=False, help_text="You, if absent.")
