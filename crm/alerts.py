"""What a saved search finds that its owner was not told of, and keeping what they were told."""

import logging
from collections.abc import Iterable

from crm.access import can
from crm.errors import Invalid
from crm.finding import finder
from crm.models import AlertRhythm, AnnouncedCandidate, SavedSearch, Student, User

log = logging.getLogger(__name__)
MOST_NAMED = 20
"""Candidates whom one mail names; of more it says how many."""


def is_watched_by(search: SavedSearch, to: User) -> bool:
    return search.owner_id == to.pk and search.alert != AlertRhythm.NONE


def news_of(search: SavedSearch) -> list[Student]:
    """Whom it finds now, and whom nobody announced for it before; the last updated first. Raises Unavailable."""
    owner = search.owner
    if not can(owner, "candidate.search"):
        return []
    try:
        found = finder().matching(owner, search.parameters)
    except Invalid:
        log.warning("saved search %s asks for what is no more", search.public_id)
        return []
    announced = set(AnnouncedCandidate.objects.filter(search=search).values_list("student_id", flat=True))
    fresh = [pk for pk in found if pk not in announced]
    seen = Student.objects.visible_to(owner).only("given_name", "family_name").in_bulk(fresh)
    return [seen[pk] for pk in fresh if pk in seen]


def mark_announced(search: SavedSearch, student_ids: Iterable[int]) -> None:
    rows = [AnnouncedCandidate(search=search, student_id=pk) for pk in student_ids]
    AnnouncedCandidate.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
