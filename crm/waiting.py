"""How many days pass between two steps of a partner and a student: medians, in one statement for each pair of steps.

The database counts how often each number of days occurs; PostgreSQL and SQLite are asked alike.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from crm.models import (
    Contact,
    ContactKind,
    LabHeadship,
    LabMembership,
    ProfessorMembership,
    Recommendation,
    Supervision,
    Touchpoint,
)

Medians = dict[Any, float]
"""Part of the report -> median of days."""

BETWEEN = """
SELECT later.part, {days} AS days, COUNT(*)
FROM ({later}) later JOIN ({earlier}) earlier
    ON earlier.student_id = later.student_id AND earlier.partner_id = later.partner_id AND earlier.day <= later.day
GROUP BY 1, 2
"""

SINCE_SEMINAR = """
WITH asked AS (SELECT later.*, ROW_NUMBER() OVER () AS ask FROM ({later}) later),
talked AS (
    SELECT t.partner_id, t.date AS day, t.lab_id, t.professor_id, t.student_id
    FROM {touchpoint} t JOIN {contact} c ON c.public_id = t.record
    WHERE t.kind = 'contact' AND c.kind = '{seminar}'
),
line (who, day, ask) AS (
    SELECT (partner_id << 32) + student_id * 3, day, ask FROM asked
    UNION ALL SELECT (partner_id << 32) + lab_id * 3 + 1, day, ask FROM asked JOIN {lab_membership} USING (student_id)
    UNION ALL SELECT (partner_id << 32) + professor_id * 3 + 2, day, ask
        FROM asked JOIN {supervision} USING (student_id)
    UNION ALL SELECT (asked.partner_id << 32) + professor_id * 3 + 2, day, ask
        FROM asked JOIN {recommendation} r USING (student_id) WHERE r.state = 'shared'
    UNION ALL SELECT (partner_id << 32) + COALESCE(student_id * 3, lab_id * 3 + 1, professor_id * 3 + 2), day, 0
        FROM talked
    UNION ALL SELECT (partner_id << 32) + h.lab_id * 3 + 1, day, 0 FROM talked JOIN {headship} h USING (professor_id)
    UNION ALL SELECT (partner_id << 32) + m.lab_id * 3 + 1, day, 0
        FROM talked JOIN {professor_membership} m USING (professor_id)
),
latest AS (
    SELECT ask, MAX(CASE WHEN ask = 0 THEN day END) OVER (PARTITION BY who ORDER BY day, ask) AS talked_on FROM line
),
answered AS (SELECT ask, MAX(talked_on) AS talked_on FROM latest WHERE ask > 0 GROUP BY ask)
SELECT later.part, {since} AS days, COUNT(*)
FROM asked later JOIN answered USING (ask) WHERE talked_on IS NOT NULL GROUP BY 1, 2
"""
"""A line of time for each partner with each student, lab and professor: an introduction looks back to the conversation
(ask = 0) before it. One with a professor is one with the labs that they headed or belonged to, too, as in a pathway.

`who` is one number, quickly sorted: the partner's key above that of a student, lab or professor, which the remainder of
three tells apart."""

TABLES = {
    "touchpoint": Touchpoint,
    "contact": Contact,
    "headship": LabHeadship,
    "professor_membership": ProfessorMembership,
    "lab_membership": LabMembership,
    "supervision": Supervision,
    "recommendation": Recommendation,
}
DIFFERENCE = {
    "postgresql": "later.day - {other}",
    "sqlite": "CAST(julianday(later.day) - julianday({other}) AS INTEGER)",
}


def medians_between(earlier: QuerySet[Any, Any], later: QuerySet[Any, Any]) -> Medians:
    """Days from the first of the earlier step to the first of the later one, where it is not before.

    Both hold student_id, partner_id and day, one row for each two; `later` also the part of the report.
    """
    (later_sql, later_values), (earlier_sql, earlier_values) = _compiled(later), _compiled(earlier)
    days = DIFFERENCE[connection.vendor].format(other="earlier.day")
    sql = BETWEEN.format(days=days, later=later_sql, earlier=earlier_sql)
    return _medians(sql, [*later_values, *earlier_values])


def medians_since_seminar(introductions: QuerySet[Any, Any]) -> Medians:
    """Days from the partner's last seminar conversation within the student's circle to the introduction."""
    sql, values = _compiled(introductions)
    tables = {name: model._meta.db_table for name, model in TABLES.items()}
    since = DIFFERENCE[connection.vendor].format(other="talked_on")
    return _medians(SINCE_SEMINAR.format(later=sql, since=since, seminar=ContactKind.SEMINAR.value, **tables), values)


def _compiled(queryset: QuerySet[Any, Any]) -> tuple[str, list[Any]]:
    sql, values = queryset.query.get_compiler("default").as_sql()
    return sql, list(values)


def _medians(sql: str, values: list[Any]) -> Medians:
    counts: dict[Any, dict[int, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for part, days, count in cursor.fetchall():
            counts[part][days] = count
    return {part: median_of(found) for part, found in counts.items()}


def median_of(counts: Mapping[int, int]) -> float:
    """Of values with how often each occurs; between the two in the middle where their number is even."""
    total, seen, low = sum(counts.values()), 0, None
    for value in sorted(counts):
        seen += counts[value]
        if low is None and seen * 2 >= total:
            low = value
        if low is not None and seen * 2 > total:
            return (low + value) / 2
    raise ValueError("There is nothing to find the middle of.")
