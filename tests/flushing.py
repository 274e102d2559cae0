"""Tests that commit leave the database behind as migrating made it.

Django empties all tables, and then has the shipped rows written anew, which takes half a second a test: here these come
from copies. PostgreSQL empties by TRUNCATE, which the guard of the disclosures refuses: it is lifted in that transaction.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

COPY = "as_migrated_"


def copied() -> list[str]:
    """Copies each table that is not empty; the statements that bring it back."""
    from django.db import connection

    restoring = []
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f"SELECT EXISTS (SELECT * FROM {table})")
            if cursor.fetchone()[0]:
                cursor.execute(f"DROP TABLE IF EXISTS {COPY}{table}")
                cursor.execute(f"CREATE TABLE {COPY}{table} AS SELECT * FROM {table}")
                restoring.append(f"INSERT INTO {table} SELECT * FROM {COPY}{table}")
    return restoring


@contextmanager
def flushing_ends_with(restoring: list[str]) -> Iterator[None]:
    from django.db import connection

    from crm.append_only import TABLE

    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def flushed(self: Any, statements: Iterable[str]) -> None:
        if connection.vendor == "postgresql":
            table = f"ALTER TABLE {TABLE}"
            statements = [f"{table} DISABLE TRIGGER USER", *statements, f"{table} ENABLE TRIGGER USER"]
        flush(self, [*statements, *restoring])

    with (
        patch.object(operations, "execute_sql_flush", flushed),
        patch("django.core.management.commands.flush.emit_post_migrate_signal"),
    ):
        yield
