"""Which skills and labs a text names, under any of their names, in either language, in inflected forms.

The longest name wins: `quantitative PCR` is qPCR, not PCR. An ambiguous name (R, GC) counts only where a related skill
is named beside it, or where the text is that name alone.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache

from crm.reference import Entry, Reference
from crm.text import fold
from search.analysis import plain, stem, tokens
from search.typos import ByLength, by_length, nearest

MOST_REMEMBERED = 200_000
_LATIN = re.compile(r"[a-z]")
_PLURALS = (
    (re.compile(r"(?<=[a-z]{3})ies$"), "y"),
    (re.compile(r"(x|ch|sh|ss|us)es$"), r"\1"),
    (re.compile(r"(?<=[^aious])s$"), ""),
)

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """One name of one skill or lab."""

    kind: str
    entry: Entry
    text: str
    is_label: bool
    ambiguous: bool
    has_capitals: bool


@dataclass(frozen=True, slots=True)
class Beginning:
    """What may begin with a token."""

    longest: int
    """How many tokens the longest name has whose first term is this one's stem."""
    seconds: Set[str]
    """The second terms of such names."""
    alone: tuple[Name, ...]
    """Whom the token names by itself."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Tokens from `start` up to `end` name these."""

    start: int
    end: int
    names: tuple[Name, ...]

    @property
    def ambiguous(self) -> bool:
        return all(name.ambiguous for name in self.names)


class Lexicon:
    """The names of all skills, or of all labs."""

    def __init__(self, kind: str, entries: Iterable[Entry]) -> None:
        self.kind = kind
        self.names: dict[Key, list[Name]] = {}
        self.longest: dict[str, int] = {}
        """First term of names -> how many terms the longest of them has."""
        self.seconds: dict[str, set[str]] = {}
        """First term of names that have more than one -> their second terms."""
        self.words: set[str] = set()
        """Every word of every name, folded."""
        self.glued: dict[str, str] = {}
        """Names of two words, folded and written together -> such a name."""
        self.remembered = lru_cache(maxsize=MOST_REMEMBERED)(self.beginning)
        for entry in entries:
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        for text in filter(None, dict.fromkeys((entry.label, *entry.names))):
            if not (found := tokens(text)):
                continue
            labels, unclear = (entry.label, *entry.names[:1]), fold(text) in entry.ambiguous
            name = Name(self.kind, entry, text, text in labels, unclear, any(map(str.isupper, text)))
            key = (_alone(found[0], text),) if len(found) == 1 else tuple(map(stem, found))
            others = self.names.setdefault(key, [])
            if all(other.entry is not entry for other in others):
                others.append(name)
            self.longest[key[0]] = max(self.longest.get(key[0], 0), len(key))
            if len(key) > 1:
                self.seconds.setdefault(key[0], set()).add(key[1])
            self.words.update(map(plain, found))
            if len(found) == 2 and not unclear:
                self.glued.setdefault("".join(map(plain, found)), text)

    @cached_property
    def spellings(self) -> ByLength:
        """What a mistyped word may be: a word of a name, or a name of two words written as one."""
        return by_length(self.words | self.glued.keys())

    def beginning(self, token: str) -> Beginning | None:
        """What may begin with a token; most begin nothing."""
        first = stem(token)
        alone = next((names for key in _keys_alone(token) if (names := self.names.get((key,)))), ())
        seconds: Set[str] = self.seconds.get(first, set())
        return Beginning(self.longest.get(first, 0), seconds, tuple(alone)) if seconds or alone else None

    def at(self, found: Sequence[str], place: int) -> Mention | None:
        """The longest name that begins at a place."""
        begun = self.remembered(found[place])
        return self._longest(begun, found, place) if begun else None

    def mentions(self, found: Sequence[str]) -> Iterator[Mention]:
        """From left to right, the longest first, none within another."""
        end = 0
        for place, begun in enumerate(map(self.remembered, found)):
            if begun and place >= end and (mention := self._longest(begun, found, place)):
                end = mention.end
                yield mention

    def _longest(self, begun: Beginning, found: Sequence[str], place: int) -> Mention | None:
        if begun.seconds and place + 1 < len(found) and stem(found[place + 1]) in begun.seconds:
            terms = tuple(map(stem, found[place : place + begun.longest]))
            for length in range(len(terms), 1, -1):
                if names := self.names.get(terms[:length]):
                    return Mention(place, place + length, tuple(names))
        return Mention(place, place + 1, begun.alone) if begun.alone else None


