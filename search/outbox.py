"""Which students must be written again, and writing them.

A change writes a row in its own transaction; a drain reads the current state, writes the documents and clears the row
only when the engine confirmed them and no newer change came. A narrowing stays marked until then: searches leave those
ids out.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from crm import reference
from crm.access import Audience
from crm.errors import Unavailable
from crm.reference import Reference
from search import wake
from search.audiences import SearchAudience
from search.engines import engine
from search.engines.contract import StudentDocuments
from search.models import OutboxRow
from search.projections import REMOVED, Projection, project
from search.sources import Source, load

log = logging.getLogger(__name__)

BATCH = 500
MOST_EXCLUDED = 1_000

MARKS = {
    None: (),
    Audience.PARTNERS: ("narrows_partners",),
    Audience.PROFESSORS: ("narrows_professors",),
    Audience.EVERYONE: ("narrows_everyone", "narrows_partners", "narrows_professors"),
}
NO_MARKS = dict.fromkeys(MARKS[Audience.EVERYONE], False)


def on_students_changed(student_ids: Iterable[int], narrows: Audience | None, **_: Any) -> None:
    """Receives crm's one signal, inside the transaction of the change."""
    ids = iter(sorted(set(student_ids)))
    while batch := list(islice(ids, BATCH)):
        record(batch, narrows)
    transaction.on_commit(wake.wake, robust=True)


@transaction.atomic
def record(student_ids: Sequence[int], narrows: Audience | None = None) -> None:
    """Makes the rows pending under a new version. The row lock orders the versions of concurrent changes."""
    OutboxRow.objects.bulk_create([OutboxRow(student_id=pk) for pk in student_ids], ignore_conflicts=True)
    rows = OutboxRow.objects.filter(student_id__in=student_ids)
    list(rows.order_by("student_id").select_for_update().values_list("student_id"))
    rows.update(**_next_version(), **dict.fromkeys(MARKS[narrows], True))


def _next_version() -> dict[str, Any]:
    return {"version": F("version") + 1, "pending_since": Coalesce("pending_since", timezone.now())}


def sweep(now: datetime | None = None) -> int:
    """Makes pending what time alone changed: ends and starts that came. Returns how many."""
    due = OutboxRow.objects.filter(due_at__lte=now or timezone.now())
    # Asked first: an update takes SQLite's write lock even where it finds nothing.
    return due.update(**_next_version(), due_at=None) if due.exists() else 0


def excluded_for(audience: SearchAudience) -> frozenset[int]:
    """Students whose narrowing the index has not confirmed. Raises Unavailable above 1,000: never unfiltered."""
    marked = OutboxRow.objects.filter(**{audience.narrowed: True}).values_list("student_id", flat=True)
    ids = frozenset(marked[: MOST_EXCLUDED + 1])
    if len(ids) > MOST_EXCLUDED:
        raise Unavailable("Many changes of who may see whom are being taken in. Try again shortly.", retry_after=10)
    return ids


def pending() -> int:
    return _waiting().count()


def drain_all(progress: Callable[[int], object] = lambda written: None) -> int:
    """Drains until nothing is pending, narrowings first, passing over students that cannot be written.

    Returns how many were written.
    """
    return _drain_in_turn(progress, narrowed=True) + _drain_in_turn(progress, narrowed=False)


def _drain_in_turn(progress: Callable[[int], object], *, narrowed: bool) -> int:
    written, last = 0, -1
    while True:
        last, confirmed = drain(after=last, narrowed=narrowed)
        if not last:
            return written
        written += confirmed
        progress(confirmed)


def drain(*, after: int = -1, narrowed: bool = False) -> tuple[int, int]:
    """Writes one batch of pending students, or of narrowed ones alone.

    Returns (last student id read, confirmed); (0, 0) where none is left. The writer comes first, then the rows, then
    the state: a document is never older than the version it carries.
    """
    if not _waiting(after, narrowed=narrowed).exists():
        return 0, 0
    with engine().writing() as writer:
        versions = read(after, narrowed=narrowed)
        if not versions:
            return 0, 0
        documents, due = state_of(versions)
        confirmed = writer.write(documents)
        clear({pk: versions[pk] for pk in confirmed}, due)
    return max(versions), len(confirmed)


def read(after: int, *, narrowed: bool = False) -> dict[int, int]:
    """The next pending students and the versions their documents will carry."""
    return dict(_waiting(after, narrowed=narrowed).order_by("student_id").values_list("student_id", "version")[:BATCH])


def _waiting(after: int = -1, *, narrowed: bool = False) -> QuerySet[OutboxRow]:
    rows = OutboxRow.objects.filter(pending_since__isnull=False, student_id__gt=after)
    marked = Q(narrows_everyone=True) | Q(narrows_partners=True) | Q(narrows_professors=True)
    return rows.filter(marked) if narrowed else rows


def state_of(versions: dict[int, int]) -> tuple[list[StudentDocuments], dict[int, datetime | None]]:
    """The documents of the students as they are now, and when time alone will change them."""
    sources, known, now = load(list(versions)), reference.current(), timezone.now()
    projections: dict[int, Projection] = {}
    for pk in versions:
        source = sources.get(pk)
        made = _project(source, known, now) if source else Projection(REMOVED, None)
        if made:
            projections[pk] = made
    documents = [made.of_version(pk, versions[pk]) for pk, made in projections.items()]
    return documents, {pk: made.due_at for pk, made in projections.items()}


def _project(source: Source, known: Reference, now: datetime) -> Projection | None:
    try:
        return project(source, known, now)
    except Exception:  # one bad student must not stop the others; it stays pending and is said
        log.exception("student %s cannot be projected", source.student.pk)
        return None


@transaction.atomic
def clear(confirmed: dict[int, int], due: dict[int, datetime | None]) -> None:
    """Clears the rows whose version is still the one that was written."""
    rows = OutboxRow.objects.filter(student_id__in=confirmed).order_by("student_id").select_for_update()
    unchanged = [row for row in rows if row.version == confirmed[row.student_id]]
    done = OutboxRow.objects.filter(student_id__in=[row.student_id for row in unchanged])
    done.update(pending_since=None, due_at=None, **NO_MARKS)
    for row in unchanged:
        row.due_at = due.get(row.student_id)
    OutboxRow.objects.bulk_update([row for row in unchanged if row.due_at], ["due_at"], batch_size=BATCH)


def lag_seconds() -> float:
    """How long the oldest pending change has waited."""
    oldest: datetime | None = _waiting().aggregate(oldest=Min("pending_since"))["oldest"]
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0
