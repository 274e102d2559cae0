"""Signed consent forms as a table, one a row: what a row says, and what became of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from crm.clock import end_of, moment_from
from crm.imports.cells import clean, one_line
from crm.imports.errors import Rejected, UnreadableFile
from crm.imports.results import Rejection
from crm.imports.table import Row
from crm.imports.values import date_of, quoted
from crm.models import ConsentScope, Partner, Student

COLUMNS = ("student_number", "partner", "scopes", "expires", "source")
EVERY_PARTNER = "*"


class FormOutcome(StrEnum):
    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass
class FormsResult:
    dry_run: bool = False
    counts: dict[FormOutcome, int] = field(default_factory=lambda: dict.fromkeys(FormOutcome, 0))
    rejections: list[Rejection] = field(default_factory=list)

    def reject(self, rejection: Rejection) -> None:
        self.counts[FormOutcome.REJECTED] += 1
        self.rejections.append(rejection)

    def as_json(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "rows": sum(self.counts.values()),
            **{outcome.value: count for outcome, count in self.counts.items()},
            "rejections": [{"line": r.line, "number": r.number, "reason": r.reason} for r in self.rejections],
        }

    def in_words(self) -> str:
        counts = ", ".join(f"{count} {outcome.value}" for outcome, count in self.counts.items())
        dry = "Dry run, nothing was written. " if self.dry_run else ""
        return f"{dry}{sum(self.counts.values())} rows: {counts}."


@dataclass(frozen=True, slots=True)
class Form:
    student: Student
    partner: Partner | None
    scopes: frozenset[str]
    """Evaluations imply the profile."""
    expires: datetime | None
    source: str


def form_columns(headers: Sequence[str]) -> list[str]:
    """Raises UnreadableFile where a column is missing."""
    columns = [header.strip().lower() for header in headers]
    if missing := [name for name in COLUMNS if name not in columns]:
        raise UnreadableFile(f"Missing columns: {', '.join(missing)}. The header must be {','.join(COLUMNS)}.")
    return columns


def read_form(row: Row, columns: Sequence[str]) -> Form:
    """Raises Rejected."""
    if row.problem:
        raise Rejected(row.problem)
    if any(map(clean, row.cells[len(columns) :])):
        raise Rejected("The row has more cells than the header: put texts with commas in quotation marks.")
    text = _texts(row, columns)
    scopes = _scopes(text["scopes"])
    if ConsentScope.EVALUATIONS in scopes:
        scopes |= {ConsentScope.PROFILE.value}
    if len(text["source"]) > 200:
        raise Rejected("source: it has more than 200 characters.")
    return Form(
        _student(text["student_number"]), _partner(text["partner"]), scopes, _expires(text["expires"]), text["source"]
    )


def number_of(row: Row, columns: Sequence[str]) -> str:
    """The student number of a row that may be bad, for reports."""
    return _texts(row, columns)["student_number"][:60]


def _texts(row: Row, columns: Sequence[str]) -> dict[str, str]:
    cells = {name: one_line(clean(cell)) for name, cell in zip(columns, row.cells, strict=False)}
    return dict.fromkeys(COLUMNS, "") | cells


def _scopes(text: str) -> frozenset[str]:
    """Names that are no scope are refused by the action; here, what other lists separate them by."""
    if re.search(r"[,;/|+]", text):
        raise Rejected(f"scopes: {quoted(text)} is no scope: they are separated by spaces, as in “profile contact”.")
    return frozenset(text.lower().split())


def _student(number: str) -> Student:
    student = Student.objects.filter(number=number).first()
    if student is None:
        raise Rejected(f"student_number: no student has the number {quoted(number)}.")
    return student


def _partner(text: str) -> Partner | None:
    if text == EVERY_PARTNER:
        return None
    partner = Partner.objects.with_slug(text)
    if partner is None:
        raise Rejected(f"partner: {quoted(text)} is no partner's slug; * means all partners.")
    return partner


def _expires(text: str) -> datetime | None:
    """Dates as an import of students takes them; a time counts where it is an ISO date-time."""
    try:
        return moment_from(text) if text else None
    except ValueError:
        return _end_of_day(text)


def _end_of_day(text: str) -> datetime:
    try:
        return end_of(date_of(text))
    except Rejected as error:
        sentence = "is neither a date like 2027-06-30 or 30.06.2027 nor an ISO date-time"
        raise Rejected(f"expires: {quoted(text)} {sentence}.") from error
