"""What a search must answer, found by looking at everybody: plain Python that shares no code with the engines."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.search.contract.corpus import Person, name_key
from tests.search.contract.facts import (
    CITIES,
    EVALUATED,
    LABS,
    NOW,
    PROFESSORS,
    PROGRAMMES,
    SKILLS,
    pk_of,
    with_broader,
    words_of,
)

Params = Mapping[str, Sequence[str]]
CEFR = ("A1", "A2", "B1", "B2", "C1", "C2")


@dataclass(frozen=True)
class Viewer:
    role: str
    pk: int = 0


@dataclass(frozen=True)
class View:
    """A person as one viewer sees them."""

    person: Person
    evidenced: Mapping[str, int]
    """Backed skills, broader ones included -> level."""
    with_number: bool

    def rows(self) -> Iterator[tuple[bool, list[tuple[str, str]]]]:
        """(is it a name, the words of one text)."""
        one = self.person
        for name in (one.given, one.family, one.native, *([one.number] if self.with_number else ())):
            yield True, words_of(name)
        labels = [SKILLS[slug][0] for slug in one.skills]
        places = [*(LABS[slug] for slug in one.labs), PROGRAMMES.get(one.programme, "")]
        for text in (one.headline, one.thesis_title, *one.texts, *labels, *places):
            yield False, words_of(text)


def view(person: Person, viewer: Viewer) -> View | None:
    """None where the viewer does not see the person."""
    if viewer.role == "partner":
        level = person.levels.get(viewer.pk, person.levels.get(None, 0))
        if not level or person.partners_until <= NOW:
            return None
        shared = {slug for slug, how in person.evidence.items() if how == "shared"}
        return View(person, _backed(person, shared if level == EVALUATED else set()), with_number=False)
    if viewer.role == "professor":
        own = person.current_labs & set(PROFESSORS[viewer.pk]) or viewer.pk in person.supervisors
        if not own or person.professors_until <= NOW:
            return None
    return View(person, _backed(person, set(person.evidence)), with_number=True)


def _backed(person: Person, slugs: set[str]) -> dict[str, int]:
    return with_broader({slug: level for slug, level in person.skills.items() if slug in slugs})


# Words --------------------------------------------------------------------------------------------------------------

Tree = tuple[Any, ...]
"""("word", spelling) ("phrase", text) ("and", *trees) ("or", *trees) ("not", tree)."""


def holds(tree: Tree, seen: View) -> bool:
    kind, *parts = tree
    if kind == "and":
        return all(holds(part, seen) for part in parts)
    if kind == "or":
        return any(holds(part, seen) for part in parts)
    if kind == "not":
        return not holds(parts[0], seen)
    return any(_in_a_row(words_of(parts[0]), row, is_name) for is_name, row in seen.rows())


def _in_a_row(wanted: list[tuple[str, str]], row: list[tuple[str, str]], is_name: bool) -> bool:
    """Names hold a form, texts any form of its family."""
    which = 0 if is_name else 1
    sought, there = [word[which] for word in wanted], [word[which] for word in row]
    return any(there[i : i + len(sought)] == sought for i in range(len(there)))


# Filters ------------------------------------------------------------------------------------------------------------


def _skill(seen: View, wish: str, params: Params) -> bool:
    slug, _, level = wish.partition(":")
    has = seen.evidenced if params.get("evidenced") == ["true"] else with_broader(seen.person.skills)
    return has.get(slug, 0) >= int(level or 1)


def _language(seen: View, wish: str) -> bool:
    code, _, level = wish.partition(":")
    return seen.person.languages.get(code, 0) >= (CEFR.index(level) + 1 if level else 1)


def _evidenced(seen: View, values: Sequence[str], params: Params) -> bool:
    return values == ["false"] or "skill" in params or "skill_any" in params or bool(seen.evidenced)


FILTERS: Mapping[str, Callable[[View, Sequence[str], Params], bool]] = {
    "lab": lambda seen, values, _: bool(seen.person.labs & set(values)),
    "skill": lambda seen, values, params: all(_skill(seen, wish, params) for wish in values),
    "skill_any": lambda seen, values, params: any(_skill(seen, wish, params) for wish in values),
    "evidenced": _evidenced,
    "programme": lambda seen, values, _: seen.person.programme in values,
    "degree": lambda seen, values, _: seen.person.degree in values,
    "graduation_from": lambda seen, values, _: _year(seen) >= int(values[0]),
    "graduation_to": lambda seen, values, _: 0 < _year(seen) <= int(values[0]),
    "available_by": lambda seen, values, _: bool(
        seen.person.available and seen.person.available <= date.fromisoformat(values[0])
    ),
    "city": lambda seen, values, _: bool(seen.person.cities & set(values)),
    "language": lambda seen, values, _: all(_language(seen, wish) for wish in values),
    "placed": lambda seen, values, _: values == ["any"] or values == [str(seen.person.placed).lower()],
}


def _year(seen: View) -> int:
    return seen.person.graduation.year if seen.person.graduation else 0


# Facets and orders --------------------------------------------------------------------------------------------------

FACETS: Mapping[str, tuple[set[str], Callable[[View, bool], Sequence[str]]]] = {
    "lab": ({"lab"}, lambda seen, _: [str(pk_of(LABS, slug)) for slug in seen.person.labs]),
    "skill": (set(), lambda seen, evidenced: _skill_values(seen, evidenced)),
    "programme": (
        {"programme"},
        lambda seen, _: [str(pk_of(PROGRAMMES, p)) for p in [seen.person.programme] if p],
    ),
    "degree": ({"degree"}, lambda seen, _: [d for d in [seen.person.degree] if d]),
    "graduation_year": (
        {"graduation_from", "graduation_to"},
        lambda seen, _: [str(_year(seen))] if _year(seen) else [],
    ),
    "city": ({"city"}, lambda seen, _: [str(pk_of(CITIES, slug)) for slug in seen.person.cities]),
    "language": (set(), lambda seen, _: list(seen.person.languages)),
}
"""Name -> parameters that choosing a value replaces, and the values of a person."""


def _skill_values(seen: View, evidenced: bool) -> list[str]:
    has = seen.evidenced if evidenced else with_broader(seen.person.skills)
    return [str(pk_of(SKILLS, slug)) for slug in has]


ORDERS: Mapping[str, Callable[[Person], Any]] = {
    "updated": lambda one: (one.updated, one.public_id.hex),
    "graduation": lambda one: (one.graduation.toordinal() if one.graduation else 0, one.public_id.hex),
    "name": lambda one: (name_key(one), one.public_id.hex),
}


@dataclass(frozen=True)
class Expected:
    ids: list[int]
    """All students found, in the order of the sort."""
    facets: dict[str, list[tuple[str, int]]]


def expect(
    people: Sequence[Person],
    viewer: Viewer,
    params: Params,
    tree: Tree | None = None,
    excluded: frozenset[int] = frozenset(),
) -> Expected:
    """By relevance the order of `ids` is by public id: only the set counts."""
    asked = {"placed": ["false"], **{name: params[name] for name in params if name in FILTERS}}
    seen = [found for one in people if one.pk not in excluded and (found := view(one, viewer))]
    worded = [one for one in seen if tree is None or holds(tree, one)]
    failed = {
        one.person.pk: {name for name, values in asked.items() if not FILTERS[name](one, values, params)}
        for one in worded
    }
    sort = params.get("sort", ["relevance"])[0]
    order = ORDERS.get("updated" if sort == "relevance" and tree is None else sort, lambda x: x.public_id.hex)
    hits = sorted((one.person for one in worded if not failed[one.person.pk]), key=order, reverse=sort != "name")
    evidenced = params.get("evidenced") == ["true"]
    facets: dict[str, list[tuple[str, int]]] = {}
    for name, (replaces, values) in FACETS.items():
        counted = Counter(
            value for one in worded if failed[one.person.pk] <= replaces for value in values(one, evidenced)
        )
        facets[name] = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return Expected([one.pk for one in hits], facets)
