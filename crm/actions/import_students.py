"""Students from a file, in batches: each is one short transaction, so a killed import can simply be run again."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from itertools import islice

from django.db import DataError, IntegrityError, OperationalError, reset_queries, transaction
from django.utils import timezone

from crm import reference
from crm.access import Audience, SystemProcess, require
from crm.imports.agreement import Agreement, Said
from crm.imports.columns import Columns
from crm.imports.errors import Rejected
from crm.imports.judging import Verdict, Warn, judge
from crm.imports.labs import ImportedLabs
from crm.imports.loading import load
from crm.imports.lookups import Lookups
from crm.imports.names import Supervisors
from crm.imports.profiles import Profile
from crm.imports.results import ImportResult, Outcome, Rejection
from crm.imports.rows import Wish, is_blank, number_of, read_row
from crm.imports.saving import Change, save
from crm.imports.shelf import Shelf
from crm.imports.table import Row, Table
from crm.models import Student, User
from crm.signals import students_changed

BATCH = 500
NEW_LOOKS = 3
DEADLOCK = "40P01"
"""What PostgreSQL says to the one of two writers that it stops so that the other can go on."""

Refused = tuple[Rejection, list[str]]
"""A rejected row with its cells."""
OnRejected = Callable[[Rejection, Sequence[str]], None]


def import_students(
    *,
    table: Table,
    columns: Columns,
    by: User | SystemProcess,
    create_labs: bool = False,
    dry_run: bool = False,
    on_progress: Callable[[int], object] = lambda rows: None,
    on_rejected: OnRejected = lambda rejection, cells: None,
) -> ImportResult:
    """Creates and updates students by number; a bad row never stops the others. New students have no consent.

    A dry run writes nothing and counts the same. Raises NotAllowed, UnreadableFile, or the database's OperationalError;
    what was written until then stays, and a second run goes on from there.
    """
    require(by, "student.create")
    if create_labs:
        require(by, "reference.change")
    with ExitStack() as stack:
        stack.enter_context(_rare_collections())
        overlay = stack.enter_context(Shelf[Profile]()) if dry_run else None
        said = stack.enter_context(Shelf[Said]())
        run = StudentImport(columns, ImportedLabs(by=by, create=create_labs, dry_run=dry_run), Agreement(said), overlay)
        for sentence in columns.warnings:
            run.result.warn(sentence)
        for batch in _batches(table.rows):
            for rejection, cells in run.take([row for row in batch if not is_blank(row)]):
                run.result.reject(rejection)
                on_rejected(rejection, cells)
            on_progress(len(batch))
    return run.result


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Rows are many and hold no cycles: to look for these as often as Python does took a fifth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(10_000)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch
        # With DEBUG, Django keeps every statement.
        reset_queries()


class StudentImport:
    """One run over a file. `overlay` is there for a dry run: what it would have stored, for later rows."""

    def __init__(
        self, columns: Columns, labs: ImportedLabs, agreement: Agreement, overlay: Shelf[Profile] | None
    ) -> None:
        self.columns, self.labs, self.agreement, self.overlay = columns, labs, agreement, overlay
        self.result = ImportResult(dry_run=overlay is not None)
        self.supervisors = Supervisors.read()
        self.lookups = Lookups(reference.current(), self.supervisors)

    def take(self, rows: Sequence[Row]) -> list[Refused]:
        """Reads and writes one batch and counts its good rows; returns the others in the file's order."""
        if (snapshot := reference.current()).stamp != self.lookups.stamp:
            self.lookups = Lookups(snapshot, self.supervisors)
        wishes, refused = self._read(rows)
        for wish, outcome, warnings, reason in self._decide(wishes) if wishes else ():
            if outcome == Outcome.REJECTED:
                refused.append((Rejection(wish.line, wish.number, reason), wish.cells))
            else:
                self.result.count(outcome, wish.line, warnings)
        self.result.labs_created = len(self.labs.made)
        return sorted(refused, key=lambda pair: pair[0].line)

    def _read(self, rows: Sequence[Row]) -> tuple[list[Wish], list[Refused]]:
        wishes: list[Wish] = []
        refused: list[Refused] = []
        for row in rows:
            try:
                wishes.append(read_row(row, self.columns, self.lookups))
            except Rejected as reason:
                refused.append((Rejection(row.line, number_of(row, self.columns), str(reason)), row.cells))
        checked = self.agreement.check(wishes)
        refused += [(Rejection(wish.line, wish.number, reason), wish.cells) for wish, reason in checked if reason]
        return [wish for wish, reason in checked if not reason], refused

    def _decide(self, wishes: Sequence[Wish]) -> list[Verdict]:
        """The batch at once; where the database refuses something, row by row, so that only the bad row is rejected."""
        if self.overlay is not None:
            return self._rehearse(wishes, self.overlay)
        try:
            return self._write(wishes)
        except (IntegrityError, DataError):
            return [self._write_alone(wish) for wish in wishes]

    def _write_alone(self, wish: Wish) -> Verdict:
        try:
            return self._write([wish])[0]
        except (IntegrityError, DataError) as error:
            return Verdict(wish, Outcome.REJECTED, [], f"The database refuses it: {str(error).splitlines()[0]}.")

    def _write(self, wishes: Sequence[Wish]) -> list[Verdict]:
        """A writer beside this one may have made the same student or want the same locks: then a new look helps."""
        for _ in range(NEW_LOOKS):
            try:
                return self._write_once(wishes)
            except (IntegrityError, OperationalError) as error:
                if isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) != DEADLOCK:
                    raise
        return self._write_once(wishes)

    def _write_once(self, wishes: Sequence[Wish]) -> list[Verdict]:
        made = dict(self.labs.made)
        try:
            with transaction.atomic():
                verdicts, changes = judge(wishes, load({wish.number for wish in wishes}, lock=True), self._labs)
                _store(changes)
        except BaseException:
            # Labs made in this transaction went with it.
            self.labs.made = made
            raise
        return verdicts

    def _rehearse(self, wishes: Sequence[Wish], overlay: Shelf[Profile]) -> list[Verdict]:
        numbers = {wish.number for wish in wishes}
        verdicts, changes = judge(wishes, load(numbers, lock=False) | overlay.get(numbers), self._labs)
        overlay.put((number, after) for number, (_, after) in changes.items())
        return verdicts

    def _labs(self, names: list[str], warn: Warn) -> list[int]:
        return self.labs.find(names, self.lookups, warn)


def _store(changes: Mapping[str, Change]) -> None:
    if not changes:
        return
    ids = save(changes, at=timezone.now())
    narrowed = {ids[number] for number, (before, after) in changes.items() if before and _narrows(before, after)}
    for students, narrows in ((set(ids.values()) - narrowed, None), (narrowed, Audience.PROFESSORS)):
        if students:
            students_changed.send(Student, student_ids=sorted(students), narrows=narrows)


def _narrows(before: Profile, after: Profile) -> bool:
    """Whether a membership or supervision is gone or ends earlier, so that a professor may see less."""
    ends = {(name, span.pk): span.ends or date.max for name, spans in after.spans.items() for span in spans}
    return any(
        ends.get((name, span.pk), date.min) < (span.ends or date.max)
        for name, spans in before.spans.items()
        for span in spans
    )
