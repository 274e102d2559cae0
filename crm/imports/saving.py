"""Writing many profiles in a handful of statements; only what differs is written. The action holds the transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from crm.imports.inserting import insert_rows
from crm.imports.profiles import SCALARS, Profile, Sets, Span
from crm.imports.tables import ATTRIBUTES, SET_TABLES, SPAN_TABLES, SetTable, SpanTable
from crm.models import Student

Change = tuple[Profile | None, Profile]
"""What is stored (None for a new student) and what shall be."""


def save(changes: Mapping[str, Change], *, at: datetime) -> dict[str, int]:
    """Writes profiles that differ from what is stored. Returns the primary keys by student number."""
    ids = _save_students(changes, at)
    rows = [(ids[number], before or Profile(), after) for number, (before, after) in changes.items()]
    for name, table in SET_TABLES.items():
        _save_sets(table, [(pk, before.sets[name], after.sets[name]) for pk, before, after in rows])
    for name, spans in SPAN_TABLES.items():
        _save_spans(spans, [(pk, before.spans[name], after.spans[name]) for pk, before, after in rows])
    return ids


def _save_students(changes: Mapping[str, Change], at: datetime) -> dict[str, int]:
    stored = {n: before.pk for n, (before, _) in changes.items() if before is not None and before.pk is not None}
    made = _insert_students({n: after for n, (_, after) in changes.items() if n not in stored}, at)
    # An upsert, for bulk_update writes one CASE a column and row. These rows exist and are locked.
    Student.objects.bulk_create(
        [Student(number=number, updated_at=at, **changes[number][1].values) for number in stored],
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=[*SCALARS, "updated_at"],
    )
    return stored | made


def _insert_students(new: Mapping[str, Profile], at: datetime) -> dict[str, int]:
    # In one order, so that two imports of the same new students cannot deadlock.
    rows = [(number, at, at, False, False, *map(new[number].values.__getitem__, ATTRIBUTES)) for number in sorted(new)]
    insert_rows(Student, ("number", "created_at", "updated_at", "placed", "do_not_contact", *ATTRIBUTES), rows)
    return dict(Student.objects.filter(number__in=new).values_list("number", "pk"))


def _save_sets(table: SetTable, rows: Iterable[tuple[int, Sets, Sets]]) -> None:
    gone: set[tuple[int, Any]] = set()
    added: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    for student, before, after in rows:
        gone.update((student, key) for key in before.keys() - after.keys())
        added += [table.row(student, key, value) for key, value in after.items() if key not in before]
        changed += [table.row(student, key, value) for key, value in after.items() if before.get(key, value) != value]
    _remove(table, gone)
    insert_rows(table.model, table.columns, added)
    if changed and table.value:
        table.model.objects.bulk_create(
            [table.model(**dict(zip(table.columns, row, strict=True))) for row in changed],
            update_conflicts=True,
            unique_fields=["student_id", *table.keys],
            update_fields=[table.value],
        )


def _remove(table: SetTable, gone: set[tuple[int, Any]]) -> None:
    if not gone:
        return
    held = table.model.objects.filter(student_id__in={student for student, _ in gone}).order_by()
    rows = held.values_list("pk", "student_id", *table.keys)
    table.model.objects.filter(pk__in=[pk for pk, student, *key in rows if (student, table.key(key)) in gone]).delete()


def _save_spans(table: SpanTable, rows: Iterable[tuple[int, tuple[Span, ...], tuple[Span, ...]]]) -> None:
    gone: set[int | None] = set()
    added: list[tuple[Any, ...]] = []
    moved: list[Any] = []
    for student, before, after in rows:
        held = {span.pk: span for span in before}
        gone |= held.keys() - {span.pk for span in after}
        added += [(student, span.other, span.starts, span.ends) for span in after if span.pk is None]
        moved += [table.model(pk=span.pk, ends=span.ends) for span in after if span.pk and span != held[span.pk]]
    if gone:
        table.model.objects.filter(pk__in=gone).delete()
    insert_rows(table.model, table.columns, added)
    table.model.objects.bulk_update(moved, ["ends"])
