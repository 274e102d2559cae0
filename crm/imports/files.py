"""Opens a file of whatever format as a table; what it is shows in its first bytes, not in its name."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from crm.imports.csv_file import open_csv
from crm.imports.errors import UnreadableFile
from crm.imports.table import Table

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@contextmanager
def open_table(path: Path, known: Callable[[str], bool]) -> Iterator[Table]:
    """`known` tells whether a header is understood. Raises UnreadableFile with a sentence that helps."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.") from error
    if start == OLD_EXCEL:
        raise UnreadableFile(
            "This is an Excel file of the old kind (.xls) or one with a password."
            " Save it as .xlsx without a password, or as CSV, and import it again."
        )
    with _open_workbook(path) if start == ZIP else open_csv(path, known) as table:
        yield table


def _open_workbook(path: Path) -> AbstractContextManager[Table]:
    # Loaded where it is needed: openpyxl takes longer than a small CSV file.
    from crm.imports.xlsx_file import open_xlsx

    return open_xlsx(path)
