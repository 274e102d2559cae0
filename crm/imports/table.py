"""A file as rows of text cells, whatever its format."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crm.imports.errors import UnreadableFile

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


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


@contextmanager
def open_table(path: Path, known: Callable[[str], bool]) -> Iterator[Table]:
    """Opens CSV or XLSX, told apart by content. `known` tells whether a header is understood.

    Raises UnreadableFile with a sentence that helps.
    """
    from crm.imports.csv_file import open_csv
    from crm.imports.xlsx_file import open_xlsx

    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.") from error
    if start == OLD_EXCEL:
        raise UnreadableFile(
            "This is an Excel file of the old kind (.xls). Save it as .xlsx or CSV and import it again."
        )
    with open_xlsx(path) if start == ZIP else open_csv(path, known) as table:
        yield table
