"""The orders of a result: by a field and the public id, both in one direction, the same on both engines."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sort:
    field: str | None
    """None: by relevance, equal scores by public id."""
    descending: bool = True
    has_cursor: bool = False


SORTS: Mapping[str, Sort] = {
    "relevance": Sort(None),
    "updated": Sort("updated", has_cursor=True),
    "graduation": Sort("graduation", has_cursor=True),
    "name": Sort("name", descending=False),
}


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two hits: just after a hit, or just before it when reading backwards."""

    value: int
    public_id: str
    backwards: bool = False
