"""The people of the collection: what they claim, what their texts name, and the texts themselves."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from crm.demo.contents import contents
from crm.demo.names import draw_people
from crm.demo.theses import Thesis, theses
from search.evaluation.collection import Profile
from tests.relevance.declension import CASES, declined
from tests.relevance.skills import Chosen, skills

DATA = Path(__file__).parent / "data"
SHOWN = (("latin", "native"), ("latin",), ("native",))
"""Which spellings of a name a profile shows ..."""
HOW_OFTEN = (40, 35, 25)
"""... and how often, out of a hundred."""
RUSSIAN = 0.4


@dataclass(frozen=True)
class Person:
    key: str
    given: str
    family: str
    native: str
    """Family name first; blank where the name has Latin letters alone."""
    names: tuple[str, ...]
    """As the profile shows them."""
    claims: Mapping[str, int] = field(default_factory=dict)
    facts: frozenset[str] = frozenset()
    """Skills that the texts name."""
    headline: str = ""
    title: str = ""
    texts: tuple[str, ...] = ()

    @property
    def written(self) -> tuple[str, ...]:
        return (self.headline, self.title, *self.texts)

    def profile(self) -> Profile:
        return Profile(self.key, self.texts, self.names, self.headline, self.title, self.claims)


def read_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def by_hand() -> Iterator[Person]:
    for key, row in read_toml("people.toml").items():
        latin, native = row.get("name", ""), row.get("native", "")
        given, _, family = latin.partition(" ")
        names = tuple(filter(None, (latin, native)))
        facts, texts = frozenset(row["facts"]), tuple(row["texts"])
        yield Person(key, given, family, native, names, row.get("claims", {}), facts, row["headline"], "", texts)


def generated(count: int, chosen: Chosen, chance: Random) -> Iterator[Person]:
    frames, shelves = read_toml("frames.toml"), _Shelves(chance)
    groups = [group for group in contents().names if not group.family_first_joined]
    for number, drawn in enumerate(islice(draw_people(groups, chance), count)):
        language = "ru" if chance.random() < RUSSIAN else "en"
        claims = _claims(chosen, chance)
        thesis = shelves.next(language)
        writer = _Writer(frames[language], language, thesis, chance)
        mentioned = _mentioned(chosen, claims, language, chance)
        headline, texts = writer.headline(list(claims)), writer.texts(list(claims), mentioned)
        latin = f"{drawn.given} {drawn.family}"
        spellings = {"latin": latin, "native": drawn.native}
        shown = chance.choices(SHOWN, HOW_OFTEN)[0] if drawn.native else ("latin",)
        yield Person(
            f"p{number}",
            *(drawn.given, drawn.family, drawn.native, tuple(spellings[one] for one in shown)),
            *(claims, frozenset(writer.named), headline, thesis.title, (*texts, thesis.abstract)),
        )


def _claims(chosen: Chosen, chance: Random) -> dict[str, int]:
    """Some of one family, some of any."""
    family = [slug for slug in chance.choice(list(chosen.families.values())) if slug in chosen.claimed]
    own = chance.sample(family, min(len(family), chance.randint(1, 3)))
    others = chance.sample(chosen.claimed, chance.randint(2, 4))
    return {slug: chance.randint(1, 5) for slug in dict.fromkeys([*own, *others])}


def _mentioned(chosen: Chosen, claims: Mapping[str, int], language: str, chance: Random) -> list[str]:
    only = chance.sample(chosen.text_only[language], chance.randint(1, 2))
    others = [slug for slug in chance.sample(chosen.claimed, 1) if slug not in claims]
    return [*only, *others]


class _Shelves:
    """Theses of all labs in turn."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        texts = contents().texts
        self.open = {
            language: [theses(lab, language, texts[language], chance) for lab in contents().labs]
            for language in ("en", "ru")
        }

    def next(self, language: str) -> Thesis:
        return next(self.chance.choice(self.open[language]))


class _Writer:
    """Fills frames with names of skills, and keeps which it named."""

    def __init__(self, frames: Mapping[str, Sequence[str]], language: str, thesis: Thesis, chance: Random) -> None:
        self.frames, self.language, self.thesis, self.chance = frames, language, thesis, chance
        self.named: set[str] = set()

    def headline(self, claims: list[str]) -> str:
        return self._capital(self._filled(self.chance.choice(self.frames["headlines"]), claims))

    def texts(self, claims: list[str], mentioned: list[str]) -> tuple[str, ...]:
        own = self._filled(self.chance.choice(self.frames["claimed"]), self.chance.sample(claims, len(claims)))
        besides = [self._mention(slug) for slug in mentioned]
        fillers = self.chance.sample(self.frames["fillers"], 2)
        sentences = [own, *besides, *(one.format(n=self.chance.randint(2, 4)) for one in fillers)]
        return (" ".join(map(self._capital, sentences)),)

    def _mention(self, slug: str) -> str:
        cases = {f"a_{case}": declined(self._label(slug), case) for case in CASES}
        if "declined" in self.frames and all(cases.values()) and self.chance.random() < 0.6:
            self.named.add(slug)
            return self.chance.choice(self.frames["declined"]).format(**cases)
        return self._filled(self.chance.choice(self.frames["mentioned"]), [slug])

    def _label(self, slug: str) -> str:
        return skills().names(slug, self.language)[0] if skills().names(slug, self.language) else ""

    def _filled(self, frame: str, slugs: Sequence[str]) -> str:
        marks = [mark for mark in "abc" if f"{{{mark}}}" in frame]
        self.named.update(slugs[: len(marks)])
        names = {mark: self._name(slug) for mark, slug in zip(marks, slugs, strict=False)}
        return frame.format(topic=self.thesis.subject, **names)

    def _name(self, slug: str) -> str:
        """One of its names, as it stands in the middle of a sentence."""
        names = skills().names(slug, self.language) or [skills().entries[slug].label_en]
        name = self.chance.choice([names[0], *names])
        return name[:1].lower() + name[1:] if " " in name and name[1:2].islower() else name

    @staticmethod
    def _capital(text: str) -> str:
        return text[:1].upper() + text[1:]
