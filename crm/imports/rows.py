"""From a row of cells to the changes it asks for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crm.imports.cells import CLEAR_MARK, Mark, clean
from crm.imports.columns import Columns
from crm.imports.errors import Rejected
from crm.imports.fields import check_clearable, read_field
from crm.imports.lookups import Lookups
from crm.imports.names import has_cyrillic, split_full_name, with_middle_name
from crm.imports.table import Row


@dataclass(frozen=True, slots=True)
class Wish:
    """What a row asks for: values by field, without those that stay. CLEAR empties."""

    line: int
    number: str
    changes: dict[str, Any]
    cells: list[str]
    warnings: list[str] = field(default_factory=list)


def is_blank(row: Row) -> bool:
    return not row.problem and not any(map(clean, row.cells))


def read_row(row: Row, columns: Columns, lookups: Lookups) -> Wish:
    """Raises Rejected with every reason found."""
    warnings: list[str] = []
    if row.problem:
        raise Rejected(row.problem)
    reasons = list(_surplus(row, columns))
    changes: dict[str, Any] = {}
    for name, text in _texts(row, columns):
        try:
            value = _read(name, text, lookups, warnings)
        except Rejected as reason:
            reasons.append(str(reason))
        else:
            if value is not Mark.LEAVE:
                changes[name] = value
    number = changes.pop("number", None)
    if number is None and not any(reason.startswith("number:") for reason in reasons):
        reasons.append("number: the student number is missing.")
    try:
        changes = _with_names(changes, warnings)
    except Rejected as reason:
        reasons.append(str(reason))
    if reasons:
        raise Rejected(" ".join(reasons))
    return Wish(row.line, number or "", changes, row.cells, warnings)


def number_of(row: Row, columns: Columns) -> str:
    """The student number of a row that may be bad, for reports."""
    texts = dict(_texts(row, columns))
    return " ".join(texts.get("number", "").split())[:60]


def _surplus(row: Row, columns: Columns) -> Iterator[str]:
    width = len(columns.fields)
    if any(map(clean, row.cells[width:])):
        yield f"The row has {len(row.cells)} cells, the header {width}: is a quotation mark missing?"


def _texts(row: Row, columns: Columns) -> Iterator[tuple[str, str]]:
    """Cells that hold something, with their field. A row that ends early has blanks there."""
    for name, cell in zip(columns.fields, row.cells, strict=False):
        if name is not None and (text := clean(cell)):
            yield name, text


def _read(name: str, text: str, lookups: Lookups, warnings: list[str]) -> Any:
    if text.lower() == CLEAR_MARK:
        check_clearable(name)
        return Mark.CLEAR
    return read_field(name, text, lookups, warnings.append)


def _with_names(changes: dict[str, Any], warnings: list[str]) -> dict[str, Any]:
    """A full name stands in for the names that have no cell of their own; a middle name joins the given one."""
    full, middle = changes.pop("full_name", None), changes.pop("middle_name", None)
    if full is not None and not {"given_name", "family_name"} <= changes.keys():
        family, given = split_full_name(full)
        native = {"native_name": full[:200]} if has_cyrillic(full) else {}
        changes = {**native, "family_name": family[:100], "given_name": given[:100], **changes}
    if isinstance(middle, str):
        joined = with_middle_name(changes.get("given_name", ""), middle)
        if joined is None:
            warnings.append("middle_name: no given name in the same letters stands beside it: left out.")
        else:
            changes["given_name"] = joined
    return changes
