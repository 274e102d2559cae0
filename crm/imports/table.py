"""A file as rows of text cells, whatever its format."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    """Where the row begins in the file: a line of text, or a row of a sheet, counted from 1."""
    cells: list[str]
    problem: str = ""
    """Why the line could not even be cut into cells."""


@dataclass(frozen=True, slots=True)
class Table:
    headers: list[str]
    rows: Iterator[Row]
    expected: int | None = None
    """About how many rows come, for a progress bar."""
