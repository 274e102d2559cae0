from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.http import urlencode
from django_filters.rest_framework import FilterSet
from django_filters.utils import translate_validation
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import refuse_unknown
from api.process_filters import FunnelFilter, OutcomeReportFilter
from api.renderers import CSVRenderer, JSONRenderer
from api.serializers.reports import COLUMNS, NOTE, FunnelSerializer, OutcomeReportSerializer
from api.viewsets import RuledViewSet
from crm.errors import Invalid
from crm.models import Hire, Student
from crm.reports import Figures, FunnelRow, funnel, outcomes

LISTS = {
    "seminar_contact": "contacts",
    "introduction": "introductions",
    "immersion": "immersions",
    "offer": "hires",
    "hire": "hires",
}
"""Step -> the list that holds its records."""


class ReportViewSet(RuledViewSet):
    """A report takes its parameters from a filterset, and does the filtering itself."""

    verbs = {"list": "report.view"}
    filterset_class: ClassVar[type[FilterSet]]
    pagination_class = None

    def asked(self) -> dict[str, Any]:
        """What the parameters name; those that are not given are left out."""
        refuse_unknown(self.request, list(self.filterset_class.base_filters))
        read = self.filterset_class(self.request.query_params, queryset=self.queryset.none(), request=self.request)
        if not read.is_valid():
            raise translate_validation(read.errors)
        given = {name: value for name, value in read.form.cleaned_data.items() if value not in (None, "")}
        return given | ({"year": int(given["year"])} if "year" in given else {})


class OutcomeReportViewSet(ReportViewSet):
    """What became of graduates, and of how many that is known."""

    queryset = Student.objects.all()
    filterset_class = OutcomeReportFilter
    serializer_class = OutcomeReportSerializer

    @extend_schema(responses=OutcomeReportSerializer)
    def list(self, request: Request) -> Response:
        """By their latest outcome; who has an accepted or started hire here counts as employed."""
        return Response(OutcomeReportSerializer(outcomes(by=self.user, filters=self.asked())).data)


class ByFormat(DefaultContentNegotiation):
    """`?format=csv` is stronger than `Accept`."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        asked = request.query_params.get("format")
        known = asked if asked in {renderer.format for renderer in renderers} else None
        found: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, known)
        return found


class FunnelViewSet(ReportViewSet):
    """From seminar conversations to hires: how many, which share goes on, and after how many days."""

    queryset = Hire.objects.all()
    filterset_class = FunnelFilter
    serializer_class = FunnelSerializer
    renderer_classes = [JSONRenderer, CSVRenderer]
    content_negotiation_class = ByFormat

    def handle_exception(self, exc: Exception) -> Response:
        """Errors are JSON, whatever was asked for."""
        self.request.accepted_renderer, self.request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
        response: Response = super().handle_exception(exc)
        return response

    @extend_schema(responses={(200, "application/json"): FunnelSerializer, (200, "text/csv"): str})
    def list(self, request: Request) -> Response:
        """Filtered by partner, lab, programme and year, and grouped by one of them. Each number links to its rows."""
        asked = self.asked()
        asked.pop("format", None)
        group = asked.pop("by", None)
        if group in asked:
            raise Invalid.field("by", f"Filter by one {group}, or group by all; not both.")
        given = {name: _parameter(value) for name, value in asked.items()}
        rows = funnel(by=self.user, group=group, filters=asked)
        results = [self._row(row, group, given) for row in rows]
        if isinstance(request.accepted_renderer, CSVRenderer):
            file = {"Content-Disposition": 'attachment; filename="funnel.csv"'}
            return Response([COLUMNS, *_lines(results)], headers=file)
        return Response({"by": group, "note": NOTE, "results": results})

    def _row(self, row: FunnelRow, group: str | None, given: Mapping[str, str]) -> dict[str, Any]:
        value = _parameter(row.value) if group else None
        own = {**given, **({group: value} if group else {})}
        return {
            "group": {"value": value, "name": str(row.value)} if group else None,
            "steps": [self._figures(figures, own) for figures in row.figures],
        }

    def _figures(self, figures: Figures, given: Mapping[str, Any]) -> dict[str, Any]:
        step = figures.step
        among = {name: ",".join(values) for name, values in step.among.items()}
        address = f"{reverse(f'{LISTS[step.name]}-list')}?{urlencode({**among, **given})}".rstrip("?")
        return {
            "step": step.name,
            "count": figures.count,
            "conversion": figures.conversion,
            "median_days": figures.median_days,
            "rows": self.request.build_absolute_uri(address),
        }


def _parameter(value: Any) -> str:
    """A record or year as a parameter takes it."""
    return str(getattr(value, "slug", value))


def _lines(results: list[dict[str, Any]]) -> Iterator[list[Any]]:
    for row in results:
        group = [row["group"]["value"], row["group"]["name"]] if row["group"] else ["", ""]
        yield from ([*group, *figures.values()] for figures in row["steps"])