class Recogniser:
    def __init__(self, known: Reference, skills: Lexicon, labs: Lexicon) -> None:
        self.known, self.skills, self.labs = known, skills, labs

    def spelled(self, token: str) -> list[str]:
        """What the vocabulary has that is spelled most like a word, as near one as the other.

        Another form of the same word is no better. Names by themselves come before parts of longer ones.
        """
        near = nearest(plain(token), self.skills.spellings, self.labs.spellings)
        found = [
            self.skills.glued.get(word) or self.labs.glued.get(word) or word
            for word in near
            if stem(word) != stem(token)
        ]
        return sorted(found, key=lambda text: not any(True for _ in self.concepts_at(tokens(text))))

    def has_word(self, word: str) -> bool:
        return word in self.skills.words or word in self.labs.words

    def concepts_at(self, found: Sequence[str]) -> Iterator[Mention]:
        """Skills and labs; what names both stands in one mention."""
        place = 0
        while place < len(found):
            both = [mention for lexicon in (self.skills, self.labs) if (mention := lexicon.at(found, place))]
            end = max((mention.end for mention in both), default=place + 1)
            if names := tuple(name for mention in both if mention.end == end for name in mention.names):
                yield Mention(place, end, names)
            place = end

    def settled(self, name: Name, others: Iterable[int]) -> bool:
        """Whether an ambiguous name is meant beside these skills: one shares a broader skill, up to two steps above."""
        nearby = self.known.nearby
        own = nearby.get(name.entry.pk, frozenset())
        return any(not own.isdisjoint(nearby.get(other, ())) for other in others if other != name.entry.pk)

    def skills_in(self, texts: Iterable[str], beside: Iterable[int] = ()) -> list[int]:
        """The skills (primary keys) that texts of one person name, as often as they do; `beside`: those claimed."""
        found: list[int] = []
        unclear: list[Name] = []
        for text in texts:
            written = tokens(text)
            for mention in self.skills.mentions(written):
                if mention.ambiguous:
                    unclear += [n for n in mention.names if _as_written(n, written[mention.start : mention.end])]
                else:
                    found += [name.entry.pk for name in mention.names if not name.ambiguous]
        if unclear:
            context = {*found, *beside}
            found += [name.entry.pk for name in unclear if self.settled(name, context)]
        return found


def _singular(word: str) -> str:
    """
    >>> _singular("batteries"), _singular("lenses"), _singular("viruses"), _singular("analysis")
    ('battery', 'lense', 'virus', 'analysis')
    """
    for pattern, replacement in _PLURALS:
        if pattern.search(word):
            return pattern.sub(replacement, word)
    return word


def _alone(token: str, name: str) -> str:
    """A word that is a name by itself. Latin words lose no more than a plural: `physical` is not physics.

    Abbreviations lose nothing: a stemmer makes a preposition of НАА.
    """
    word = plain(token)
    if _LATIN.search(word):
        return f"={_singular(word)}"
    return f"={word}" if name.isupper() else stem(token)


def _keys_alone(token: str) -> tuple[str, ...]:
    """Under what a word of a text may stand as a name by itself."""
    word = plain(token)
    return (f"={_singular(word)}",) if _LATIN.search(word) else (f"={word}", stem(token))


def _as_written(name: Name, found: Sequence[str]) -> bool:
    """Go and R are written with capitals; `go` is a verb."""
    return not name.has_capitals or list(found) == tokens(name.text)


@dataclass(frozen=True, slots=True)
class _Made:
    entries: Mapping[int, Entry]
    lexicon: Lexicon


_made: dict[str, _Made] = {}


def recogniser(known: Reference) -> Recogniser:
    """Its lexicons are made once for the skills, and for the labs, of a snapshot."""
    return Recogniser(
        known, *(_lexicon(kind, names.by_pk) for kind, names in (("skill", known.skills), ("lab", known.labs)))
    )


def _lexicon(kind: str, entries: Mapping[int, Entry]) -> Lexicon:
    made = _made.get(kind)
    if made is None or made.entries is not entries:
        made = _made[kind] = _Made(entries, Lexicon(kind, entries.values()))
    return made.lexicon
