"""How far a word may be from what is meant, and which words are that near."""

from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

MOST = 20
"""Words of one length that are looked at as the nearest."""

ByLength = Mapping[int, Sequence[str]]
"""Number of letters -> words: one that is much longer or shorter is never near."""


def edits_allowed(word: str) -> int:
    """Letters that may be wrong, missing, added or swapped: one from 4 letters, two from 8.

    None in shorter words, and none where there are digits: another number is another thing.
    """
    return 0 if len(word) < 4 or not word.isalpha() else 1 if len(word) < 8 else 2


def nearest(word: str, *lists: ByLength) -> list[str]:
    """The words that are the fewest edits away, those that begin alike first; none where none is near enough."""
    allowed = edits_allowed(word)
    lengths = range(len(word) - allowed, len(word) + allowed + 1) if allowed else ()
    alike = (words.get(length, ()) for words in lists for length in lengths)
    found = {near: edits for some in alike for near, edits, _ in _within(allowed, word, some)}
    fewest = min(found.values(), default=0)
    best = (near for near, edits in found.items() if edits == fewest)
    return sorted(best, key=lambda near: (near[0] != word[0], near))


def _within(edits: int, word: str, words: Sequence[str]) -> Iterable[tuple[str, int, int]]:
    return process.extract(word, words, scorer=OSA.distance, score_cutoff=edits, limit=MOST)


def by_length(words: Iterable[str]) -> ByLength:
    found: dict[int, list[str]] = {}
    for word in words:
        found.setdefault(len(word), []).append(word)
    return found


def is_near(word: str, other: str, edits: int) -> bool:
    return OSA.distance(word, other, score_cutoff=edits) <= edits
