"""Queries by rule: drawn with a seed from the vocabulary and from people's names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from crm.text import fold
from search.evaluation.collection import JudgedQuery
from tests.relevance.declension import CASES, declined
from tests.relevance.judging import CLAIM, Judge, words_of
from tests.relevance.mistakes import in_the_other_layout, mistyped
from tests.relevance.people import Person
from tests.relevance.skills import Chosen, skills
from tests.relevance.spellings import as_in_passports

FEWEST = 2
"""Fewer people than these make no query of skills."""
LAYOUTS = 5
"""Every so many mistyped queries, one in the other keyboard layout."""
Draw = Callable[["Rules"], Iterator[tuple[str, Sequence[str]]]]


@dataclass(frozen=True)
class Rules:
    chosen: Chosen
    people: Sequence[Person]
    judge: Judge
    chance: Random

    def queries(self, kind: str, count: int) -> Iterator[JudgedQuery]:
        """So many of a kind, no text twice."""
        made: dict[str, JudgedQuery] = {}
        draws = self._names() if kind == "names" else self._judged(kind)
        for query in draws:
            made.setdefault(fold(query.text), query)
            if len(made) == count:
                break
        yield from made.values()

    def _judged(self, kind: str) -> Iterator[JudgedQuery]:
        for text, slugs in DRAWS[kind](self):
            relevant = self.judge.relevant_to_all(slugs)
            if len(relevant) >= FEWEST:
                yield JudgedQuery(text, relevant, kind)

    def some(self, slugs: Sequence[str]) -> Iterator[str]:
        """Each once, in a random order."""
        yield from self.chance.sample(slugs, len(slugs))

    def _names(self) -> Iterator[JudgedQuery]:
        """Given and family name in a spelling that the profile does not show."""
        for person in self.chance.sample(self.people, len(self.people)):
            if not person.native or not person.given:
                continue
            family, given = person.native.split(" ", 1) if " " in person.native else (person.native, "")
            cyrillic, passport = f"{given} {family}".strip(), as_in_passports(f"{given} {family}")
            text = cyrillic if person.native not in person.names else passport
            if not given or not passport.isascii():
                continue
            yield JudgedQuery(text, {one.key: CLAIM for one in self.people if one.native == person.native}, "names")


def _exact(rules: Rules) -> Iterator[tuple[str, Sequence[str]]]:
    for slug in rules.some(rules.chosen.claimed):
        yield skills().entries[slug].label_en, [slug]


def _alias(rules: Rules) -> Iterator[tuple[str, Sequence[str]]]:
    """Another name that is no longer or shorter form of the label."""
    for slug in rules.some(rules.chosen.claimed):
        label, short = skills().entries[slug].label_en.lower(), skills().abbreviations(slug)
        names = [name for name in skills().names(slug, "en")[1:] if name not in short]
        others = [name for name in names if name.lower() not in label and label not in name.lower()]
        if others:
            yield rules.chance.choice(others), [slug]


def _abbreviation(rules: Rules) -> Iterator[tuple[str, Sequence[str]]]:
    for slug in rules.some([*rules.chosen.claimed, *rules.chosen.text_only["en"]]):
        label = skills().entries[slug].label_en
        if short := [name for name in skills().abbreviations(slug) if name != label]:
            yield rules.chance.choice(short), [slug]


def _broader(rules: Rules) -> Iterator[tuple[str, Sequence[str]]]:
    for slug in rules.some(list(rules.chosen.families)):
        yield skills().entries[slug].label_en, [slug]


def _typo(rules: Rules) -> Iterator[tuple[str, Sequence[str]]]:
    """One mistake in one of the longer words, so that no word comes of it that anybody wrote."""
    known = rules.judge.words | {
        word for entry in skills().entries.values() for name in entry.spoken_names for word in words_of(name)
    }
    for number, slug in enumerate(rules.some(rules.chosen.claimed)):
        entry = skills().entries[slug]
        if number % LAYOUTS == 0:
            yield in_the_other_layout(entry.label_ru), [slug]
            continue
        wrong = mistyped(entry.label_en if number % 2 else entry.label_ru, rules.chance)
        if wrong and not known.issuperset(words_of(wrong)):
            yield wrong, [slug]


def _russian(rules: Rules) -> Iterator[tuple[str, Sequence[str]]]:
    """Of what is claimed, and of what only English texts name."""
    for slug in rules.some([*rules.chosen.text_only["en"], *rules.chosen.claimed[::2]]):
        entry = skills().entries[slug]
        if entry.label_ru != entry.label_en and not entry.label_ru.isascii():
            yield entry.label_ru, [slug]


def _english(rules: Rules) -> Iterator[tuple[str, Sequence[str]]]:
    for slug in rules.some(rules.chosen.text_only["ru"]):
        entry = skills().entries[slug]
        if entry.label_ru != entry.label_en:
            yield entry.label_en, [slug]


def _inflection(rules: Rules) -> Iterator[tuple[str, Sequence[str]]]:
    for slug in rules.some([*rules.chosen.text_only["ru"], *rules.chosen.claimed[::4]]):
        if form := declined(skills().entries[slug].label_ru, rules.chance.choice(CASES)):
            yield form, [slug]


def _only_in_text(rules: Rules) -> Iterator[tuple[str, Sequence[str]]]:
    for language in rules.some(["en", "ru"] * 200):
        slug = rules.chance.choice(rules.chosen.text_only[language])
        if names := skills().names(slug, language):
            yield rules.chance.choice(names), [slug]


def _combined(rules: Rules) -> Iterator[tuple[str, Sequence[str]]]:
    """Two skills of one person, each under any name in either language."""
    for person in rules.chance.sample(rules.people, len(rules.people)):
        has = [*person.claims, *sorted(person.facts - person.claims.keys())]
        if len(has) < 2:
            continue
        pair = rules.chance.sample(has, 2)
        names = [skills().names(slug, rules.chance.choice(("en", "en", "ru"))) for slug in pair]
        if all(names):
            yield rules.chance.choice((" ", " and ", ", ")).join(map(rules.chance.choice, names)), pair


DRAWS: Mapping[str, Draw] = {
    "exact": _exact,
    "alias": _alias,
    "abbreviation": _abbreviation,
    "broader": _broader,
    "typo": _typo,
    "russian_for_english": _russian,
    "english_for_russian": _english,
    "inflection": _inflection,
    "only_in_text": _only_in_text,
    "combined": _combined,
}
KINDS = (*DRAWS, "names")
