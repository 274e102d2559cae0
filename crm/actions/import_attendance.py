"""An attendance list at once: known people are put on it or moved to another state; a bad row stops no other."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from crm.access import SystemProcess, require
from crm.actions.partners import add_representative
from crm.actions.saving import locked
from crm.actions.seminars import check_state
from crm.errors import DomainError
from crm.imports.attendance import MOST_ROWS, Guest, columns_of, read_guest
from crm.imports.errors import Rejected, UnreadableFile
from crm.imports.guests import Directory, Person
from crm.imports.results import Outcome, Rejection
from crm.imports.rows import is_blank
from crm.imports.table import Row, Table
from crm.models import Attendance, AttendanceState, Seminar, User
from crm.text import fold
from crm.touchpoints import write_touchpoints_of


@dataclass
class AttendanceResult:
    dry_run: bool = False
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    people_created: int = 0
    rejections: list[Rejection] = field(default_factory=list)

    def reject(self, rejection: Rejection) -> None:
        self.counts[Outcome.REJECTED] += 1
        self.rejections.append(rejection)

    def as_json(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "rows": sum(self.counts.values()),
            **{outcome.value: count for outcome, count in self.counts.items()},
            "people_created": self.people_created,
            "rejections": [{"line": r.line, "person": r.number, "reason": r.reason} for r in self.rejections],
        }

    def in_words(self) -> str:
        counts = ", ".join(f"{count} {outcome.value}" for outcome, count in self.counts.items())
        dry = "Dry run, nothing was written. " if self.dry_run else ""
        return f"{dry}{sum(self.counts.values())} rows: {counts}. {self.people_created} representatives created."


@transaction.atomic
def import_attendance(
    *, seminar: Seminar, table: Table, by: User | SystemProcess, dry_run: bool = False
) -> AttendanceResult:
    """A blank state means attended, or registered before the day of the seminar.

    Raises NotAllowed, and UnreadableFile where no column says who came or there are more than MOST_ROWS rows.
    """
    require(by, "attendance.change")
    run = AttendanceImport(locked(seminar), AttendanceResult(dry_run=dry_run), by)
    run.take(table)
    transaction.set_rollback(dry_run)
    return run.result


class AttendanceImport:
    """One run over a list, in the transaction that locked the seminar."""

    def __init__(self, seminar: Seminar, result: AttendanceResult, by: User | SystemProcess) -> None:
        self.seminar, self.result, self.by = seminar, result, by
        self.standing = {row.guest: row for row in seminar.attendances.all()}
        self.usual = AttendanceState.ATTENDED if seminar.has_begun() else AttendanceState.REGISTERED
        self.added: dict[Person, Attendance] = {}
        self.changed: dict[Person, Attendance] = {}

    def take(self, table: Table) -> None:
        guests = self._read(table)
        directory = Directory(guests, self.seminar.day)
        for guest in guests:
            try:
                outcome = self._place(guest, directory)
            except (Rejected, DomainError) as error:
                whom = guest.email or guest.student_number or guest.name
                self.result.reject(Rejection(guest.line, whom, _reason(error)))
            else:
                self.result.counts[outcome] += 1
        self.result.rejections.sort(key=lambda rejection: rejection.line)
        self._write()

    def _read(self, table: Table) -> list[Guest]:
        columns, guests = columns_of(table.headers), []
        for count, row in enumerate((row for row in table.rows if not is_blank(row)), start=1):
            if count > MOST_ROWS:
                raise UnreadableFile(f"The list has more than {MOST_ROWS:,} rows: split it.")
            try:
                guests.append(read_guest(row, columns))
            except Rejected as reason:
                self.result.reject(Rejection(row.line, _shown(row), str(reason)))
        return guests

    def _place(self, guest: Guest, directory: Directory) -> Outcome:
        state = guest.state or self.usual
        check_state(self.seminar, state)
        person = directory.find(guest) or self._make(guest, directory)
        row = self.standing.get(person)
        if row is None:
            kind, pk = person
            row = Attendance(seminar=self.seminar, state=state, **{f"{kind}_id": pk})
            self.standing[person] = self.added[person] = row
            return Outcome.CREATED
        if row.state == state:
            return Outcome.UNCHANGED
        row.state = state
        if person not in self.added:
            self.changed[person] = row
        return Outcome.UPDATED

    def _make(self, guest: Guest, directory: Directory) -> Person:
        partner = directory.partners[fold(guest.partner)]
        names = {name: getattr(guest, name) for name in ("given_name", "family_name", "email", "position")}
        made = add_representative(partner=partner, by=self.by, **names)
        self.result.people_created += 1
        directory.add(made)
        return "representative", made.pk

    def _write(self) -> None:
        Attendance.objects.bulk_create(self.added.values(), batch_size=500)
        Attendance.objects.bulk_update(self.changed.values(), ["state"], batch_size=500)
        touching = [row.pk for (kind, _), row in {**self.added, **self.changed}.items() if kind == "representative"]
        write_touchpoints_of(Attendance.objects.filter(pk__in=touching))


def _reason(error: Rejected | DomainError) -> str:
    fields = error.fields if isinstance(error, DomainError) else {}
    return " ".join(f"{name}: {' '.join(sentences)}" for name, sentences in fields.items()) or str(error)


def _shown(row: Row) -> str:
    return " ".join(" ".join(row.cells).split())[:60]
