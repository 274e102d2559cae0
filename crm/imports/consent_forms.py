"""Signed consent forms, one a row. A bad row never stops the others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction

from crm.access import SystemProcess, require
from crm.actions.consents import grant_consent
from crm.clock import moment_from
from crm.errors import DomainError
from crm.imports.cells import clean, one_line
from crm.imports.errors import Rejected, UnreadableFile
from crm.imports.results import Rejection
from crm.imports.rows import is_blank
from crm.imports.table import Row, Table
from crm.imports.values import quoted
from crm.models import Consent, ConsentScope, ConsentState, Partner, Student, User

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


def record_forms(*, table: Table, by: User | SystemProcess, dry_run: bool = False) -> FormsResult:
    """Raises NotAllowed, and UnreadableFile where a column is missing."""
    require(by, "consent.grant")
    headers = [header.strip().lower() for header in table.headers]
    if missing := [name for name in COLUMNS if name not in headers]:
        raise UnreadableFile(f"Missing columns: {', '.join(missing)}. The header must be {','.join(COLUMNS)}.")
    result = FormsResult(dry_run=dry_run)
    rehearsed: set[Form] = set()
    for row in (row for row in table.rows if not is_blank(row)):
        cells = {name: one_line(clean(cell)) for name, cell in zip(headers, row.cells, strict=False)}
        try:
            form = _form(row, cells, headers)
            outcome = FormOutcome.UNCHANGED if form in rehearsed else _record(form, by, dry_run)
            rehearsed |= {form} if dry_run else set()
        except (Rejected, DomainError) as error:
            outcome = FormOutcome.REJECTED
            result.rejections.append(Rejection(row.line, cells.get("student_number", "")[:60], _reason(error)))
        result.counts[outcome] += 1
    return result


def _reason(error: Rejected | DomainError) -> str:
    fields = error.fields if isinstance(error, DomainError) else {}
    return " ".join(f"{name}: {' '.join(sentences)}" for name, sentences in fields.items()) or str(error)


def _form(row: Row, cells: dict[str, str], headers: Sequence[str]) -> Form:
    if row.problem:
        raise Rejected(row.problem)
    if any(map(clean, row.cells[len(headers) :])):
        raise Rejected("The row has more cells than the header: put texts with commas in quotation marks.")
    text = dict.fromkeys(COLUMNS, "") | cells
    scopes = frozenset(text["scopes"].lower().split())
    if ConsentScope.EVALUATIONS in scopes:
        scopes |= {ConsentScope.PROFILE.value}
    if len(text["source"]) > 200:
        raise Rejected("source: it has more than 200 characters.")
    return Form(
        _student(text["student_number"]), _partner(text["partner"]), scopes, _expires(text["expires"]), text["source"]
    )


def _student(number: str) -> Student:
    student = Student.objects.filter(number=number).first()
    if student is None:
        raise Rejected(f"student_number: no student has the number {quoted(number)}.")
    return student


def _partner(text: str) -> Partner | None:
    if text == EVERY_PARTNER:
        return None
    partner = Partner.objects.filter(slug=text.lower()).first()
    if partner is None:
        raise Rejected(f"partner: {quoted(text)} is no partner's slug; * means all partners.")
    return partner


def _expires(text: str) -> datetime | None:
    try:
        return moment_from(text) if text else None
    except ValueError as error:
        raise Rejected(f"expires: {quoted(text)} is neither a date like 2027-06-30 nor an ISO date-time.") from error


def _record(form: Form, by: User | SystemProcess, dry_run: bool) -> FormOutcome:
    with transaction.atomic():
        # The lock makes two runs at once see each other's consents.
        Student.objects.select_for_update().get(pk=form.student.pk)
        same = [consent for consent in _of_same_form(form) if frozenset(consent.scopes) == form.scopes]
        if any(consent.is_active() for consent in same):
            return FormOutcome.UNCHANGED
        if any(consent.stored_state == ConsentState.WITHDRAWN for consent in same):
            raise Rejected("The student withdrew this consent. A newly signed form needs a source of its own.")
        grant_consent(
            student=form.student,
            partner=form.partner,
            scopes=form.scopes,
            source=form.source,
            expires=form.expires,
            by=by,
        )
        transaction.set_rollback(dry_run)
    return FormOutcome.RECORDED


def _of_same_form(form: Form) -> list[Consent]:
    return list(
        Consent.objects.filter(student=form.student, partner=form.partner, expires=form.expires, source=form.source)
    )
