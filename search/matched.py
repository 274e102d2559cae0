"""What of a card's texts the words of a query match, and the parts of an explanation with their shares."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from crm.reference import Reference
from search.analysis import plain, stem, terms_in, tokens
from search.highlights import highlight
from search.ranking import FUZZY, WEIGHTS
from search.recognition import Name, recogniser
from search.sounds import sound
from search.typos import is_near

WORD = 5.0
"""Points of a word, times the weight of the best field in which it stands."""
FIELD_OF = {
    "name": "names",
    "headline": "headline",
    "thesis_title": "thesis_title",
    "skills": "skills",
    "lab": "affiliation",
    "programme": "affiliation",
    "home_city": "affiliation",
    "languages": "affiliation",
}
"""Where a text of a card stands -> the field of the index; all others are `texts`."""


SHARED = frozenset({"skills", "lab", "programme", "home_city", "languages"})
"""Where labels stand that many cards share."""


@lru_cache(maxsize=20_000)
def terms_of_label(label: str) -> frozenset[str]:
    return frozenset(terms_in(label))


@dataclass
class Text:
    """A text of a card, its terms and the skills that it names, looked at once."""

    where: str
    text: str
    known: Reference

    def __post_init__(self) -> None:
        """The terms are always looked at: a cached property, with its lock, would cost more."""
        self.terms = terms_of_label(self.text) if self.where in SHARED else frozenset(terms_in(self.text))

    @cached_property
    def row(self) -> str:
        return f" {' '.join(map(stem, tokens(self.text)))} "

    @cached_property
    def named(self) -> list[Name]:
        mentions = recogniser(self.known).skills.mentions(tokens(self.text))
        return [name for mention in mentions for name in mention.names if not name.ambiguous]

    def holds(self, key: tuple[str, ...]) -> bool:
        return self.terms.issuperset(key) and f" {' '.join(key)} " in self.row


@dataclass
class Matched:
    """Parts with their points; `share` is put in their place at the end."""

    skills: list[dict[str, Any]] = field(default_factory=list)
    labs: list[dict[str, Any]] = field(default_factory=list)
    words: list[dict[str, Any]] = field(default_factory=list)
    missing: dict[str, list[str]] = field(default_factory=lambda: {"skills": [], "labs": [], "words": []})
    marked: set[str] = field(default_factory=set)
    """Terms to highlight."""

    def as_json(self) -> dict[str, Any]:
        parts = [*self.skills, *self.labs, *self.words]
        for part, share in zip(parts, shares([part["share"] for part in parts]), strict=True):
            part["share"] = share
        return {"skills": self.skills, "labs": self.labs, "words": self.words, "missing": self.missing}


def shares(points: Sequence[float]) -> list[int]:
    """Whole percents that add up to 100, by largest remainder."""
    total = sum(points)
    if not total:
        return [0] * len(points)
    exact = [100 * each / total for each in points]
    found = [int(each) for each in exact]
    by_rest = sorted(range(len(exact)), key=lambda place: found[place] - exact[place])
    for place in by_rest[: 100 - sum(found)]:
        found[place] += 1
    return found


def match_word(matched: Matched, token: str, texts: list[Text], *, missing: bool = True) -> bool:
    forms = {plain(token), stem(token)}
    where = list(dict.fromkeys(text.where for text in texts if not forms.isdisjoint(text.terms)))
    how = "text"
    if not where and (where := _sounding(token, texts)):
        how = "name"
    if where:
        matched.words.append({"word": token, "in": where, "how": how, "share": WORD * max(map(_weight, where))})
        matched.marked |= forms
    elif missing:
        matched.missing["words"].append(token)
    return bool(where)


def _sounding(token: str, texts: list[Text]) -> list[str]:
    """The name, in the other alphabet or another transliteration."""
    heard = sound(token)
    return ["name"] if any(t.where == "name" and heard in map(sound, tokens(t.text)) for t in texts) else []


def match_near(matched: Matched, token: str, edits: int, texts: list[Text]) -> None:
    for form in (stem(token), plain(token)):
        for text in texts:
            for term in text.terms:
                if is_near(form, term, edits):
                    place = {"word": token, "in": [text.where], "how": "fuzzy", "share": FUZZY}
                    matched.words.append(place)
                    matched.marked.add(term)
                    return


def _weight(where: str) -> float:
    return WEIGHTS[FIELD_OF.get(where, "texts")]


def highlights_of(wanted: set[str], texts: Iterable[Text]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in texts:
        if not wanted.isdisjoint(text.terms) and (fragment := highlight(text.text, wanted)):
            found.setdefault(text.where, []).append(fragment)
    return found
