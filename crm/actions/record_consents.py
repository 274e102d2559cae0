"""Signed consent forms from a file. A bad row never stops the others."""

from django.db import transaction

from crm.access import SystemProcess, require
from crm.actions.consents import grant_consent
from crm.errors import DomainError
from crm.imports.consent_forms import Form, FormOutcome, FormsResult, form_columns, number_of, read_form
from crm.imports.errors import Rejected
from crm.imports.results import Rejection
from crm.imports.rows import is_blank
from crm.imports.table import Table
from crm.models import Consent, ConsentState, Student, User


def record_consents(*, table: Table, by: User | SystemProcess, dry_run: bool = False) -> FormsResult:
    """Raises NotAllowed, and UnreadableFile where a column is missing."""
    require(by, "consent.grant")
    columns = form_columns(table.headers)
    result = FormsResult(dry_run=dry_run)
    rehearsed: set[Form] = set()
    for row in (row for row in table.rows if not is_blank(row)):
        try:
            form = read_form(row, columns)
            outcome = FormOutcome.UNCHANGED if form in rehearsed else _record(form, by, dry_run)
        except (Rejected, DomainError) as error:
            result.reject(Rejection(row.line, number_of(row, columns), _reason(error)))
        else:
            result.counts[outcome] += 1
            rehearsed |= {form} if dry_run else set()
    return result


def _reason(error: Rejected | DomainError) -> str:
    fields = error.fields if isinstance(error, DomainError) else {}
    return " ".join(f"{name}: {' '.join(sentences)}" for name, sentences in fields.items()) or str(error)


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
