"""CSV as it is found in the wild: three delimiters, blank lines, line breaks in cells, quotes that are never closed."""

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crm.imports.encoding import find_encoding
from crm.imports.errors import UnreadableFile
from crm.imports.table import Row, Table

DELIMITERS = (",", ";", "\t")
LONGEST_RECORD = 300
"""In lines. A quote that is still open then was never meant to be closed so far away."""
BAD_QUOTES = "A quotation mark is not closed, or stands in the middle of a cell."

csv.field_size_limit(10_000_000)


@contextmanager
def open_csv(path: Path, known: Callable[[str], bool]) -> Iterator[Table]:
    """`known` tells whether a header is understood: the delimiter that shows most of those is taken."""
    encoding = find_encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        records = Records(file)
        records.delimiter = records.declared_delimiter() or records.likeliest_delimiter(known)
        header = next((row for row in iter(records.read, None) if row.problem or any(map(str.strip, row.cells))), None)
        if header is None or header.problem:
            raise UnreadableFile(f"The header row cannot be read. {header.problem}" if header else "The file is empty.")
        records.width = len(header.cells)
        yield Table(headers=header.cells, rows=iter(records.read, None), expected=_count_lines(path) - 1)


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


class Records:
    """Puts lines together to records. A record with broken quotes costs its first line only, not those below it."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._returned: deque[str] = deque()
        self._line = 0
        self.delimiter = ","
        self.width = 0
        """How many cells the header has; a line with doubtful quotes is taken if it has as many."""

    def read(self) -> Row | None:
        """The next record, or None at the end."""
        first, taken = self._line + 1, list[str]()
        try:
            cells = next(self._reader(self._take(taken), strict=True), None)
        except csv.Error:
            return self._first_line_of(taken, first)
        return None if cells is None else Row(first, cells)

    def _first_line_of(self, taken: list[str], first: int) -> Row:
        self._put_back(taken[1:])
        try:
            cells = next(self._reader(taken[:1], strict=False), [])
        except csv.Error:
            return Row(first, [], BAD_QUOTES)
        fits = len(taken) == 1 and len(cells) == self.width and "\n" not in cells[-1]
        return Row(first, cells, "" if fits else BAD_QUOTES)

    def declared_delimiter(self) -> str | None:
        """Excel's own first line, such as `sep=;`."""
        line = next(self._take([]), "")
        if line.lower().startswith("sep=") and len(line.strip()) == 5:
            return line.strip()[4]
        self._put_back([line] if line else [])
        return None

    def likeliest_delimiter(self, known: Callable[[str], bool]) -> str:
        self._skip_blank_lines()

        def promise(delimiter: str) -> tuple[int, int]:
            headers = self._headers(delimiter)
            return sum(map(known, headers)), len(headers)

        return max(DELIMITERS, key=promise)

    def _skip_blank_lines(self) -> None:
        blank = str.maketrans(dict.fromkeys("".join(DELIMITERS), " "))
        for line in self._take([]):
            if line.translate(blank).strip():
                self._put_back([line])
                return

    def _headers(self, delimiter: str) -> list[str]:
        taken: list[str] = []
        self.delimiter = delimiter
        try:
            return next(self._reader(self._take(taken), strict=False), [])
        except csv.Error:
            return []
        finally:
            self._put_back(taken)

    def _reader(self, lines: Iterable[str], *, strict: bool) -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=self.delimiter, strict=strict)

    def _take(self, taken: list[str]) -> Iterator[str]:
        while len(taken) < LONGEST_RECORD:
            line = self._returned.popleft() if self._returned else next(self._lines, None)
            if line is None:
                return
            self._line += 1
            taken.append(line)
            yield line

    def _put_back(self, lines: list[str]) -> None:
        self._returned.extendleft(reversed(lines))
        self._line -= len(lines)
