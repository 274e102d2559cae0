"""A judged collection: documents, and queries with the ids of the documents that are relevant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Profile:
    """A document. A mere text has no more than that; a profile has what a student's has."""

    id: str
    texts: Sequence[str] = ()
    names: Sequence[str] = ()
    headline: str = ""
    thesis_title: str = ""
    claims: Mapping[str, int] = field(default_factory=dict)
    """Slug of a skill -> level."""
    evidenced: Sequence[str] = ()


@dataclass(frozen=True)
class JudgedQuery:
    text: str
    relevant: Mapping[str, float]
    kind: str = "all"


@dataclass(frozen=True)
class Collection:
    profiles: Iterable[Profile]
    """Gone through once for each index; may be read from a file each time."""
    count: int
    """How many profiles there are."""
    queries: Sequence[JudgedQuery]
    notes: Sequence[str] = ()
    """What was left out in reading, in sentences."""

    def of_kinds(self, kinds: Iterable[str]) -> "Collection":
        """With the queries of these kinds alone; all of them where none is named."""
        wanted = set(kinds)
        kept = [query for query in self.queries if query.kind in wanted] if wanted else self.queries
        return Collection(self.profiles, self.count, kept, self.notes)
