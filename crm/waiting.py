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
WITH met AS ({later}),
talked AS (
    SELECT t.partner_id, t.date AS day, t.lab_id, t.professor_id, t.student_id
    FROM {touchpoint} t JOIN {contact} c ON c.public_id = t.record
    WHERE t.kind = 'contact' AND c.kind = '{seminar}'
),
line (partner_id, who, id, day, asks, student_id, part) AS (
    SELECT partner_id, 1, student_id, day, 1, student_id, part FROM met
    UNION ALL SELECT partner_id, 2, lab_id, day, 1, student_id, part
        FROM met JOIN {lab_membership} USING (student_id)
    UNION ALL SELECT partner_id, 3, professor_id, day, 1, student_id, part
        FROM met JOIN {supervision} USING (student_id)
    UNION ALL SELECT met.partner_id, 3, professor_id, day, 1, student_id, part
        FROM met JOIN {recommendation} r USING (student_id) WHERE r.state = 'shared'
    UNION ALL SELECT partner_id, 1, student_id, talked.day, 0, NULL, NULL
        FROM talked JOIN met USING (partner_id, student_id)
    UNION ALL SELECT partner_id, 2, lab_id, day, 0, NULL, NULL FROM talked WHERE lab_id IS NOT NULL
    UNION ALL SELECT partner_id, 3, professor_id, day, 0, NULL, NULL FROM talked WHERE professor_id IS NOT NULL
    UNION ALL SELECT partner_id, 2, h.lab_id, day, 0, NULL, NULL FROM talked JOIN {headship} h USING (professor_id)
    UNION ALL SELECT partner_id, 2, m.lab_id, day, 0, NULL, NULL
        FROM talked JOIN {professor_membership} m USING (professor_id)
),
latest AS (
    SELECT student_id, partner_id, part, day, asks, MAX(CASE WHEN asks = 0 THEN day END)
        OVER (PARTITION BY partner_id, who, id ORDER BY day, asks) AS talked_on
    FROM line
),
later AS (
    SELECT part, day, MAX(talked_on) AS talked_on
    FROM latest WHERE asks = 1 GROUP BY student_id, partner_id, part, day
)
SELECT part, {since} AS days, COUNT(*) FROM later WHERE talked_on IS NOT NULL GROUP BY 1, 2
"""
"""A line of time for each partner with each student (1), lab (2) and professor (3): an introduction (asks = 1) looks
back to the conversation before it. One with a professor is one with the labs that they headed or belonged to, too, as
in a pathway."""

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
