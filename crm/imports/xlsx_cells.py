"""The cells of a sheet as the text that a person would have typed: dates, numbers, truth values.

openpyxl reads all else of a workbook, and makes dates of numbers. Its objects for each cell, each text and each part of
a text took half of an import. calamine, which is faster still, loses the zeros that a format shows, and lays out the
whole sheet in memory: one stray cell in the far corner ends the process.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import IO, Any

from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.worksheet._reader import INLINE_STRING, ROW_TAG, VALUE_TAG, WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from crm.imports.table import Row

TEXT_TAG = f"{{{SHEET_MAIN_NS}}}t"
RICH_TEXT = f"{{{SHEET_MAIN_NS}}}r/{TEXT_TAG}"


class Cells:
    def __init__(self, book: Any, strings: Sequence[str]) -> None:
        self._strings = strings
        self._numbers = WorkSheetParser(
            BytesIO(),
            strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        self._zeros = {place: _zeros(book, style.numFmtId) for place, style in enumerate(book._cell_styles)}

    def rows(self, source: IO[bytes]) -> Iterator[Row]:
        """Rows that the sheet leaves out are left out; `line` counts them."""
        line = 0
        for _, element in iterparse(source):
            if element.tag == ROW_TAG:
                line = int(float(element.get("r", line + 1)))
                yield Row(line, self._texts(element))
                element.clear()

    def _texts(self, row: Any) -> list[str]:
        texts: list[str] = []
        for cell in row:
            place = cell.get("r")
            column = coordinate_to_tuple(place)[1] if place else len(texts) + 1
            texts.extend([""] * (column - len(texts)))
            texts[column - 1] = self._text(cell)
        return texts

    def _text(self, cell: Any) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _inline(cell.find(INLINE_STRING))
        value: str | None = cell.findtext(VALUE_TAG)
        if not value or kind == "e":
            return ""
        if kind == "s":
            return self._strings[int(value)]
        if kind == "b":
            return "yes" if int(value) else "no"
        return value if kind == "str" else self._number(cell)

    def _number(self, cell: Any) -> str:
        """A number without a calendar day where its format wants one shows an error."""
        read = self._numbers.parse_cell(cell)
        return "" if read["data_type"] == "e" else text_of(read["value"], self._zeros.get(read["style_id"], 0))


def _inline(text: Any) -> str:
    """All parts of a rich text, without how they are pronounced."""
    if text is None:
        return ""
    parts = text if len(text) == 1 else (*text.iterfind(TEXT_TAG), *text.iterfind(RICH_TEXT))
    return "".join(part.text or "" for part in parts)


def _zeros(book: Any, number: int) -> int:
    """How many zeros a number format is made of, where it is of nothing else, as 00000."""
    custom = number - BUILTIN_FORMATS_MAX_SIZE
    name = BUILTIN_FORMATS.get(number, "") if custom < 0 else book._number_formats[custom]
    return len(name) if set(name) == {"0"} else 0


def text_of(value: Any, zeros: int = 0) -> str:
    """What a cell shows: whole numbers without `.0` and with the zeros of a format like 00000, days without a time."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.15g}"
    if isinstance(value, int | float):
        return str(int(value)).zfill(zeros)
    return value.isoformat() if isinstance(value, date | time) else str(value)
