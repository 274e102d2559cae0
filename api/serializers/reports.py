from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from crm.models import OutcomeKind
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
