"""Which skills the collection is about, under which names, and what is narrower than what. Read from the shipped files."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from search.vocabulary import SkillEntry, read

_ABBREVIATION = re.compile(r"(?=.*[A-ZА-Я].*[A-ZА-Я])[A-Za-zА-Яа-я][A-Za-zА-Яа-я0-9-]{1,6}")
FAMILIES, CHILDREN, OTHERS = 60, 5, 120
TEXT_ONLY = {"en": 0.15, "ru": 0.12}
"""Language -> the share of the skills that nobody claims and that only texts in this language name."""


@dataclass(frozen=True)
class Skills:
    entries: Mapping[str, SkillEntry]
    below: Mapping[str, frozenset[str]]
    """Slug -> itself and all that is narrower."""

    def names(self, slug: str, language: str) -> list[str]:
        """Label and aliases of a language that mean nothing else."""
        entry = self.entries[slug]
        label, aliases = (entry.label_en, entry.aliases_en) if language == "en" else (entry.label_ru, entry.aliases_ru)
        return [name for name in (label, *aliases) if name.lower() not in {one.lower() for one in entry.ambiguous}]

    def abbreviations(self, slug: str) -> list[str]:
        names = [*self.names(slug, "en"), *self.names(slug, "ru")]
        return [name for name in names if _ABBREVIATION.fullmatch(name)]


@cache
def skills() -> Skills:
    entries = {entry.slug: entry for entry in read()}
    below: dict[str, set[str]] = defaultdict(set)
    for slug in entries:
        for above in _above(entries, slug, set()):
            below[above].add(slug)
    return Skills(entries, {slug: frozenset(below[slug]) for slug in entries})


def _above(entries: Mapping[str, SkillEntry], slug: str, seen: set[str]) -> set[str]:
    """Itself and all that is broader."""
    if slug not in seen:
        seen.add(slug)
        for broader in entries[slug].broader:
            _above(entries, broader, seen)
    return seen


@dataclass(frozen=True)
class Chosen:
    """The skills that profiles hold."""

    families: Mapping[str, tuple[str, ...]]
    """A broader skill -> those of its narrower ones that are held."""
    claimed: tuple[str, ...]
    text_only: Mapping[str, tuple[str, ...]]
    """Language -> skills that only texts in it name."""


def choose(chance: Random, needed: Iterable[str]) -> Chosen:
    """A part of the vocabulary: families of related skills, others beside them, and whatever is needed."""
    known, wanted = skills(), list(dict.fromkeys(needed))
    broad = [slug for slug in known.entries if 4 <= len(known.below[slug]) - 1 <= 60]
    roots = dict.fromkeys([*(slug for slug in wanted if len(known.below[slug]) > 4), *chance.sample(broad, FAMILIES)])
    families = {root: tuple(_children(known, root, chance)) for root in roots}
    rest = chance.sample(sorted(known.entries), OTHERS)
    free = list(dict.fromkeys([*(slug for family in families.values() for slug in family), *rest]))
    roles = {slug: _role(chance) for slug in free if slug not in wanted and slug not in families}
    return Chosen(
        families,
        tuple(dict.fromkeys([*wanted, *(slug for slug, role in roles.items() if role is None)])),
        {language: tuple(slug for slug, role in roles.items() if role == language) for language in TEXT_ONLY},
    )


def _children(known: Skills, root: str, chance: Random) -> Iterator[str]:
    narrower = sorted(known.below[root] - {root})
    yield from chance.sample(narrower, min(CHILDREN, len(narrower)))


def _role(chance: Random) -> str | None:
    drawn = chance.random()
    for language, share in TEXT_ONLY.items():
        if drawn < share:
            return language
        drawn -= share
    return None
