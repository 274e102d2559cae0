"""The fixture `committed`: a database whose commits other threads and processes see.

A module that needs it says `pytest_plugins = ("tests.committed",)`.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from tests.processes import Committed


@pytest.fixture
def committed(transactional_db: None, tmp_path: Path) -> Iterator[Committed]:
    """Real commits, and an empty index. SQLite: a copy of the test database in a file takes the place of the one in memory."""
    from django.db import connection

    from tests.fresh_index import fresh_index

    with _in_a_file(tmp_path / "committed.sqlite3") if connection.vendor == "sqlite" else nullcontext():
        fresh_index()
        yield Committed()


@contextmanager
def _in_a_file(path: Path) -> Iterator[None]:
    from django.db import connections

    own, settings = connections["default"], connections.settings["default"]
    with own.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    # Threads made from now on read it from here.
    connections.settings["default"] = {**settings, "NAME": str(path)}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"], connections.settings["default"] = own, settings
