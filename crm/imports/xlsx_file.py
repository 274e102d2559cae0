"""XLSX, read row by row: dates, numbers and errors in cells become the text a person would have typed."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from crm.imports.errors import UnreadableFile
from crm.imports.table import Row, Table

DAMAGED = "The file is no XLSX workbook, or it is damaged. Open it in Excel, save it anew and import it again."


@contextmanager
def open_xlsx(path: Path) -> Iterator[Table]:
    """The first sheet; its first row that is not blank is the header."""
    with warnings.catch_warnings():
        # Of parts of the workbook that are of no use here, such as conditional formats.
        warnings.simplefilter("ignore", UserWarning)
        try:
            book = load_workbook(path, read_only=True, data_only=True)
        except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
            raise UnreadableFile(DAMAGED) from error
        try:
            yield _table(book.worksheets[0] if book.worksheets else None)
        finally:
            book.close()


def _table(sheet: Any) -> Table:
    if sheet is None:
        raise UnreadableFile("The workbook has no sheet.")
    expected = sheet.max_row
    # Some programs write wrong dimensions; without them all rows are read.
    sheet.reset_dimensions()
    rows = _rows(sheet)
    header = next((row for row in rows if any(row.cells)), None)
    if header is None:
        raise UnreadableFile("The first sheet is empty.")
    while not header.cells[-1]:
        header.cells.pop()
    return Table(headers=header.cells, rows=rows, expected=expected and expected - 1)


def _rows(sheet: Any) -> Iterator[Row]:
    try:
        for line, cells in enumerate(sheet.iter_rows(), start=1):
            yield Row(line, [text_of(cell.value, cell) for cell in cells])
    except (BadZipFile, SyntaxError, KeyError, ValueError, OSError) as error:
        raise UnreadableFile(DAMAGED) from error


def text_of(value: Any, cell: Any = None) -> str:
    """What a cell shows: whole numbers without `.0` and with the zeros of a format like 00000, days without a time."""
    if isinstance(value, str):
        return "" if cell is not None and cell.data_type == "e" else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.15g}"
    if isinstance(value, int | float):
        return _whole(int(value), getattr(cell, "number_format", ""))
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _whole(value: int, number_format: str) -> str:
    zeros = len(number_format) if set(number_format) == {"0"} else 0
    return str(value).zfill(zeros)
