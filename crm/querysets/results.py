"""Who sees what is kept of searching: saved searches are their owner's alone, shortlists their partner's."""

from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from crm.access import Reach, Role, reach_of
from crm.querysets.gate import NOTHING, M, VisibleQuerySet
from crm.querysets.people import consented

if TYPE_CHECKING:
    from crm.models import User


class SavedSearchQuerySet(VisibleQuerySet[M]):
    """A reach alone shows none: they belong to an account."""

    def visible_to(self, user: "User | AnonymousUser | None") -> Self:
        return self.filter(owner_id=user.pk) if user and reach_of(user) else self.none()


class ShortlistQuerySet(VisibleQuerySet[M]):
    rules = {Role.PARTNER: lambda reach: Q(partner_id=reach.partner_id)}


def _of_candidates(reach: Reach) -> Q:
    """Who is no candidate of the partner any more is on none of its lists, and comes back with the consent."""
    if not reach.partner_id:
        return NOTHING
    seen = consented(reach.partner_id, reach.at, student="student_id", profile=True)
    return Q(shortlist__partner_id=reach.partner_id) & seen


class ShortlistEntryQuerySet(VisibleQuerySet[M]):
    rules = {Role.PARTNER: _of_candidates}
