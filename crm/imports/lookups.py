"""Names in cells -> records of the database: skills, cities, programmes, labs, supervisors."""

import re
from collections.abc import Callable
from functools import lru_cache

from crm.imports.names import Supervisors
from crm.imports.values import Unclear, quoted
from crm.reference import Entry, Names, Reference
from crm.text import fold, lab_key

_CITY_PREFIX = re.compile(r"^(?:г\.|г |гор\.|город |city of )\s*", re.I)


class Lookups:
    """Over one snapshot of the reference data; remembers what it was asked, files repeat themselves."""

    def __init__(self, reference: Reference, supervisors: Supervisors) -> None:
        self.stamp = reference.stamp
        self.supervisor: Callable[[str], int] = lru_cache(4096)(supervisors.find)
        self.skill: Callable[[str], int | None] = lru_cache(16384)(lambda text: _pk(reference.skills.find(text)))
        self.lab: Callable[[str], int | None] = lru_cache(4096)(lambda text: _pk(reference.labs.find(text)))
        self.city: Callable[[str], int] = lru_cache(4096)(lambda text: _city(reference.cities, text))
        self.programme: Callable[[str], int] = lru_cache(4096)(lambda text: _programme(reference.programmes, text))


def _pk(entry: Entry | None) -> int | None:
    return entry.pk if entry else None


def _programme(programmes: Names, text: str) -> int:
    if (entry := programmes.find(text)) is None:
        raise Unclear(f"Unknown programme {quoted(text)}")
    return entry.pk


def _city(cities: Names, text: str) -> int:
    """'г. Томск' and 'Tomsk, Russia' are Tomsk."""
    for name in (text, _CITY_PREFIX.sub("", text), _CITY_PREFIX.sub("", text.partition(",")[0])):
        if entry := cities.find(name.strip()):
            return entry.pk
    raise Unclear(f"Unknown city {quoted(text)}")


def lab_title(name: str) -> str:
    """A lab's own name in its own capitals: 'Genome Editing' for 'Laboratory of Genome Editing'."""
    words, key = name.split(), lab_key(name)
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            title = " ".join(words[start:end])
            # A mere number, as in 'Lab 5', is no name.
            if fold(title) == key and any(map(str.isalpha, title)):
                return title
    return " ".join(words)
