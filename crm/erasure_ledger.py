"""The file that outlives the database: the random ids of erased students, one JSON line each, never rewritten."""

import json
import os
import uuid
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils import timezone

from crm.errors import Unavailable


def append(erased: uuid.UUID) -> None:
    """Adds one line and waits until it is on the disk. Raises Unavailable where that cannot be done."""
    entry = json.dumps({"erased": str(erased), "at": timezone.now().isoformat(timespec="seconds")})
    path = Path(settings.ERASURE_LEDGER)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as ledger:
            # A line that a crash cut short must not swallow this one.
            start = b"" if _ends_well(ledger) else b"\n"
            ledger.write(start + entry.encode() + b"\n")
            ledger.flush()
            os.fsync(ledger.fileno())
    except OSError as error:
        raise Unavailable("The erasure ledger cannot be written, so nothing was erased.") from error


def _ends_well(ledger: BinaryIO) -> bool:
    """Whether the file is empty or its last line is whole."""
    if ledger.seek(0, os.SEEK_END) == 0:
        return True
    ledger.seek(-1, os.SEEK_END)
    return ledger.read(1) == b"\n"


def read() -> tuple[set[uuid.UUID], list[int]]:
    """The ids, and the numbers of lines that are damaged. Raises FileNotFoundError where there is no ledger."""
    ids: set[uuid.UUID] = set()
    damaged: list[int] = []
    with Path(settings.ERASURE_LEDGER).open(encoding="utf-8", errors="replace") as ledger:
        for number, line in enumerate(ledger, start=1):
            if not line.strip():
                continue
            try:
                ids.add(uuid.UUID(json.loads(line)["erased"]))
            except (ValueError, KeyError, TypeError, AttributeError):
                damaged.append(number)
    return ids, damaged
