"""Shortlists: a partner's own working papers about candidates whom it may see."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from crm.access import require
from crm.actions.disclosures import open_candidate
from crm.actions.saving import locked, save_checked
from crm.errors import Conflict, Invalid
from crm.models import Shortlist, ShortlistEntry, ShortlistStage, ShortlistTag, Student, User
from crm.models.shortlists import LONGEST_TAG, tag_key
from crm.text import printable_line

MOST_LISTS, MOST_ENTRIES, MOST_TAGS = 200, 1_000, 20
"""Of a partner; of a list; of an entry."""


@transaction.atomic
def create_shortlist(*, name: str, by: User, note: str = "") -> Shortlist:
    require(by, "shortlist.change")
    assert by.representative is not None
    partner = locked(by.representative.partner)
    if Shortlist.objects.filter(partner=partner).count() >= MOST_LISTS:
        raise Conflict(f"There are {MOST_LISTS} shortlists, the most there may be. Delete one first.")
    return save_checked(Shortlist(partner=partner, name=name.strip(), note=note, created_by=by))


@transaction.atomic
def update_shortlist(*, shortlist: Shortlist, by: User, **fields: Any) -> Shortlist:
    shortlist = locked(shortlist)
    require(by, "shortlist.change", shortlist)
    return save_checked(shortlist, fields)


@transaction.atomic
def delete_shortlist(*, shortlist: Shortlist, by: User) -> None:
    """With all its entries, also those that are not seen."""
    shortlist = locked(shortlist)
    require(by, "shortlist.change", shortlist)
    shortlist.delete()


@transaction.atomic
def add_entry(
    *,
    shortlist: Shortlist,
    student: Student,
    by: User,
    stage: str = ShortlistStage.NEW,
    notes: str = "",
    tags: Sequence[str] = (),
) -> ShortlistEntry:
    """Puts a candidate on a list whom the user sees now; this counts as opening: see the daily quota.

    Raises Invalid for a student who is hidden, as for one who is not there; Conflict for one who is on the list.
    """
    list(Student.objects.select_for_update().filter(pk=student.pk).values_list("pk"))
    shortlist = locked(shortlist)
    require(by, "shortlist.change", shortlist)
    if not Student.objects.visible_to(by).filter(pk=student.pk).exists():
        raise Invalid.field("candidate", f"Unknown: {str(student.public_id)!r}.")
    _check_room(shortlist, student, by)
    open_candidate(student=student, by=by)
    entry = ShortlistEntry(shortlist=shortlist, student=student, stage=stage, notes=notes, added_by=by)
    save_checked(entry)
    _set_tags(entry, tags)
    return entry


def _check_room(shortlist: Shortlist, student: Student, by: User) -> None:
    """Entries that are not seen now are not told of by their number either."""
    entries = ShortlistEntry.objects.visible_to(by).filter(shortlist=shortlist)
    if there := entries.filter(student=student).first():
        raise Conflict(
            "The candidate is on this list.", fields={"candidate": [f"The entry {there.public_id} stands for them."]}
        )
    if entries.count() >= MOST_ENTRIES:
        raise Conflict(f"There are {MOST_ENTRIES:,} candidates on this list, the most there may be.")


@transaction.atomic
def update_entry(*, entry: ShortlistEntry, by: User, **fields: Any) -> ShortlistEntry:
    """Sets stage, notes, or the tags as a whole. Raises ShortlistEntry.DoesNotExist where the candidate has gone."""
    entry = ShortlistEntry.objects.visible_to(by).select_for_update(of=("self",)).get(pk=entry.pk)
    require(by, "shortlist.change", entry.shortlist)
    tags: Iterable[str] | None = fields.pop("tags", None)
    save_checked(entry, fields)
    if tags is not None:
        _set_tags(entry, tags)
    return entry


@transaction.atomic
def remove_entry(*, entry: ShortlistEntry, by: User) -> None:
    require(by, "shortlist.change", entry.shortlist)
    entry.delete()


def _set_tags(entry: ShortlistEntry, names: Iterable[str]) -> None:
    """Each once, whatever its case, as it was written first."""
    wanted: dict[str, str] = {}
    for name in filter(None, map(printable_line, names)):
        wanted.setdefault(tag_key(name), name)
    if len(wanted) > MOST_TAGS:
        raise Invalid.field("tags", f"{len(wanted)} are too many: {MOST_TAGS} are allowed.")
    if any(len(name) > LONGEST_TAG for name in wanted.values()):
        raise Invalid.field("tags", f"A tag has {LONGEST_TAG} characters at the most.")
    entry.tags.all().delete()
    ShortlistTag.objects.bulk_create(ShortlistTag(entry=entry, name=name, key=key) for key, name in wanted.items())
