from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.http import urlencode
from django_filters.rest_framework import FilterSet
from django_filters.utils import translate_validation
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import refuse_unknown
from api.formats import ByFormat, JSONErrorsMixin, as_file
from api.process_filters import FunnelFilter, OutcomeReportFilter
from api.renderers import CSVRenderer, JSONRenderer
from api.result_filters import GapFilter
from api.serializers.reports import (
    COLUMNS,
    GAP_COLUMNS,
    GAP_NOTE,
    NOTE,
    FunnelSerializer,
    GapReportSerializer,
    OutcomeReportSerializer,
)
from api.viewsets import RuledViewSet
from crm.errors import Invalid
from crm.gaps import gaps
from crm.models import Hire, Student, WishCount
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


class FileReportViewSet(JSONErrorsMixin, ReportViewSet):
    """A report that is had as CSV too."""

    renderer_classes = [JSONRenderer, CSVRenderer]
    content_negotiation_class = ByFormat

    def asked(self) -> dict[str, Any]:
        """`format` is read by the negotiation."""
        return {name: value for name, value in super().asked().items() if name != "format"}

    def answer(self, name: str, lines: Iterable[Sequence[Any]], report: Mapping[str, Any]) -> Response:
        """The lines as a file of this name where CSV was asked for, else the report."""
        if isinstance(self.request.accepted_renderer, CSVRenderer):
            return Response(lines, headers=as_file(f"{name}.csv"))
        return Response(report)


class FunnelViewSet(FileReportViewSet):
    """From seminar conversations to hires: how many, which share goes on, and after how many days."""

    queryset = Hire.objects.all()
    filterset_class = FunnelFilter
    serializer_class = FunnelSerializer

    @extend_schema(responses={(200, "application/json"): FunnelSerializer, (200, "text/csv"): str})
    def list(self, request: Request) -> Response:
        """Filtered by partner, lab, programme and year, and grouped by one of them. Each number links to its rows."""
        asked = self.asked()
        group = asked.pop("by", None)
        if group in asked:
            raise Invalid.field("by", f"Filter by one {group}, or group by all; not both.")
        given = {name: _parameter(value) for name, value in asked.items()}
        rows = funnel(by=self.user, group=group, filters=asked)
        results = [self._row(row, group, given) for row in rows]
        return self.answer("funnel", [COLUMNS, *_lines(results)], {"by": group, "note": NOTE, "results": results})

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


class GapViewSet(FileReportViewSet):
    """Skills, labs and languages that were searched for, and of which few were found."""

    queryset = WishCount.objects.all()
    filterset_class = GapFilter
    serializer_class = GapReportSerializer

    @extend_schema(responses={(200, "application/json"): GapReportSerializer, (200, "text/csv"): str})
    def list(self, request: Request) -> Response:
        """In whole months: those of `from` and `to`, and between them. What was missed most often stands first."""
        asked = self.asked()
        first, last = asked.get("from"), asked.get("to")
        if first and last and last < first.replace(day=1):
            raise Invalid.field("to", "This month is before `from`.")
        results = GapReportSerializer.rows(gaps(by=self.user, first=first, last=last))
        months = {"from": first and f"{first:%Y-%m}", "to": last and f"{last:%Y-%m}"}
        lines = [GAP_COLUMNS, *([row[name] for name in GAP_COLUMNS] for row in results)]
        return self.answer("gaps", lines, {**months, "note": GAP_NOTE, "results": results})
