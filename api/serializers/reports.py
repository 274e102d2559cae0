from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from crm.gaps import LEAST, Gap
from crm.models import OutcomeKind, WishKind
from crm.reports import STEPS

NOTE = (
    "Each record counts once, and once for each lab or programme that it belongs to. `conversion` is its count divided"
    " by that of the step before; it may exceed 1. `median_days`: from the first record of the step before to the first"
    " of this one, of each partner and student; for an introduction, since the partner's last seminar conversation with"
    " the student, their labs or their professors. A hire counts in the year of its offer, an introduction in that in"
    " which it was asked for."
)

COLUMNS = ["value", "name", "step", "count", "conversion", "median_days", "rows"]
"""Of the CSV: a line for each step of each row."""


class FiguresSerializer(serializers.Serializer):
    step = serializers.ChoiceField(choices=[step.name for step in STEPS])
    count = serializers.IntegerField()
    conversion = serializers.FloatField(allow_null=True)
    median_days = serializers.FloatField(allow_null=True)
    rows = serializers.URLField(help_text="The list of exactly the records counted.")


class GroupSerializer(serializers.Serializer):
    value = serializers.CharField(help_text="As the parameter takes it.")
    name = serializers.CharField()


class FunnelRowSerializer(serializers.Serializer):
    group = GroupSerializer(allow_null=True)
    steps = FiguresSerializer(many=True)


@extend_schema_serializer(many=False)
class FunnelSerializer(serializers.Serializer):
    by = serializers.CharField(allow_null=True)
    note = serializers.CharField()
    results = FunnelRowSerializer(many=True)


@extend_schema_serializer(many=False)
class OutcomeReportSerializer(serializers.Serializer):
    """`known` are all but the unknown ones; `knowledge_rate` is their share of the graduates."""

    graduates = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text=f"Of {', '.join(OutcomeKind.values)}.")
    known = serializers.IntegerField()
    knowledge_rate = serializers.FloatField(allow_null=True)


GAP_NOTE = (
    "Searches of partners that named a skill, lab or language, by a filter or in words; `few`"
    " found fewer than five candidates, or nobody with all that was asked for. Nothing is kept of who searched."
    f" A month with fewer than {LEAST} searches for something is left out of its numbers."
)
GAP_COLUMNS = ["kind", "value", "name", "searches", "few", "share"]
"""Of the CSV: a line for each wish."""


class GapSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=WishKind.choices)
    value = serializers.CharField(help_text="As the parameter of a search takes it.")
    name = serializers.CharField()
    searches = serializers.IntegerField()
    few = serializers.IntegerField(help_text="How many of them found few.")
    share = serializers.FloatField()


@extend_schema_serializer(many=False)
class GapReportSerializer(serializers.Serializer):
    """What was searched for and found too seldom."""

    note = serializers.CharField()
    results = GapSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python."""
        months = {
            name: serializers.CharField(allow_null=True, help_text="YYYY-MM; null for no bound.")
            for name in ("from", "to")
        }
        return {**months, **super().get_fields()}

    @staticmethod
    def rows(gaps: Iterable[Gap]) -> list[dict[str, Any]]:
        return [{**asdict(gap), "share": gap.share} for gap in gaps]
