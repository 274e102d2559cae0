"""Writing the whole index anew beside the living one, and comparing it with the database."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
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
from search.engines.contract import Stored, StudentDocuments, Writer
from search.fields import FAMILIES
from search.models import OutboxRow
from search.processes import shared_out
from search.projections import project
from search.sources import load

BATCH = 500
LOCK_KEY = 7_411_902
"""Names the advisory lock of rebuilding."""


Progress = Callable[[int], object]
"""Told how many more students were read."""


def say_nothing(read: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Difference:
    family: str
    student_id: int
    level: int
    what: str

    def __str__(self) -> str:
        return f"student {self.student_id}, {self.family} document of level {self.level}: {self.what}"


def rebuild(progress: Progress = say_nothing, *, processes: int = 1) -> int:
    """Writes every student to a new index and swaps it in; searches and changes go on meanwhile. Returns how many.

    Raises Conflict while another process rebuilds; RuntimeError, and the old index stays, where the engine refuses a
    document or a process is killed. A student who cannot be projected is left out and stays pending.
    """
    with one_at_a_time() as alone:
        if not alone:
            raise Conflict("Another process is writing the index anew.")
        return _rebuild(progress, processes)


def ensure_built(progress: Progress = say_nothing, *, processes: int = 1) -> bool:
    """Builds an index that is absent, unless another process does. Returns whether there is one now."""
    if engine().is_built():
        return True
    with one_at_a_time() as alone:
        if alone and not engine().is_built():
            _rebuild(progress, processes)
        return alone


def _rebuild(progress: Progress, processes: int) -> int:
    """The engine takes one batch while the next is made."""
    written, vocabulary = 0, renewal.current_stamp()
    with engine().rebuilding() as writer, ThreadPoolExecutor(1) as sender:
        sent: Future[None] | None = None
        for read, documents in shared_out(_made, _batches(), processes):
            if sent:
                sent.result()
            sent = sender.submit(_send, writer, documents)
            written += len(documents)
            progress(read)
        if sent:
            sent.result()
    renewal.remember(vocabulary)
    return written


def _made(ids: list[int]) -> tuple[int, list[StudentDocuments]]:
    """How many students were read, and the documents of those that could be projected."""
    documents, _ = outbox.state_of(_versions(ids))
    if left_out := sorted(set(ids) - {item.student_id for item in documents}):
        outbox.record(left_out)
    return len(ids), documents


def _send(writer: Writer, documents: Sequence[StudentDocuments]) -> None:
    if refused := {item.student_id for item in documents} - writer.write(documents):
        raise RuntimeError(f"Students {sorted(refused)[:10]} were refused; the old index stays.")


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


def _versions(ids: list[int]) -> dict[int, int]:
    """Read before the students are. One without a row (made behind the actions' back) gets one."""
    known = dict(OutboxRow.objects.filter(student_id__in=ids).values_list("student_id", "version"))
    if missing := [pk for pk in ids if pk not in known]:
        outbox.record(missing)
        known |= dict.fromkeys(missing, 1)
    return known


def verify(progress: Progress = say_nothing, *, processes: int = 1) -> list[Difference]:
    """What differs between database and index, once the outbox is drained; what moves meanwhile is looked at again.

    Raises RuntimeError where a process is killed.
    """
    renewal.renew()
    outbox.sweep()
    outbox.drain_all()
    suspects = {difference.student_id for difference in _differences(progress, processes)}
    if not suspects:
        return []
    outbox.drain_all()
    return [difference for difference in _differences(progress, processes) if difference.student_id in suspects]


def _differences(progress: Progress, processes: int) -> list[Difference]:
    stored = {(family, item.student_id, item.level): item for family in FAMILIES for item in engine().stored(family)}
    found: list[Difference] = []
    for read, expected in shared_out(_expected, _batches(), processes):
        for family, pk, level, version, digest in expected:
            item = stored.pop((family, pk, level), None)
            if what := _compare(item, version, digest):
                found.append(Difference(family, pk, level, what))
        progress(read)
    return found + [Difference(family, pk, level, "should not be there") for family, pk, level in stored]


def _expected(ids: list[int]) -> tuple[int, list[tuple[str, int, int, int, int]]]:
    """How many students were read, and (family, student, level, version, digest) of their documents."""
    versions = dict(OutboxRow.objects.filter(student_id__in=ids).values_list("student_id", "version"))
    known, now = reference.current(), timezone.now()
    return len(ids), [
        (family, pk, level, versions.get(pk, 0), document["digest"])
        for pk, source in load(ids).items()
        for family, levels in project(source, known, now).families.items()
        for level, document in levels.items()
        if document is not None
    ]


def _compare(item: Stored | None, version: int, digest: int) -> str | None:
    if item is None:
        return "is missing"
    if item.digest != digest:
        return "has another content"
    return None if item.version == version else f"has version {item.version}, the outbox {version}"
