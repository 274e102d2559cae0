"""Whom a search is for. The audience picks the index and is part of the query; no search can be made without one."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from crm.access import Reach, Role
from crm.errors import NotAllowed
from crm.querysets.people import lab_ids_of
from search.fields import FULL, PARTNERS, milliseconds
from search.filters import Between, Condition, Either, Terms, Without

ALL_PARTNERS = "all"


@dataclass(frozen=True, slots=True)
class SearchAudience:
    """The index family, the conditions that every query of this audience carries, and the outbox marks it heeds."""

    family: str
    conditions: tuple[Condition, ...]
    narrowed: str


def audience_for(reach: Reach | None, now: datetime | None = None) -> SearchAudience:
    """Raises NotAllowed for a reach that is no searcher's."""
    moment = milliseconds(now or timezone.now())
    if reach and reach.role in (Role.ADMIN, Role.OFFICE):
        return SearchAudience(FULL, (Between("level", 0, 0),), narrowed="narrows_everyone")
    if reach and reach.role == Role.PROFESSOR and reach.professor_id:
        return SearchAudience(FULL, _own_students(reach.professor_id, moment), narrowed="narrows_professors")
    if reach and reach.role == Role.PARTNER and reach.partner_id:
        return SearchAudience(PARTNERS, _consented(reach.partner_id, moment), narrowed="narrows_partners")
    raise NotAllowed("Your role does not search candidates.")


def _own_students(professor_id: int, now: int) -> tuple[Condition, ...]:
    labs = Terms("current_lab", tuple(map(str, sorted(lab_ids_of(professor_id)))))
    supervised = Terms("current_supervisor", (str(professor_id),))
    return (Between("level", 0, 0), Between("valid_until", low=now + 1), Either((labs, supervised)))


def _consented(partner_id: int, now: int) -> tuple[Condition, ...]:
    return (
        Between("valid_until", low=now + 1),
        Terms("audience", (ALL_PARTNERS, str(partner_id))),
        Without(Terms("kept_out", (str(partner_id),))),
    )
