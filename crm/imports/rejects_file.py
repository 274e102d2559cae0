"""The errors file: rejected rows with the reason, as they were, to be mended and imported again."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from crm.imports.cells import formula_safe
from crm.imports.columns import OWN_COLUMNS, Columns
from crm.imports.results import Rejection

Write = Callable[[Rejection, Sequence[str]], None]


@contextmanager
def open_rejects(path: Path, headers: Sequence[str], columns: Columns) -> Iterator[Write]:
    """CSV with a mark, so that spreadsheets see UTF-8. What an earlier errors file began with is not repeated."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*OWN_COLUMNS, *map(formula_safe, headers[columns.own :])])

        def write(rejection: Rejection, cells: Sequence[str]) -> None:
            own = (str(rejection.line), rejection.number, rejection.reason)
            writer.writerow([formula_safe(cell) for cell in (*own, *cells[columns.own :])])

        yield write
