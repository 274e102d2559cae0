"""Filters of what goes on between students and partners: one declaration with the reports, crm/dimensions.py."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from api.choices import ChoiceFilter, StatesFilter, as_format, flag
from api.filters import RecordFilter, RecordFormField, of_year
from crm.access import can, reach_of
from crm.dimensions import DIMENSIONS, HIRES, IMMERSIONS, INTRODUCTIONS, OfStudent, naming
from crm.models import (
    Hire,
    HireCheck,
    HireState,
    Immersion,
    ImmersionKind,
    ImmersionState,
    Introduction,
    IntroductionState,
    Lab,
    Outcome,
    OutcomeKind,
    Partner,
    Professor,
    Programme,
    Recommendation,
    RecommendationState,
    Student,
)

ABOUT_STUDENTS = {"lab", "programme", "student"}


class _CandidateFormField(RecordFormField):
    def choices(self) -> Any:
        return Student.objects.known_to(self.user)


class CandidateFilter(RecordFilter):
    """A student whom the user sees, or whom a process of theirs names."""

    field_class = _CandidateFormField

    def __init__(self, **options: Any) -> None:
        super().__init__(Student, key="number", **options)


def _described_year(label: str, field: str | None = None, **options: Any) -> filters.NumberFilter:
    described: filters.NumberFilter = extend_schema_field({"type": "integer", "description": label})(
        of_year(field, label=label, **options)
    )
    return described


class ProcessFilter(filters.FilterSet):
    """Partner, lab, programme, year and student. A filterset declares `dimensions`, and adds `state`.

    What a partner may no longer know of a student is not to be found out by filters either: those about the student
    find only records that say who it is.
    """

    dimensions: ClassVar[OfStudent]

    partner = RecordFilter(Partner, method="belonging")
    lab = RecordFilter(Lab, method="belonging", label="The student's, past or present.")
    programme = RecordFilter(Programme, method="belonging", label="The student's.")
    year = _described_year("Of the day that the record counts for in reports.", method="belonging")
    student = CandidateFilter(method="belonging")

    def belonging(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        if name in ABOUT_STUDENTS and (reach := reach_of(self.request.user)):
            queryset = queryset.filter(naming(queryset.model, reach, profile=name != "student"))
        return queryset.filter(self.dimensions.belonging(name, value))


class HireFilter(ProcessFilter):
    dimensions = HIRES
    state = StatesFilter(choices=HireState.choices, label="One, or several with commas between them.")
    check_due = flag("A check after 6 or 12 months is due.", method="with_check_due")

    class Meta:
        model = Hire
        fields: Sequence[str] = ()

    def with_check_due(self, queryset: QuerySet[Hire], name: str, value: bool) -> QuerySet[Hire]:
        if not can(self.request.user, "hire.checks"):
            return queryset.none()
        checks = HireCheck.objects.filter(hire=OuterRef("pk"), done_on__isnull=True, due__lte=timezone.localdate())
        return queryset.filter(Q(Exists(checks)) if value else ~Q(Exists(checks)))


class IntroductionFilter(ProcessFilter):
    dimensions = INTRODUCTIONS
    state = StatesFilter(
        choices=IntroductionState.choices, method="in_states", label="One, or several with commas between them."
    )

    class Meta:
        model = Introduction
        fields: Sequence[str] = ()

    def in_states(self, queryset: QuerySet[Introduction], name: str, states: list[str]) -> QuerySet[Introduction]:
        """Time alone makes an unanswered one expired."""
        run_out = Q(stored_state=IntroductionState.ASKED, expires__lte=timezone.now())
        found = Q(stored_state__in=states) & ~run_out
        return queryset.filter(found | run_out if IntroductionState.EXPIRED in states else found)


class ImmersionFilter(ProcessFilter):
    dimensions = IMMERSIONS
    kind = ChoiceFilter(choices=ImmersionKind.choices)
    state = StatesFilter(choices=ImmersionState.choices, label="One, or several with commas between them.")

    class Meta:
        model = Immersion
        fields: Sequence[str] = ()


class RecommendationFilter(filters.FilterSet):
    student = CandidateFilter()
    professor = RecordFilter(Professor, key="")
    partner = RecordFilter(Partner)
    general = flag("Addressed to no partner.", field_name="partner", lookup_expr="isnull")
    state = StatesFilter(choices=RecommendationState.choices, label="One, or several with commas between them.")
    year = _described_year("When it was begun.", "created_at")

    class Meta:
        model = Recommendation
        fields: Sequence[str] = ()


class OutcomeFilter(filters.FilterSet):
    student = RecordFilter(Student, key="number")
    kind = ChoiceFilter(choices=OutcomeKind.choices)
    lab = RecordFilter(Lab, field_name="student__memberships__lab", label="The student's, past or present.")
    programme = RecordFilter(Programme, field_name="student__programme")
    year = _described_year("Of graduation.", "student__graduation_date")
    latest = flag("Only the one that holds for its student.", method="only_latest")

    class Meta:
        model = Outcome
        fields: Sequence[str] = ()

    def only_latest(self, queryset: QuerySet[Outcome], name: str, value: bool) -> QuerySet[Outcome]:
        later = Q(date__gt=OuterRef("date")) | Q(date=OuterRef("date"), pk__gt=OuterRef("pk"))
        overtaken = Q(Exists(Outcome.objects.filter(later, student=OuterRef("student"))))
        return queryset.filter(~overtaken if value else overtaken)


class OutcomeReportFilter(filters.FilterSet):
    """Only read: the report filters by itself."""

    year = _described_year("Of graduation.")
    programme = RecordFilter(Programme)
    lab = RecordFilter(Lab, label="Past or present membership.")


class FunnelFilter(filters.FilterSet):
    """Only read: the report filters by itself."""

    by = ChoiceFilter(choices=[(name, name) for name in DIMENSIONS], label="A row for each of them.")
    partner = RecordFilter(Partner)
    lab = RecordFilter(Lab)
    programme = RecordFilter(Programme)
    year = _described_year("Of each record's day.")
    format = as_format("json", "csv")
