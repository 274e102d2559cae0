from django.urls import reverse
from django.utils.functional import cached_property
from rest_framework import serializers

from api.serializers.base import RecordSerializer, WordField
from crm import reference
from crm.models import AlertRhythm, SavedSearch
from crm.reference import Reference
from search.saved import problems_of


class SavedSearchSerializer(RecordSerializer):
    """A search with its parameters, as they stand in the address of `candidates/`."""

    alert = WordField(AlertRhythm, required=False, help_text="How often a mail tells of candidates who are new in it.")
    address = serializers.SerializerMethodField()
    problem = serializers.SerializerMethodField(help_text="What it asks for that is no more: it finds nobody.")

    class Meta:
        model = SavedSearch
        fields = ("id", "name", "parameters", "alert", "next_alert", "address", "problem", "created_at")
        read_only_fields = ("created_at", "next_alert")
        extra_kwargs = {
            "parameters": {"required": True, "help_text": "Like `skill=crispr:3&q=yeast`; a page is left out."}
        }

    @cached_property
    def _known(self) -> Reference:
        """Asked once for a whole list."""
        return reference.current()

    def get_problem(self, search: SavedSearch) -> str | None:
        return " ".join(problems_of(search.parameters, self._known)) or None

    def get_address(self, search: SavedSearch) -> str:
        parameters = f"?{search.parameters}" if search.parameters else ""
        address: str = self.context["request"].build_absolute_uri(f"{reverse('candidates-list')}{parameters}")
        return address
