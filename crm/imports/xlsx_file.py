"""XLSX: which part of the file is the first sheet, and its rows."""

import re
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet

from crm.imports.errors import UnreadableFile
from crm.imports.table import Row, Table
from crm.imports.xlsx_cells import Cells

DAMAGED = "The file is no XLSX workbook, or it is damaged. Open it in Excel, save it anew and import it again."
_BROKEN = (
    *(BadZipFile, zlib.error, EOFError, OSError),
    *(SyntaxError, LookupError, ArithmeticError, ValueError, TypeError, RuntimeError),
)
"""What a damaged archive raises, and what damaged XML."""
_DIMENSION = re.compile(rb'<dimension ref="[A-Z]+\d+:[A-Z]+(\d+)"')


@contextmanager
def open_xlsx(path: Path) -> Iterator[Table]:
    """The first sheet; its first row that is not blank is the header."""
    with warnings.catch_warnings(), path.open("rb") as file:
        # Of parts of the workbook that are of no use here, such as conditional formats.
        warnings.simplefilter("ignore", UserWarning)
        try:
            reader = _open(file)
            sheet = _first_sheet(reader)
        except _BROKEN as error:
            raise UnreadableFile(DAMAGED) from error
        yield _table(reader, sheet)


def _open(file: Any) -> ExcelReader:
    """What cells need, and no more: `load_workbook` may read all sheets from end to end for their sizes."""
    reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)
    return reader


def _first_sheet(reader: ExcelReader) -> str | None:
    """Its name in the archive."""
    for _, part in reader.parser.find_sheets():
        if part.target in reader.valid_files and "chartsheet" not in part.Type:
            return str(part.target)
    return None


def _table(reader: ExcelReader, sheet: str | None) -> Table:
    if sheet is None:
        raise UnreadableFile("The workbook has no sheet.")
    rows = _rows(reader, sheet)
    header = next((row for row in rows if any(row.cells)), None)
    if header is None:
        raise UnreadableFile("The first sheet is empty.")
    while not header.cells[-1]:
        header.cells.pop()
    return Table(headers=header.cells, rows=rows, expected=_expected(reader, sheet))


def _rows(reader: ExcelReader, sheet: str) -> Iterator[Row]:
    try:
        with reader.archive.open(sheet) as source:
            yield from Cells(reader.wb, reader.shared_strings).rows(source)
    except _BROKEN as error:
        raise UnreadableFile(DAMAGED) from error


def _expected(reader: ExcelReader, sheet: str) -> int | None:
    """As the sheet says itself; some programs write nothing, or wrong numbers."""
    with reader.archive.open(sheet) as source:
        match = _DIMENSION.search(source.read(4096))
    return int(match[1]) - 1 if match else None
