"""Writing the whole index anew beside the living one, and comparing it with the database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils import timezone

from crm import reference
from crm.models import Student
from search import outbox
from search.engines import engine
from search.engines.contract import Stored
from search.fields import FAMILIES
from search.models import OutboxRow
from search.projections import load, project

BATCH = 500


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

    Raises RuntimeError, and keeps the old index, where a document cannot be taken.
    """
    written = 0
    with engine().rebuilding() as writer:
        for ids in _batches():
            documents, _ = outbox.state_of(_versions(ids))
            confirmed = writer.write(documents)
            if missing := {item.student_id for item in documents} - confirmed or set(ids) - {
                d.student_id for d in documents
            }:
                raise RuntimeError(
                    f"Students {sorted(missing)[:10]} could not be written; the old index stays."
                )
            written += len(ids)
            progress(len(ids))
    return written


def ensure_built() -> None:
    if not engine().is_built():
        rebuild()


def _batches() -> Iterator[list[int]]:
    last = 0
    while ids := list(
        Student.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        yield ids
        last = ids[-1]


def _versions(ids: list[int]) -> dict[int, int]:
    """Read before the students are. One without a row (made behind the actions' back) gets one."""
    known = dict(OutboxRow.objects.filter(student_id__in=ids).values_list("student_id", "version"))
    if missing := [pk for pk in ids if pk not in known]:
        outbox.record(missing)
        known |= dict.fromkeys(missing, 1)
    return known


def verify(progress: Callable[[int], object] = lambda compared: None) -> list[Difference]:
    """What differs between database and index, once the outbox is drained; what moves meanwhile is looked at again."""
    outbox.sweep()
    outbox.drain_all()
    suspects = {difference.student_id for difference in _differences(progress)}
    if not suspects:
        return []
    outbox.drain_all()
    return [difference for difference in _differences(progress) if difference.student_id in suspects]


def _differences(progress: Callable[[int], object]) -> list[Difference]:
    stored = {
        (family, item.student_id, item.level): item for family in FAMILIES for item in engine().stored(family)
    }
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
