"""Reading the profiles of many students in a handful of queries."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from crm.imports.profiles import Profile, Span
from crm.imports.tables import ATTRIBUTES, SET_TABLES, SPAN_TABLES, SetTable, SpanTable
from crm.models import Evidence, Student


def load(numbers: Collection[str], *, lock: bool) -> dict[str, Profile]:
    """The stored profiles by student number; with `lock`, locked in one order, so that two imports cannot deadlock."""
    students = Student.objects.filter(number__in=numbers).order_by("pk")
    rows = list((students.select_for_update() if lock else students).values("pk", "number", *ATTRIBUTES))
    ids = [row["pk"] for row in rows]
    if not ids:
        return {}
    sets = {name: _sets(table, ids) for name, table in SET_TABLES.items()}
    spans = {name: _spans(table, ids) for name, table in SPAN_TABLES.items()}
    backed = _backed(ids)
    return {
        row.pop("number"): Profile(
            pk=(pk := row.pop("pk")),
            values=row,
            sets={name: found[pk] for name, found in sets.items()},
            spans={name: tuple(found[pk]) for name, found in spans.items()},
            backed=frozenset(backed[pk]),
        )
        for row in rows
    }


def _sets(table: SetTable, ids: Collection[int]) -> Mapping[int, dict[Any, Any]]:
    found: dict[int, dict[Any, Any]] = defaultdict(dict)
    rows = table.model.objects.filter(student_id__in=ids).order_by()
    for student, value, *key in rows.values_list("student_id", table.value or "pk", *table.keys):
        found[student][table.key(key)] = value if table.value else None
    return found


def _spans(table: SpanTable, ids: Collection[int]) -> Mapping[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    rows = table.model.objects.filter(student_id__in=ids).order_by("pk")
    for student, *span in rows.values_list("student_id", table.other, "starts", "ends", "pk"):
        found[student].append(Span(*span))
    return found


def _backed(ids: Collection[int]) -> Mapping[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    claims = Evidence.objects.filter(claim__student_id__in=ids).order_by()
    for student, skill in claims.values_list("claim__student_id", "claim__skill_id"):
        found[student].add(skill)
    return found
