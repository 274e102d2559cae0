"""Relationship health: the last contact with each partner or lab, its next step, and whether it went stale."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat, Greatest
from django.utils import timezone

from crm.access import require
from crm.models import Contact, FollowUp, FollowUpState, Lab, Partner, Touchpoint, TouchpointKind, User


@dataclass(frozen=True)
class Relationship:
    subject: Partner | Lab
    last_contact: Contact | None
    next_step: FollowUp | None
    stale: bool
    """No contact for more days than are allowed, or never."""


def subjects(of: str, *, by: User) -> QuerySet[Any]:
    """Partners or labs with `last`, the day and the id of the last contact in one text: empty where there was none."""
    require(by, "report.view")
    if of == "partner":
        contacts = Contact.objects.filter(partner=OuterRef("pk")).order_by("-day", "-id")
        return Partner.objects.visible_to(by).annotate(last=_last(contacts, "day", "public_id"))
    met = Touchpoint.objects.filter(kind=TouchpointKind.CONTACT).order_by("-date", "-record")
    ways = (Q(lab=OuterRef("pk")), *map(_of_professors, ("headships", "memberships")))
    last = [_last(met.filter(way), "date", "record") for way in ways]
    return Lab.objects.visible_to(by).annotate(last=Greatest(*last))


def _of_professors(places: str) -> Q:
    """Touches of professors who headed the lab, or belonged to it, on that day."""
    there = f"professor__{places}__"
    begun = Q(**{f"{there}starts__isnull": True}) | Q(**{f"{there}starts__lte": F("date")})
    going_on = Q(**{f"{there}ends__isnull": True}) | Q(**{f"{there}ends__gte": F("date")})
    return Q(**{f"{there}lab": OuterRef("pk")}) & begun & going_on


def _last(rows: QuerySet[Any], day: str, record: str) -> Coalesce:
    text = Concat(Cast(day, CharField()), Value(" "), Cast(record, CharField()), output_field=CharField())
    return Coalesce(Subquery(rows.values(text=text)[:1]), Value(""), output_field=CharField())


def health(of: str, page: Sequence[Any], *, stale_after: int) -> list[Relationship]:
    """The relationships of a page of `subjects`, in two queries; stale after so many days."""
    ids = {subject.pk: uuid.UUID(subject.last.split()[1]) for subject in page if subject.last}
    contacts = Contact.objects.in_bulk(ids.values(), field_name="public_id")
    steps = _next_steps(of, [subject.pk for subject in page])
    oldest = timezone.localdate() - timedelta(days=stale_after)

    def relationship(subject: Any) -> Relationship:
        last = contacts.get(ids[subject.pk]) if subject.pk in ids else None
        return Relationship(subject, last, steps.get(subject.pk), last is None or last.day < oldest)

    return [relationship(subject) for subject in page]


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
