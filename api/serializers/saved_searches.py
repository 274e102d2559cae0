from django.urls import reverse
from rest_framework import serializers

from api.serializers.base import RecordSerializer, WordField
from crm.models import AlertRhythm, SavedSearch


class SavedSearchSerializer(RecordSerializer):
    """A search with its parameters, as they stand in the address of `candidates/`."""

    alert = WordField(AlertRhythm, required=False, help_text="How often a mail tells of candidates who are new in it.")
    address = serializers.SerializerMethodField()

    class Meta:
        model = SavedSearch
        fields = ("id", "name", "parameters", "alert", "next_alert", "address", "created_at")
        read_only_fields = ("created_at", "next_alert")
        extra_kwargs = {
            "parameters": {"required": True, "help_text": "Like `skill=crispr:3&q=yeast`; a page is left out."}
        }

    def get_address(self, search: SavedSearch) -> str:
        parameters = f"?{search.parameters}" if search.parameters else ""
        address: str = self.context["request"].build_absolute_uri(f"{reverse('candidates-list')}{parameters}")
        return address
