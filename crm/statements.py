"""Reads that Django writes as SQL once, and that run with other values each time.

Writing a read of many conditions takes Django longer than a database takes to answer it, and PostgreSQL longer to plan
than to run: it plans it once for each connection. A value that is known only at the run stands in the queryset as
`later(name)`. No value of one run, such as a time or a key, can be kept by mistake: `prepare` refuses all but words (a
state's name), truth values and the numbers that Django itself counts with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Value
from django.db.models.query import get_related_populators


@dataclass(frozen=True)
class Later:
    name: str
    place: int


def later(name: str) -> Any:
    """Stands in a queryset for one value."""
    return Value(Later(name, 0))


def later_each(name: str, count: int) -> list[Any]:
    """Stands in a queryset for a list of so many values."""
    return [Value(Later(name, place)) for place in range(count)]


@dataclass(frozen=True)
class Statement:
    sql: str
    values: Sequence[Any]
    compiler: Any
    converters: Mapping[int, Any]

    def rows(self, **given: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of one run; `given` holds the values of each name. Raises KeyError or IndexError without one."""
        values = [_ready(given[v.name][v.place]) if isinstance(v, Later) else v for v in self.values]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Django's own puts the values into the text, which would be planned anew for each.
                from psycopg import Cursor

                cursor.cursor = Cursor(connection.connection)
            cursor.execute(self.sql, values)
            rows = cursor.fetchall()
        return list(map(tuple, self.compiler.apply_converters(rows, self.converters))) if self.converters else rows

    def records(self, **given: Sequence[Any]) -> list[Any]:
        """As `rows`, for a queryset of records: each with those that it selects as related."""
        select, info, alias = self.compiler.select, self.compiler.klass_info, connection.alias
        related = get_related_populators(info, select, alias)  # type: ignore[call-arg]  # the stubs describe a later Django
        own = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        names = [column.target.attname for column, _, _ in select[own]]
        found = []
        for row in self.rows(**given):
            record = info["model"].from_db(alias, names, row[own])
            for one in related:
                one.populate(row, record)
            found.append(record)
        return found


def prepare(queryset: QuerySet[Any, Any]) -> Statement:
    """Raises ValueError for a queryset that holds a value of the moment."""
    compiler = queryset.query.get_compiler("default")
    sql, values = compiler.as_sql()
    for value in values:
        if not isinstance(value, Later | bool) and value not in (0, 1) and not str(value).isidentifier():
            raise ValueError(f"A statement that is kept must not hold the value {value!r}.")
    return Statement(sql, values, compiler, compiler.get_converters([column for column, _, _ in compiler.select]))


def _ready(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, int) and not isinstance(value, bool):
        # Of one type whatever its size: a plan is for types.
        return connection.ops.adapt_integerfield_value(value, "BigIntegerField")
    return value
