"""Something by student number, kept on disk: a file may be long, and a later row may name any student before it."""

import pickle
import sqlite3
from collections.abc import Collection, Iterable
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """A private temporary file that is gone when it is closed."""

    def __enter__(self) -> Self:
        self._database = sqlite3.connect("")
        self._database.execute("CREATE TABLE shelf (number TEXT PRIMARY KEY, kept BLOB)")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def get(self, numbers: Collection[str]) -> dict[str, T]:
        marks = ", ".join("?" * len(numbers))
        query = f"SELECT number, kept FROM shelf WHERE number IN ({marks})"
        # Pickles written by this very process a moment ago.
        return {number: pickle.loads(blob) for number, blob in self._database.execute(query, list(numbers))}

    def put(self, pairs: Iterable[tuple[str, T]]) -> None:
        rows = [(number, pickle.dumps(kept)) for number, kept in pairs]
        self._database.executemany("INSERT OR REPLACE INTO shelf VALUES (?, ?)", rows)
        self._database.commit()
