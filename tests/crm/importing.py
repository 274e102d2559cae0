"""What the import tests share: files made on the spot, and the command run with its result as data."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management import call_command

from crm.models import Student

DATA = Path(__file__).parent.parent / "data"
NAMED = {"Student No": "S-1", "First name": "Sanna", "Last name": "Vale"}


def write_csv(path: Path, *rows: dict[str, str], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """A file with the columns of all rows."""
    headers = list(dict.fromkeys(header for row in rows for header in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, headers, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def run(path: Path, *options: str, **named: Any) -> dict[str, Any]:
    """The command's JSON; every row is accounted for."""
    out = io.StringIO()
    call_command("import_students", str(path), "--json", *options, stdout=out, stderr=io.StringIO(), **named)
    result: dict[str, Any] = json.loads(out.getvalue())
    assert sum(counts(result)) == result["rows"]
    assert len(result["rejections"]) == result["rejected"]
    return result


def counts(result: dict[str, Any]) -> tuple[int, int, int, int]:
    """(created, updated, unchanged, rejected)"""
    return result["created"], result["updated"], result["unchanged"], result["rejected"]


def import_one(folder: Path, *options: str, **cells: str) -> Student:
    """Imports one good row for student S-1 and returns the student. Underscores in headers stand for spaces."""
    row = {**NAMED, **{header.replace("_", " "): cell for header, cell in cells.items()}}
    result = run(write_csv(folder / "one.csv", row), *options)
    assert result["rejections"] == []
    return Student.objects.get(number="S-1")


def reasons(result: dict[str, Any]) -> list[str]:
    return [rejection["reason"] for rejection in result["rejections"]]


def warned(result: dict[str, Any]) -> Sequence[str]:
    return [warning["message"] for warning in result["warnings"]]
