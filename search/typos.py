"""How far a word may be from what is meant, and which words are that near."""

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA


def edits_allowed(word: str) -> int:
    """Letters that may be wrong, missing, added or swapped: none in short words, one from 4 letters, two from 8."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def nearest(word: str, words: Iterable[str]) -> list[str]:
    """The words that are the fewest edits away, those that begin alike first; none where none is near enough."""
    allowed = edits_allowed(word)
    if not allowed:
        return []
    found = process.extract(word, list(words), scorer=OSA.distance, score_cutoff=allowed, limit=20)
    fewest = min((distance for _, distance, _ in found), default=0)
    return sorted(
        (near for near, distance, _ in found if distance == fewest), key=lambda near: (near[0] != word[0], near)
    )


def is_near(word: str, other: str, edits: int) -> bool:
    return OSA.distance(word, other, score_cutoff=edits) <= edits
