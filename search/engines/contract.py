"""What an engine is: the one contract that both engines keep, and that one suite of tests holds them to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from search.audiences import SearchAudience
from search.filters import Condition
from search.sorting import Position, Sort
from search.values import SkillWish
from search.words import Node

LARGEST_FACET = 100
"""A facet lists at most so many values: the most frequent ones, equal counts by token."""


def most_frequent(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """In the order of a facet, without those that nobody has."""
    return sorted((pair for pair in counts if pair[1]), key=lambda pair: (-pair[1], pair[0]))


@dataclass(frozen=True, slots=True)
class FacetRequest:
    name: str
    field: str
    replaces: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    """Count no other tokens than these, letters and digits: all of them, however many."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """`audience` comes first and has no default: no search is made without one."""

    audience: SearchAudience
    text: Node | None = None
    conditions: Sequence[tuple[str, Condition]] = ()
    """(parameter, condition): the parameter tells facets which conditions they replace."""
    sort: Sort = field(default_factory=lambda: Sort("updated", has_cursor=True))
    offset: int = 0
    limit: int = 20
    """With 0 there are facets alone: neither hits nor their number."""
    position: Position | None = None
    facets: Sequence[FacetRequest] = ()
    excluded: frozenset[int] = frozenset()
    """Students (primary keys) that the database no longer shows to this audience."""
    wishes: Sequence[SkillWish] = ()
    """Skills that the conditions ask for: with a text, who has them better comes first."""


@dataclass(frozen=True, slots=True)
class Hit:
    student_id: int
    value: int
    """What the hit was sorted by where the sort has cursors, else 0."""


@dataclass(frozen=True, slots=True)
class Found:
    count: int
    hits: list[Hit]
    more: bool
    """Whether hits follow these, in the direction of reading."""
    facets: Mapping[str, list[tuple[str, int]]]


Document = Mapping[str, Any]
"""Field -> value: text for words and sort keys, a list of tokens, a number."""


@dataclass(frozen=True, slots=True)
class StudentDocuments:
    """All documents that stand for one student at one version: family -> level -> document.

    A level with None is removed; a family that is absent has nothing to remove.
    """

    student_id: int
    version: int
    families: Mapping[str, Mapping[int, Document | None]]


@dataclass(frozen=True, slots=True)
class Stored:
    """What `--verify` reads back of one document."""

    student_id: int
    level: int
    version: int
    digest: int


class Writer(Protocol):
    def write(self, batch: Sequence[StudentDocuments]) -> set[int]:
        """Writes and makes searchable. Returns the students whose documents are confirmed; others stay as they were."""
        ...


class Engine(Protocol):
    name: str

    def counts(self, audience: SearchAudience, texts: Sequence[Node], excluded: frozenset[int]) -> list[int]:
        """How many of the audience's documents each text finds. Raises as `search`."""
        ...

    def search(self, request: SearchRequest) -> Found:
        """Raises Unavailable within three seconds where the engine does not answer."""
        ...

    def writing(self) -> AbstractContextManager[Writer]:
        """Documents must be read from the database inside of it."""
        ...

    def rebuilding(self) -> AbstractContextManager[Writer]:
        """A new index beside the living one, which takes its place when the block ends without an error."""
        ...

    def is_built(self) -> bool: ...

    def remove_older(self) -> None:
        """Removes indices of other definitions, which an earlier release may still have read while this one began."""
        ...

    def stored(self, family: str) -> Iterator[Stored]: ...

    def problem(self) -> str | None:
        """Why the engine cannot serve, in a few words; None where it can."""
        ...
