"""The funnel from seminar conversations to hires, and what became of graduates. For the university alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from crm.access import require
from crm.dimensions import CONTACTS, HIRES, IMMERSIONS, INTRODUCTIONS, RECORDS, OfStudent
from crm.models import Contact, Hire, Immersion, Introduction, LabMembership, Outcome, OutcomeKind, Student, User
from crm.waiting import Medians, medians_between, medians_since_seminar


@dataclass(frozen=True)
class Step:
    name: str
    model: type[Any]
    dimensions: OfStudent
    day: Any
    """An expression for the day that counts."""
    among: Mapping[str, Sequence[str]]
    """Parameter of the list of these records -> the values that make it hold those that took the step."""

    def rows(self, by: User, filters: Mapping[str, Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.all().visible_to(by)
        for name, values in self.among.items():
            rows = rows.filter(**{f"{self.dimensions.state if name == 'state' else name}__in": values})
        for dimension, value in filters.items():
            rows = rows.filter(self.dimensions.belonging(dimension, value))
        return rows

    def firsts(self, rows: QuerySet[Any], **part: Any) -> QuerySet[Any, Any]:
        """The first day of each student and partner."""
        days: QuerySet[Any, Any] = rows.order_by().values("student_id", "partner_id", **part)
        first: QuerySet[Any, Any] = days.annotate(day=Min(self.day)).filter(day__isnull=False)
        return first


STEPS = (
    Step("seminar_contact", Contact, CONTACTS, F("day"), {"kind": ("seminar_conversation",)}),
    Step("introduction", Introduction, INTRODUCTIONS, TruncDate("answered_at"), {"state": ("accepted", "closed")}),
    Step("immersion", Immersion, IMMERSIONS, F("starts"), {"state": ("agreed", "active", "completed")}),
    Step("offer", Hire, HIRES, F("offered_on"), {}),
    Step("hire", Hire, HIRES, F("answered_on"), {"state": ("accepted", "started", "left")}),
)


@dataclass(frozen=True)
class Figures:
    """Of one step in one row. `conversion`: the count over that of the step before; `median_days` since that step."""

    step: Step
    count: int
    conversion: float | None
    median_days: float | None


@dataclass(frozen=True)
class FunnelRow:
    """`value` is a partner, lab, programme or year, or None where the report is not grouped."""

    value: Any
    figures: list[Figures]


def funnel(*, by: User, group: str | None = None, filters: Mapping[str, Any] | None = None) -> list[FunnelRow]:
    """A row for each value of a dimension with a record, or one for all. `filters`: dimension -> value.

    A row equals the report that is filtered by its value. Days are counted, for each partner and student, from the
    first record of one step to the first of the next, if that is not before; the next one alone is filtered by year.
    """
    require(by, "report.view")
    chosen = dict(filters or {})
    rows = [step.rows(by, chosen) for step in STEPS]
    counts = [_counts(step, found, group) for step, found in zip(STEPS, rows, strict=True)]
    waits = [{}, *(_waits(place, found, by, group) for place, found in enumerate(rows) if place)]
    return [
        FunnelRow(value, [_figures(place, key, counts, waits) for place in range(len(STEPS))])
        for key, value in _values(group, {key for found in counts for key in found})
    ]


ALL = 0
"""The key of the one row of a report that is not grouped."""


def _counts(step: Step, rows: QuerySet[Any], group: str | None) -> dict[Any, int]:
    return dict(step.dimensions.counts(rows, group)) if group else {ALL: rows.count()}


def _waits(place: int, rows: QuerySet[Any], by: User, group: str | None) -> Medians:
    before, step = STEPS[place - 1], STEPS[place]
    later = step.firsts(rows, part=step.dimensions.key(group) if group else Value(ALL))
    return medians_between(before.firsts(before.rows(by, {})), later) if place > 1 else medians_since_seminar(later)


def _figures(place: int, key: Any, counts: list[dict[Any, int]], waits: list[Medians]) -> Figures:
    count, before = counts[place].get(key, 0), counts[place - 1].get(key, 0) if place else 0
    conversion = round(count / before, 4) if before else None
    return Figures(STEPS[place], count, conversion, waits[place].get(key))


def _values(group: str | None, keys: set[Any]) -> list[tuple[Any, Any]]:
    """(key, what it stands for), by name or year."""
    if group is None:
        return [(ALL, None)]
    if group == "year":
        return [(year, int(year)) for year in sorted(keys)]
    found = RECORDS[group].objects.in_bulk(keys)
    return sorted(found.items(), key=lambda item: (item[1].name, item[0]))


# Outcomes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OutcomeReport:
    graduates: int
    counts: dict[str, int]
    """Kind of outcome -> graduates."""

    @property
    def known(self) -> int:
        return self.graduates - self.counts[OutcomeKind.UNKNOWN]

    @property
    def knowledge_rate(self) -> float | None:
        return round(self.known / self.graduates, 4) if self.graduates else None


AMONG_GRADUATES: Mapping[str, Callable[[Any], Q]] = {
    "year": lambda year: Q(graduation_date__year=year),
    "programme": lambda programme: Q(programme=programme),
    "lab": lambda lab: Q(pk__in=LabMembership.objects.filter(lab=lab).values("student_id")),
}


def outcomes(*, by: User, filters: Mapping[str, Any] | None = None) -> OutcomeReport:
    """Graduates by their latest outcome. An accepted or started hire counts as employed, whatever was said.

    `filters`: year of graduation, programme, lab (past or present membership).
    """
    require(by, "report.view")
    graduates = Student.objects.visible_to(by).filter(graduation_date__lte=timezone.localdate())
    for name, value in (filters or {}).items():
        graduates = graduates.filter(AMONG_GRADUATES[name](value))
    found = graduates.order_by().values(kind=_latest_outcome()).annotate(count=Count("pk"))
    counts = dict.fromkeys(OutcomeKind.values, 0) | dict(found.values_list("kind", "count"))
    return OutcomeReport(sum(counts.values()), counts)


def _latest_outcome() -> Case:
    hired = Hire.objects.held().filter(student=OuterRef("pk"))
    latest = Outcome.objects.filter(student=OuterRef("pk")).order_by("-date", "-pk").values("kind")[:1]
    return Case(
        When(Exists(hired), then=Value(OutcomeKind.EMPLOYED.value)),
        default=Coalesce(Subquery(latest), Value(OutcomeKind.UNKNOWN.value)),
    )
