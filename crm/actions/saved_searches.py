"""Searches that somebody keeps, and from when on an alert watches them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.access import require
from crm.actions.saving import locked, save_checked
from crm.alerts import mark_announced
from crm.clock import morning_of
from crm.errors import Conflict, Invalid
from crm.finding import MOST_WATCHED, finder
from crm.models import AlertRhythm, SavedSearch, Student, User
from crm.notices.recipients import zone_of

MOST_KEPT = 100
"""Saved searches of one account."""
WATCHED = ("parameters", "alert")
"""What whom it is no news of depends on."""
DAYS = {AlertRhythm.DAILY: 1, AlertRhythm.WEEKLY: 7}
"""Between two looks at a search."""


def create_saved_search(*, name: str, parameters: str, by: User, alert: str = AlertRhythm.NONE) -> SavedSearch:
    """Keeps a search of the user's own. With an alert, whom it finds now is no news.

    Raises Invalid for parameters that search would not take, and for an alert on a search that finds too many.
    """
    require(by, "saved_search.own")
    fields = {"name": name.strip(), "parameters": finder().kept(parameters), "alert": alert}
    return _save(SavedSearch(owner=by), fields, _found(by, fields["parameters"]) if alert in DAYS else ())


def update_saved_search(*, search: SavedSearch, by: User, **fields: Any) -> SavedSearch:
    """Sets name, parameters or alert. Other parameters, or an alert that begins, make no news of whom it finds now.

    Raises as `create_saved_search`, and Conflict where parameters or alert changed since the search was read.
    """
    require(by, "saved_search.own", search)
    if "parameters" in fields:
        fields["parameters"] = finder().kept(fields["parameters"])
    parameters, alert = (fields.get(name, getattr(search, name)) for name in WATCHED)
    begins = alert in DAYS and (search.alert not in DAYS or parameters != search.parameters)
    return _save(search, fields, _found(by, parameters) if begins else ())


@transaction.atomic
def delete_saved_search(*, search: SavedSearch, by: User) -> None:
    search = locked(search)
    require(by, "saved_search.own", search)
    search.delete()


def next_look(search: SavedSearch, now: datetime | None = None) -> datetime | None:
    """08:00 of the next day, or a week on, where the owner is; None without an alert."""
    if search.alert not in DAYS:
        return None
    zone = zone_of(search.owner)
    today = timezone.localdate(now, timezone=zone)
    return morning_of(today + timedelta(days=DAYS[AlertRhythm(search.alert)]), zone)


def _found(owner: User, parameters: str) -> list[int]:
    """Asked before the transaction begins: others write meanwhile."""
    ids = finder().matching(owner, parameters)
    if len(ids) > MOST_WATCHED:
        raise Invalid.field("alert", f"It finds more than {MOST_WATCHED:,} candidates: narrow it, or choose no alert.")
    return ids


@transaction.atomic
def _save(search: SavedSearch, fields: Mapping[str, Any], found: Iterable[int]) -> SavedSearch:
    """`found`: whom it is no news of, as the search was when it was read."""
    list(User.objects.select_for_update().filter(pk=search.owner_id).values_list("pk"))
    read, search = search, locked(search)
    if fields.keys() & set(WATCHED) and any(getattr(read, name) != getattr(search, name) for name in WATCHED):
        raise Conflict("This search was changed meanwhile. Look at it again.")
    if not search.pk and SavedSearch.objects.filter(owner=search.owner).count() >= MOST_KEPT:
        raise Conflict(f"You keep {MOST_KEPT} searches, the most there may be. Delete one first.")
    stood = search.alert
    for name, value in fields.items():
        setattr(search, name, value)
    if search.alert != stood:
        search.next_alert = next_look(search)
    save_checked(search)
    # Who was erased since is in no table any more.
    mark_announced(search, Student.objects.filter(pk__in=list(found)).values_list("pk", flat=True))
    return search
