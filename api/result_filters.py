"""Filters of what is kept of searching."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django_filters import rest_framework as filters

from api.choices import ChoiceFilter, as_format
from api.filters import words
from crm.models import ShortlistEntry, ShortlistStage, ShortlistTag
from crm.models.shortlists import LONGEST_TAG, tag_key


class ShortlistFilter(filters.FilterSet):
    search = words("name", "note")


class ShortlistEntryFilter(filters.FilterSet):
    stage = ChoiceFilter(choices=ShortlistStage.choices)
    tag = filters.CharFilter(method="tagged", max_length=LONGEST_TAG, label="In any case.")

    def tagged(self, queryset: QuerySet[ShortlistEntry], name: str, text: str) -> QuerySet[ShortlistEntry]:
        return queryset.filter(Exists(ShortlistTag.objects.filter(entry=OuterRef("pk"), key=tag_key(text))))


class ShortlistExportFilter(ShortlistEntryFilter):
    format = as_format("csv", "xlsx")

    def filter_queryset(self, queryset: QuerySet[ShortlistEntry]) -> QuerySet[ShortlistEntry]:
        self.form.cleaned_data["format"] = ""
        found: QuerySet[ShortlistEntry] = super().filter_queryset(queryset)
        return found


class GapFilter(filters.FilterSet):
    """Only read: the report filters by itself."""

    format = as_format("json", "csv")

    @classmethod
    def get_filters(cls) -> Any:
        wrong = {"invalid": "Give a month as YYYY-MM, or a day in it as YYYY-MM-DD."}
        options = {"input_formats": ["%Y-%m", "%Y-%m-%d"], "error_messages": wrong}
        labels = {"from": "This month or later: YYYY-MM, or a day in it.", "to": "This month or earlier."}
        months = {name: filters.DateFilter(label=label, **options) for name, label in labels.items()}
        return {**super().get_filters(), **months}
