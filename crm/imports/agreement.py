"""Rows of one file with the same number: they may complete each other, and must not contradict.

Else each import of the file would change what the last one left.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crm.imports.cells import Mark
from crm.imports.rows import Wish
from crm.imports.shelf import Shelf

Said = dict[str, tuple[int, int]]
"""Part of a field -> digest of its value, good in this process alone, and the line that said it first."""
ADDED = frozenset({"lab", "supervisor"})
"""Fields whose values are added to what is there: one that empties them contradicts one that names something."""


class Agreement:
    def __init__(self, said: Shelf[Said]) -> None:
        self._said = said

    def check(self, wishes: Sequence[Wish]) -> list[tuple[Wish, str]]:
        """Each row with the reason why it is refused, "" where it is not; it is held against all rows before it."""
        said = self._said.get({wish.number for wish in wishes})
        checked = [(wish, _hold(wish, said.setdefault(wish.number, {}))) for wish in wishes]
        self._said.put(said.items())
        return checked


def _hold(wish: Wish, known: Said) -> str:
    parts = {part: (hash(value), wish.line) for part, value in _parts(wish.changes)}
    if reason := _contradiction(parts, known):
        return reason
    known.update({part: said for part, said in parts.items() if part not in known})
    return ""


def _contradiction(parts: Said, known: Said) -> str:
    fields: dict[int, dict[str, None]] = {}
    for part, (digest, _) in parts.items():
        there, line = known.get(part, (digest, 0))
        if there != digest:
            fields.setdefault(line, {})[part.partition(":")[0]] = None
    return " ".join(f"row {line} of this file says otherwise: {', '.join(names)}." for line, names in fields.items())


def _parts(changes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What can be contradicted: a list as a whole, and each level in it that is given."""
    for field, value in changes.items():
        if value is Mark.CLEAR:
            yield field, Mark.CLEAR.name
        elif field in ADDED:
            yield field, True
        elif isinstance(value, dict):
            yield field, frozenset(value)
            yield from ((f"{field}:{key}", level) for key, level in value.items() if level is not None)
        else:
            yield field, frozenset(value) if isinstance(value, set) else value
