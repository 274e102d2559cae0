"""Relationship health: the last contact with each partner or lab, its next step, and whether it went stale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import DateField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from crm.access import require
from crm.models import Contact, FollowUp, FollowUpState, Lab, Partner, User

NEVER = date(1900, 1, 1)
"""Stands for no contact at all, so that those come first."""


@dataclass(frozen=True)
class Relationship:
    subject: Partner | Lab
    last_contact: Contact | None
    next_step: FollowUp | None
    stale: bool
    """No contact for more days than are allowed, or never."""


def subjects(of: str, *, by: User) -> QuerySet[Any]:
    """Partners or labs with `last_day`, the day of the last contact, or NEVER."""
    require(by, "report.view")
    model, latest = (Partner, Contact.objects.filter(partner=OuterRef("pk"))) if of == "partner" else (Lab, _of_lab())
    last = Subquery(latest.order_by("-day").values("day")[:1])
    never = Value(NEVER, output_field=DateField())
    return model.objects.visible_to(by).annotate(last_day=Coalesce(last, never, output_field=DateField()))


def _of_lab() -> QuerySet[Contact]:
    return Contact.objects.filter(participants__lab=OuterRef("pk"))


def health(of: str, page: Sequence[Any], *, stale_after: int) -> list[Relationship]:
    """The relationships of a page of `subjects`, in two queries; stale after so many days."""
    keys = [subject.pk for subject in page]
    last, steps = _last_contacts(of, page), _next_steps(of, keys)
    oldest = timezone.localdate() - timedelta(days=stale_after)
    return [Relationship(one, last.get(one.pk), steps.get(one.pk), one.last_day < oldest) for one in page]


def _last_contacts(of: str, page: Sequence[Any]) -> dict[int, Contact]:
    column = "partner_id" if of == "partner" else "participants__lab_id"
    wanted = Q(pk__in=[])
    for subject in page:
        if subject.last_day != NEVER:
            wanted |= Q(**{column: subject.pk, "day": subject.last_day})
    rows = Contact.objects.filter(wanted).annotate(subject=F(column)).order_by("id")
    return {row.subject: row for row in rows}


def _next_steps(of: str, keys: Sequence[int]) -> dict[int, FollowUp]:
    """The open follow-up that is due first; for a lab also one of a contact in which the lab took part."""
    open_ones = FollowUp.objects.filter(state=FollowUpState.OPEN).select_related("owner__professor").order_by("due")
    columns = ("partner_id",) if of == "partner" else ("lab_id", "contact__participants__lab_id")
    first: dict[int, FollowUp] = {}
    for column in columns:
        for row in open_ones.filter(**{f"{column}__in": keys}).annotate(subject=F(column)):
            stands = first.get(row.subject)
            if stands is None or row.due < stands.due:
                first[row.subject] = row
    return first
