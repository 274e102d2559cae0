"""List filters. A parameter that no filter knows, or that comes twice, is an error."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.drainage import set_override
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from api.choices import ChoiceFilter, flag
from api.lookups import by_key, named_by
from api.pagination import ListPagination
from crm.clock import YEARS
from crm.models import (
    Block,
    City,
    Consent,
    ConsentState,
    Degree,
    Lab,
    MailState,
    Partner,
    PartnerState,
    Professor,
    Programme,
    Representative,
    Role,
    Skill,
    Student,
    User,
)
from crm.notices.table import NOTICES


class StrictFilterBackend(filters.DjangoFilterBackend):
    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        refuse_unknown(request, [*self._declared(view, queryset), *ListPagination.parameters])
        return super().filter_queryset(request, queryset, view)

    def _declared(self, view: Any, queryset: QuerySet[Any]) -> list[str]:
        filterset = self.get_filterset_class(view, queryset)
        return list(filterset.base_filters) if filterset else []


def refuse_unknown(request: Request, allowed: Sequence[str]) -> None:
    """Raises ValidationError for parameters that are not allowed or are given more than once."""
    wrong = {}
    for name, values in request.query_params.lists():
        if name not in allowed:
            wrong[name] = [f"Unknown parameter. Allowed: {', '.join(allowed) or 'none'}."]
        elif len(values) > 1:
            wrong[name] = ["Give this parameter once."]
    if wrong:
        raise ValidationError(wrong)


def read_flag(request: Request, name: str) -> bool:
    """A parameter that is true or false; false where it is not given. Raises ValidationError."""
    text = request.query_params.get(name, "false")
    if text not in {"true", "false"}:
        raise ValidationError({name: ["Allowed: true, false."]})
    return text == "true"


class RecordFormField(forms.CharField):
    """The text of a parameter as the record it names."""

    def __init__(self, *, model: type[Model], key: str, user: Any = None, **options: Any) -> None:
        self.model, self.key, self.user = model, key, user
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return by_key(self.choices(), text, self._keys())
        except ObjectDoesNotExist:
            raise forms.ValidationError("Unknown: %(text)r.", params={"text": text[:80]}) from None

    def choices(self) -> Any:
        return self.model._default_manager.all().visible_to(self.user)  # type: ignore[attr-defined] # VisibleQuerySet

    def _keys(self) -> list[str]:
        """Student numbers are the university's: a partner that could ask for one would learn whose it is."""
        hidden = self.model is Student and getattr(self.user, "role", None) == Role.PARTNER
        return [self.key] if self.key and not hidden else []


class RecordFilter(filters.CharFilter):
    """Another record, by id or key; only what the user may see is known."""

    field_class = RecordFormField

    def __init__(
        self,
        model: type[Model],
        *,
        field_name: str | None = None,
        key: str = "slug",
        label: str = "",
        method: str | None = None,
    ) -> None:
        distinct = "__" in (field_name or "")
        super().__init__(field_name, distinct=distinct, method=method, model=model, key=key, label=label)
        self.extra.setdefault("required", False)
        schema = named_by([key] if key else [])
        set_override(self, "field", {**schema, "description": f"{label} {schema['description']}".strip()})

    @property
    def field(self) -> Any:
        field = super().field
        field.user = getattr(self.parent.request, "user", None)
        return field


def words(*fields: str) -> Any:
    """Every word stands in one of the fields. SQLite folds the case of Latin letters only, so spellings are tried."""

    def search(queryset: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        for word in text.split()[:10]:
            spellings = {word, word.lower(), word.title()}
            found = Q(*(Q(**{f"{field}__icontains": s}) for field in fields for s in spellings), _connector=Q.OR)
            # Each word in a subquery of its own: joined to the others, aliases would be multiplied by aliases.
            queryset = queryset.filter(pk__in=queryset.model._default_manager.filter(found).values("pk"))
        return queryset

    return filters.CharFilter(method=search, max_length=200, label=f"Words in: {', '.join(fields)}.")


def of_year(field: str | None, lookup: str = "year", **options: Any) -> filters.NumberFilter:
    """A year of a day or moment, which was meant."""
    return filters.NumberFilter(field, lookup, min_value=YEARS[0], max_value=YEARS[-1], decimal_places=0, **options)


class StudentFilter(filters.FilterSet):
    number = filters.CharFilter(label="Student number.")
    search = words("number", "given_name", "family_name", "native_name")
    lab = RecordFilter(Lab, field_name="memberships__lab", label="Past or present membership.")
    supervisor = RecordFilter(Professor, field_name="supervisions__professor", key="")
    programme = RecordFilter(Programme)
    degree = ChoiceFilter(choices=Degree.choices)
    graduation_year = of_year("graduation_date", label="Year of graduation.")
    graduation_from = of_year("graduation_date", "year__gte", label="Graduates of this year or later.")
    graduation_to = of_year("graduation_date", "year__lte", label="Graduates of this year or earlier.")
    skill = RecordFilter(Skill, field_name="claims__skill")
    home_city = RecordFilter(City)
    placed = flag("Hired already.")

    class Meta:
        model = Student
        fields: Sequence[str] = ()


class LabFilter(filters.FilterSet):
    search = words("name", "slug")


class ProgrammeFilter(filters.FilterSet):
    search = words("name", "slug")


class CityFilter(filters.FilterSet):
    search = words("name", "name_ru", "slug")
    country = filters.CharFilter(max_length=2, lookup_expr="iexact")


class SkillFilter(filters.FilterSet):
    search = words("label", "label_ru", "slug", "aliases__name")
    broader = RecordFilter(Skill, field_name="broader")


class ProfessorFilter(filters.FilterSet):
    search = words("given_name", "family_name", "native_name")
    lab = RecordFilter(Lab, field_name="memberships__lab")


class PartnerFilter(filters.FilterSet):
    search = words("name", "slug")
    state = ChoiceFilter(choices=PartnerState.choices)


class RepresentativeFilter(filters.FilterSet):
    search = words("given_name", "family_name", "email")
    partner = RecordFilter(Partner)

    class Meta:
        model = Representative
        fields: Sequence[str] = ()


class ConsentFilter(filters.FilterSet):
    student = RecordFilter(Student, key="number")
    partner = RecordFilter(Partner)
    state = ChoiceFilter(choices=ConsentState.choices, method="in_state")

    class Meta:
        model = Consent
        fields: Sequence[str] = ()

    def in_state(self, queryset: Any, name: str, state: str) -> QuerySet[Consent]:
        if state == ConsentState.WITHDRAWN:
            return queryset.filter(stored_state=state)
        active = queryset.active()
        return active if state == ConsentState.ACTIVE else queryset.filter(stored_state="active").exclude(pk__in=active)


class BlockFilter(filters.FilterSet):
    student = RecordFilter(Student, key="number")
    partner = RecordFilter(Partner)

    class Meta:
        model = Block
        fields: Sequence[str] = ()


class UserFilter(filters.FilterSet):
    search = words("email")
    role = ChoiceFilter(choices=Role.choices)
    is_active = flag()

    class Meta:
        model = User
        fields: Sequence[str] = ()


class MailFilter(filters.FilterSet):
    state = ChoiceFilter(choices=MailState.choices)
    template = ChoiceFilter(choices=[(name, name) for name in NOTICES])
