"""Tests that commit leave an empty database behind, and PostgreSQL empties tables by TRUNCATE, which the guard of the
disclosures refuses. So the guard is lifted for that, in the same transaction. A plugin of pytest: see pyproject.toml."""

from collections.abc import Iterable
from typing import Any

import pytest


@pytest.fixture(scope="session", autouse=True)
def _flushing_lifts_the_guard() -> None:
    from django.db.backends.postgresql.operations import DatabaseOperations

    from crm.append_only import TABLE

    flush = DatabaseOperations.execute_sql_flush

    def lifted(operations: Any, statements: Iterable[str]) -> None:
        table = f"ALTER TABLE {TABLE}"
        flush(operations, [f"{table} DISABLE TRIGGER USER", *statements, f"{table} ENABLE TRIGGER USER"])

    DatabaseOperations.execute_sql_flush = lifted
