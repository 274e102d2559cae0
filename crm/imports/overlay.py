"""What a dry run would have stored, kept on disk, so that later rows of the same student are judged by it."""

import pickle
import sqlite3
from collections.abc import Collection, Iterable
from types import TracebackType
from typing import Self

from crm.imports.profiles import Profile


class Overlay:
    """A private temporary file that is gone when it is closed."""

    def __enter__(self) -> Self:
        self._database = sqlite3.connect("")
        self._database.execute("CREATE TABLE profile (number TEXT PRIMARY KEY, profile BLOB)")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def get(self, numbers: Collection[str]) -> dict[str, Profile]:
        marks = ", ".join("?" * len(numbers))
        query = f"SELECT number, profile FROM profile WHERE number IN ({marks})"
        # Pickles written by this very process a moment ago.
        return {number: pickle.loads(blob) for number, blob in self._database.execute(query, list(numbers))}

    def put(self, profiles: Iterable[tuple[str, Profile]]) -> None:
        rows = [(number, pickle.dumps(profile)) for number, profile in profiles]
        self._database.executemany("INSERT OR REPLACE INTO profile VALUES (?, ?)", rows)
        self._database.commit()
