"""What stood in a contact before each edit."""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

from django.utils import timezone

from crm.access import SystemProcess
from crm.actions.participants import LISTS
from crm.models import Contact, ContactRevision, Participant, Student, User
from crm.models.contacts import PARTICIPANTS

NOTES = "private_notes"
TEXTS = ("kind", "summary", "promised", NOTES)


def snapshot(contact: Contact) -> dict[str, Any]:
    """All that an edit may change, as it is written to the history."""
    links = {name: getattr(contact, name) for name in ("partner", "seminar")}
    rows = list(contact.participants.select_related(*PARTICIPANTS))
    return {
        "at": contact.at.astimezone(UTC).isoformat(),
        **{name: getattr(contact, name) for name in TEXTS},
        **{name: record and _named(record) for name, record in links.items()},
        **{field: [_took_part(row, kind) for row in rows if getattr(row, kind)] for kind, field in LISTS.items()},
    }


def _took_part(row: Participant, kind: str) -> dict[str, str]:
    return {**_named(getattr(row, kind)), "affiliation": row.affiliation}


def _named(record: Any) -> dict[str, str]:
    return {"id": str(record.public_id), "name": getattr(record, "name", "") or str(record)}


def keep_revision(contact: Contact, before: dict[str, Any], *, by: User | SystemProcess) -> None:
    """Writes what differs from before; nothing where nothing does."""
    after = snapshot(contact)
    changed = {name: value for name, value in before.items() if value != after[name]}
    if not changed:
        return
    contact.updated_at = timezone.now()
    contact.save(update_fields=["updated_at"])
    # Of their own, so that who may not read the notes gets the rest as it stands.
    notes = changed.pop(NOTES, None)
    ContactRevision.objects.create(
        contact=contact, user=by if isinstance(by, User) else None, before=changed, private_notes=notes
    )


def students_before(edits: Iterable[ContactRevision]) -> list[int]:
    """Keys of the students whom these name."""
    ids = {row["id"] for edit in edits for row in edit.before.get("students", ()) if row["id"]}
    return sorted(Student.objects.filter(public_id__in=ids).values_list("pk", flat=True)) if ids else []


ERASED = {"id": None, "name": "erased", "affiliation": ""}


def redact_revisions(student: Student) -> None:
    """Takes an erased student out of what stood before; that somebody took part stays."""
    erased = str(student.public_id)
    for revision in ContactRevision.objects.filter(before__students__icontains=erased):
        rows = revision.before["students"]
        revision.before["students"] = [ERASED if row["id"] == erased else row for row in rows]
        revision.save(update_fields=["before"])
