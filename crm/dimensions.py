"""Partner, lab, programme, year: what lists are filtered and reports are grouped by, declared once for both.

Each kind of record says here to which of them it belongs, so that a list that is filtered like a row of a report holds
what the row counted. A record may belong to several labs or programmes, and counts for each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractYear

from crm.access import Reach, Role
from crm.models import Lab, LabMembership, Partner, Programme, Touchpoint, TouchpointKind
from crm.querysets.gate import NOTHING
from crm.querysets.people import OWN_PROCESSES, consented

DIMENSIONS = ("partner", "lab", "programme", "year")
RECORDS: Mapping[str, Any] = {"partner": Partner, "lab": Lab, "programme": Programme}
"""Dimension -> the model of its values; years are numbers."""


@dataclass(frozen=True)
class OfStudent:
    """Records of one student and one partner: the labs are those of the student, past or present."""

    year: str
    """The field whose year counts."""
    state: str = "state"
    """The field that holds the state."""

    def belonging(self, dimension: str, value: Any) -> Q:
        """Records that belong to a partner, a lab, a programme or a year."""
        if dimension == "lab":
            return Q(Exists(LabMembership.objects.filter(student=OuterRef("student_id"), lab=value)))
        if dimension == "programme":
            return Q(student__programme=value)
        return Q(**{f"{self.year}__year" if dimension == "year" else dimension: value})

    def key(self, dimension: str) -> Any:
        """As an expression: what a record belongs to; one row for each."""
        if dimension == "year":
            return ExtractYear(self.year)
        return F(
            {"lab": "student__memberships__lab_id", "programme": "student__programme_id"}.get(dimension, "partner_id")
        )

    def counts(self, rows: QuerySet[Any], dimension: str) -> Iterator[tuple[Any, int]]:
        """(value, number of records) of a dimension; those that belong to no value are left out."""
        found = rows.order_by().values(part=self.key(dimension)).filter(part__isnull=False)
        yield from found.annotate(count=Count("pk", distinct=True)).values_list("part", "count")


@dataclass(frozen=True)
class OfContact(OfStudent):
    """Contacts: they belong to the labs, and to the programmes of the students, that they touched."""

    def belonging(self, dimension: str, value: Any) -> Q:
        if dimension in TOUCHED:
            touched = _touches().filter(**{TOUCHED[dimension]: value.pk})
            return Q(Exists(touched.filter(record=OuterRef("public_id"))))
        return super().belonging(dimension, value)

    def counts(self, rows: QuerySet[Any], dimension: str) -> Iterator[tuple[Any, int]]:
        if dimension not in TOUCHED:
            yield from super().counts(rows, dimension)
            return
        touched = _touches().filter(record__in=rows.order_by().values("public_id"))
        touched = touched.filter(**{f"{TOUCHED[dimension]}__isnull": False})
        found = touched.values(part=F(TOUCHED[dimension])).annotate(count=Count("record", distinct=True))
        yield from found.values_list("part", "count")


TOUCHED = {"lab": "lab_id", "programme": "student__programme_id"}


def _touches() -> QuerySet[Touchpoint]:
    return Touchpoint.objects.filter(kind=TouchpointKind.CONTACT).order_by()


CONTACTS = OfContact("day")
INTRODUCTIONS = OfStudent("asked_at", state="stored_state")
IMMERSIONS = OfStudent("starts")
HIRES = OfStudent("offered_on")


def naming(model: type[Any], reach: Reach, *, profile: bool = False) -> Q:
    """Records that say who the student is, or with `profile`, whose profile may be read; to all but partners, all do.

    What a partner asks about students is asked of these alone, so that a filter tells no more than it may read.
    """
    if reach.role != Role.PARTNER:
        return Q()
    if not reach.partner_id:
        return NOTHING
    by_consent = consented(reach.partner_id, student="student_id", profile=True)
    return by_consent if profile else OWN_PROCESSES.get(model.__name__, NOTHING) | by_consent
