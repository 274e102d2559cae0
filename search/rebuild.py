"""Writing the whole index anew beside the living one, and comparing it with the database."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone
from filelock import FileLock, Timeout

from crm import reference
from crm.errors import Conflict
from crm.models import Student
from search import outbox, renewal
from search.engines import engine
from search.engines.contract import Stored
from search.fields import FAMILIES
from search.models import OutboxRow
from search.projections import load, project

BATCH = 500
LOCK_KEY = 7_411_902
"""Names the advisory lock of rebuilding."""


@dataclass(frozen=True, slots=True)
class Difference:
    family: str
    student_id: int
    level: int
    what: str

    def __str__(self) -> str:
        return f"student {self.student_id}, {self.family} document of level {self.level}: {self.what}"


def rebuild(progress: Callable[[int], object] = lambda written: None) -> int:
    """Writes every student to a new index and swaps it in; searches and changes go on meanwhile. Returns how many.

    Raises Conflict while another process rebuilds; RuntimeError, and the old index stays, where the engine refuses a
    document. A student who cannot be projected is left out and stays pending.
    """
    with one_at_a_time() as alone:
        if not alone:
            raise Conflict("Another process is writing the index anew.")
        return _rebuild(progress)


def ensure_built() -> bool:
    """Builds an index that is absent, unless another process does. Returns whether there is one now."""
    if engine().is_built():
        return True
    with one_at_a_time() as alone:
        if alone and not engine().is_built():
            _rebuild(lambda written: None)
        return alone


def _rebuild(progress: Callable[[int], object]) -> int:
    written, vocabulary = 0, renewal.current_stamp()
    with engine().rebuilding() as writer:
        for ids in _collecting_between(_batches()):
            documents, _ = outbox.state_of(_versions(ids))
            if refused := {item.student_id for item in documents} - writer.write(documents):
                raise RuntimeError(f"Students {sorted(refused)[:10]} were refused; the old index stays.")
            if left_out := sorted(set(ids) - {item.student_id for item in documents}):
                outbox.record(left_out)
            written += len(documents)
            progress(len(ids))
    renewal.remember(vocabulary)
    return written


@contextmanager
def one_at_a_time() -> Iterator[bool]:
    """Whether this process alone may rebuild now: a lock in PostgreSQL, for all machines, else one in a file."""
    if connection.vendor != "postgresql":
        lock = FileLock(Path(settings.VAR_DIR) / "rebuild.lock", timeout=0)
        try:
            with lock:
                yield True
        except Timeout:
            yield False
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_KEY])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])


def _batches() -> Iterator[list[int]]:
    last = 0
    while ids := list(Student.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield ids
        last = ids[-1]


def _collecting_between(batches: Iterable[list[int]]) -> Iterator[list[int]]:
    """Left alone, Python's collector looks through the objects of a batch again and again: a third of the time."""
    gc.freeze()
    gc.disable()
    try:
        for ids in batches:
            yield ids
            gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()


def _versions(ids: list[int]) -> dict[int, int]:
    """Read before the students are. One without a row (made behind the actions' back) gets one."""
    known = dict(OutboxRow.objects.filter(student_id__in=ids).values_list("student_id", "version"))
    if missing := [pk for pk in ids if pk not in known]:
        outbox.record(missing)
        known |= dict.fromkeys(missing, 1)
    return known


def verify(progress: Callable[[int], object] = lambda compared: None) -> list[Difference]:
    """What differs between database and index, once the outbox is drained; what moves meanwhile is looked at again."""
    renewal.renew()
    outbox.sweep()
    outbox.drain_all()
    suspects = {difference.student_id for difference in _differences(progress)}
    if not suspects:
        return []
    outbox.drain_all()
    return [difference for difference in _differences(progress) if difference.student_id in suspects]


def _differences(progress: Callable[[int], object]) -> list[Difference]:
    stored = {(family, item.student_id, item.level): item for family in FAMILIES for item in engine().stored(family)}
    found: list[Difference] = []
    for ids in _batches():
        for family, pk, level, version, digest in _expected(ids):
            item = stored.pop((family, pk, level), None)
            if what := _compare(item, version, digest):
                found.append(Difference(family, pk, level, what))
        progress(len(ids))
    return found + [Difference(family, pk, level, "should not be there") for family, pk, level in stored]


def _expected(ids: list[int]) -> Iterator[tuple[str, int, int, int, int]]:
    versions = dict(OutboxRow.objects.filter(student_id__in=ids).values_list("student_id", "version"))
    known, now = reference.current(), timezone.now()
    for pk, student in load(ids).items():
        for family, levels in project(student, known, now).families.items():
            for level, document in levels.items():
                if document is not None:
                    yield family, pk, level, versions.get(pk, 0), document["digest"]


def _compare(item: Stored | None, version: int, digest: int) -> str | None:
    if item is None:
        return "is missing"
    if item.digest != digest:
        return "has another content"
    return None if item.version == version else f"has version {item.version}, the outbox {version}"
