"""Which column of a file is which field: the names offices give them, or a saved mapping."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.imports.errors import UnreadableFile
from crm.imports.headers import BY_KEY, NAMES, header_key

IGNORE = ("", "-", "ignore", None)
"""What a saved mapping gives for a column that is not wanted."""
WEAK = frozenset({"number", "id", "номер"})
"""Names of the student number that may as well mean something else; they count where no better one is there."""
OWN_COLUMNS = ["line", "number", "reason"]
"""The first columns of an errors file, which may be mended and imported as it is."""


def is_known(header: str) -> bool:
    return header_key(header) in BY_KEY


@dataclass(frozen=True)
class Columns:
    fields: list[str | None]
    """For each column of the file our field, or None where it is not read."""
    warnings: list[str]
    own: int = 0
    """How many first columns are those of an errors file."""

    def __contains__(self, field: str) -> bool:
        return field in self.fields


def load_mapping(path: Path) -> dict[str, str | None]:
    """A JSON object {"their header": "our field"}. Raises UnreadableFile."""
    try:
        mapping: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnreadableFile(f"The mapping {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UnreadableFile(f"The mapping is not JSON in UTF-8: {error}.") from error
    if not isinstance(mapping, dict):
        raise UnreadableFile('The mapping is no JSON object: write it like {"Matr. No.": "number"}.')
    for header, field in mapping.items():
        if field not in IGNORE and (not isinstance(field, str) or field not in NAMES):
            raise UnreadableFile(f"The mapping gives {header!r} the field {field!r}. Fields: {', '.join(NAMES)}.")
    _check_doubles(mapping)
    return mapping


def _check_doubles(mapping: Mapping[str, str | None]) -> None:
    headers: dict[str, str] = {}
    for header, field in mapping.items():
        if field in IGNORE or field is None:
            continue
        if field in headers:
            raise UnreadableFile(
                f"The mapping gives both {headers[field]!r} and {header!r} the field {field!r}: one column can have it."
            )
        headers[field] = header


def recognise(headers: Sequence[str], mapping: Mapping[str, str | None] | None = None) -> Columns:
    """Raises UnreadableFile where no column holds the student number. A header in the mapping is taken from there."""
    own = len(OWN_COLUMNS) if [h.strip().lower() for h in headers[:3]] == OWN_COLUMNS else 0
    wanted = {header_key(header): field for header, field in (mapping or {}).items()}
    if _better_number(headers, wanted):
        wanted = dict.fromkeys(WEAK) | wanted
    columns = Columns(fields=[None] * own, warnings=[], own=own)
    for position, header in enumerate(headers[own:], start=own + 1):
        _place(columns, header, position, wanted)
    present = {header_key(header) for header in headers}
    columns.warnings.extend(
        f"The file has no column {header!r}, which the mapping names."
        for header in mapping or {}
        if header_key(header) not in present
    )
    if "number" not in columns:
        shown = ", ".join(filter(None, headers)) or "none"
        raise UnreadableFile(f"No column holds the student number; name it with --map. Columns here: {shown}.")
    return _with_full_name(columns)


def _better_number(headers: Sequence[str], wanted: Mapping[str, str | None]) -> bool:
    """Whether a column is surely the student number."""
    keys = {header_key(header) for header in headers} - WEAK
    return any(wanted.get(key, BY_KEY.get(key)) == "number" for key in keys)


def _place(columns: Columns, header: str, position: int, wanted: Mapping[str, str | None]) -> None:
    key = header_key(header)
    field = wanted[key] if key in wanted else BY_KEY.get(key)
    if key in wanted and field in IGNORE:
        field = None
    elif field is None:
        named = f"Column {header.strip()!r} is not known" if header.strip() else f"Column {position} has no header"
        columns.warnings.append(f"{named} and was not read.")
    elif field in columns:
        columns.warnings.append(f"Column {header.strip()!r} means {field} like one before it and was not read.")
        field = None
    columns.fields.append(field)


def _with_full_name(columns: Columns) -> Columns:
    """A file whose only name is the native one takes the name from there."""
    if columns.fields.count("native_name") and not {"given_name", "family_name", "full_name"} & set(columns.fields):
        columns.fields[columns.fields.index("native_name")] = "full_name"
    return columns
