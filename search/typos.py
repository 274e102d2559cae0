"""How far a word may be from what is meant, and which words are that near."""

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA


def edits_allowed(word: str) -> int:
    """Letters that may be wrong, missing, added or swapped: none in short words, one from 4 letters, two from 8."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word that is the fewest edits away, the first by letters among equals; None where none is near enough."""
    allowed = edits_allowed(word)
    if not allowed:
        return None
    found = process.extract(word, list(words), scorer=OSA.distance, score_cutoff=allowed, limit=20)
    # A word that begins alike is meant more often than one that does not.
    ranked = sorted((distance, other[0] != word[0], other) for other, distance, _ in found)
    return ranked[0][2] if ranked else None


def is_near(word: str, other: str, edits: int) -> bool:
    return OSA.distance(word, other, score_cutoff=edits) <= edits
