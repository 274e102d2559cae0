"""Who is relevant, from the facts of the profiles: apart from the product's own recognition.

2 for whoever claims a skill; 1 for whoever claims a narrower one, or whose texts name it or a narrower one. What texts
name was noted as they were made; a plain comparison of words, blind to the ends of longer ones, adds what they name
by chance.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from tests.relevance.people import Person
from tests.relevance.skills import skills

CLAIM, BESIDES = 2.0, 1.0
_WORD = re.compile(r"[^\W_]+(?:\+\+|#)?")
_CYRILLIC = re.compile(r"[а-я]")


def words_of(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("ё", "е"))


def alike(word: str, other: str) -> bool:
    """The same but for an ending; short words only as they are, Latin ones but for a plural."""
    longest, shortest = max(len(word), len(other)), min(len(word), len(other))
    if word == other or shortest < 5:
        return word == other
    same, ending = (shortest - 2, 4) if _CYRILLIC.search(word) else (shortest - 1, 2)
    return word[:same] == other[:same] and longest - same <= ending


class Judge:
    def __init__(self, people: Sequence[Person]) -> None:
        self.people = people
        self._readers: dict[str, set[str]] = {}

    @cached_property
    def _places(self) -> Mapping[str, list[tuple[str, list[str], int]]]:
        """The first four letters of a word -> where such words stand: whose text, its words, which of them."""
        places: dict[str, list[tuple[str, list[str], int]]] = defaultdict(list)
        for person in self.people:
            for text in person.written:
                found = words_of(text)
                for place, word in enumerate(found):
                    places[word[:4]].append((person.key, found, place))
        return places

    @property
    def words(self) -> set[str]:
        """All that stand in texts."""
        return {found[place] for rows in self._places.values() for _, found, place in rows}

    def relevant(self, slug: str) -> dict[str, float]:
        """Key of a person -> grade."""
        below = skills().below[slug]
        grades = {person.key: BESIDES for person in self.people if below & (person.claims.keys() | person.facts)}
        for narrower in below:
            grades |= dict.fromkeys(self._who_write(narrower), BESIDES)
        return grades | {person.key: CLAIM for person in self.people if slug in person.claims}

    def relevant_to_all(self, slugs: Iterable[str]) -> dict[str, float]:
        """Of several skills all must be there; the weakest decides."""
        first, *others = [self.relevant(slug) for slug in slugs]
        return {
            key: min(grade, *(other[key] for other in others)) if others else grade
            for key, grade in first.items()
            if all(key in other for other in others)
        }

    def _who_write(self, slug: str) -> set[str]:
        if slug not in self._readers:
            names = [*skills().names(slug, "en"), *skills().names(slug, "ru")]
            self._readers[slug] = {key for name in names for key in self._who_write_name(words_of(name))}
        return self._readers[slug]

    def _who_write_name(self, name: Sequence[str]) -> Iterable[str]:
        for key, found, place in self._places.get(name[0][:4], ()) if name else ():
            there = found[place : place + len(name)]
            if len(there) == len(name) and all(map(alike, name, there)):
                yield key
