"""Filters of seminars, attendances, contacts and follow-ups."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters

from api.choices import ChoiceFilter, flag
from api.filters import RecordFilter, RecordFormField, of_year, words
from api.process_filters import ProcessFilter
from crm.access import can
from crm.dimensions import CONTACTS
from crm.models import (
    Attendance,
    AttendanceState,
    Contact,
    ContactKind,
    FollowUp,
    FollowUpState,
    Lab,
    Partner,
    Professor,
    Representative,
    Seminar,
    Student,
    User,
)

ANY = "any"


def _day(field: str, lookup: str, label: str) -> filters.DateFilter:
    return filters.DateFilter(field, lookup, label=label)


class SeminarFilter(filters.FilterSet):
    search = words("title", "place", "other_speakers")
    lab = RecordFilter(Lab)
    speaker = RecordFilter(Professor, field_name="speakers", key="")
    is_open = flag()
    year = of_year("starts")

    class Meta:
        model = Seminar
        fields: Sequence[str] = ()

    @classmethod
    def get_filters(cls) -> Any:
        days = {
            "from": _day("starts", "date__gte", "This day or later."),
            "to": _day("starts", "date__lte", "Or earlier."),
        }
        return {**super().get_filters(), **days}


class AttendanceFilter(filters.FilterSet):
    seminar = RecordFilter(Seminar, key="")
    state = ChoiceFilter(choices=AttendanceState.choices)
    representative = RecordFilter(Representative, key="")
    professor = RecordFilter(Professor, key="")
    student = RecordFilter(Student, key="number")
    partner = RecordFilter(Partner, field_name="representative__partner")
    lab = RecordFilter(Lab, field_name="seminar__lab", label="Of the seminar.")
    year = of_year("seminar__starts")

    class Meta:
        model = Attendance
        fields: Sequence[str] = ()


class ContactFilter(ProcessFilter):
    """Partner, lab, programme and year as in the reports."""

    dimensions = CONTACTS
    lab = RecordFilter(Lab, method="belonging")
    programme = ProcessFilter.base_filters["programme"]
    student = RecordFilter(Student, field_name="participants__student", key="number")
    professor = RecordFilter(Professor, field_name="participants__professor", key="")
    representative = RecordFilter(Representative, field_name="participants__representative", key="")
    seminar = RecordFilter(Seminar, key="")
    kind = ChoiceFilter(choices=ContactKind.choices)
    search = words("summary", "promised", "partner__name")

    class Meta:
        model = Contact
        fields: Sequence[str] = ()

    @classmethod
    def get_filters(cls) -> Any:
        days = {"from": _day("day", "gte", "This day or later."), "to": _day("day", "lte", "This day or earlier.")}
        return {**super().get_filters(), **days}


class _OwnerFormField(RecordFormField):
    """By id or e-mail; `me` is whoever asks. Who owns their own follow-ups alone knows no other account."""

    def clean(self, value: Any) -> Any:
        return self.user if value == "me" else super().clean(value)

    def choices(self) -> Any:
        staff = User.objects.staff()
        return staff if can(self.user, "follow_up.change") else staff.filter(pk=self.user.pk)


class _OwnerFilter(RecordFilter):
    field_class = _OwnerFormField


class FollowUpFilter(filters.FilterSet):
    """Open ones, unless `state` says otherwise."""

    state = ChoiceFilter(choices=[*FollowUpState.choices, (ANY, "any")], method="in_state", label="`open` without it.")
    owner = _OwnerFilter(User, key="email", label="Id or e-mail; `me` for your own.")
    partner = RecordFilter(Partner)
    lab = RecordFilter(Lab)
    contact = RecordFilter(Contact, key="")
    overdue = flag("Open, and due before today.", method="is_overdue")

    class Meta:
        model = FollowUp
        fields: Sequence[str] = ()

    def filter_queryset(self, queryset: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
        if not self.form.cleaned_data["state"]:
            queryset = queryset.filter(state=FollowUpState.OPEN)
        return super().filter_queryset(queryset)

    def in_state(self, queryset: QuerySet[FollowUp], name: str, state: str) -> QuerySet[FollowUp]:
        return queryset if state == ANY else queryset.filter(state=state)

    def is_overdue(self, queryset: QuerySet[FollowUp], name: str, value: bool) -> QuerySet[FollowUp]:
        late = Q(state=FollowUpState.OPEN, due__lt=timezone.localdate())
        return queryset.filter(late if value else ~late)


class RelationshipFilter(filters.FilterSet):
    """Only read: the report does the rest."""

    of = ChoiceFilter(choices=[("partner", "partners"), ("lab", "labs")], method="keep", label="`partner` without it.")
    stale_after = filters.NumberFilter(min_value=1, max_value=36_500, decimal_places=0, method="keep", label="Days.")

    def keep(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset
