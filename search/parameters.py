"""The parameters of candidate search, declared once each: how a value is read and which conditions it makes.

A new filter is one entry of FILTERS, a new facet one of FACETS.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.models import Degree
from crm.reference import Reference
from search.fields import ANY_EVIDENCE, level_token
from search.filters import Between, Condition, Terms
from search.sorting import SORTS
from search.values import (
    OneOf,
    SkillWish,
    calendar_date,
    entry_of,
    flag,
    language_level,
    position,
    skill_wish,
    text_of,
    whole_number,
    year,
)

PAGING = ("page", "page_size")
PLACES = ("page", "cursor")
"""Say where in an answer one is, not what is asked for."""

DEEPEST_HIT = 10_000
LARGEST_PAGE = 100
MOST_VALUES = 32

Values = Mapping[str, Sequence[Any]]
"""Parameter -> its values as read."""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    read: Callable[[str, Reference], Any]
    description: str
    example: str = ""
    repeatable: bool = False
    conditions: Callable[[Values], Iterable[Condition]] = lambda values: ()


def _any_of(name: str) -> Callable[[Values], Iterable[Condition]]:
    return lambda values: [Terms(name, tuple(map(str, values[name])))]


def _skill_terms(wishes: Sequence[SkillWish], values: Values) -> tuple[str, tuple[str, ...]]:
    field = "evidenced_level" if values.get("evidenced") == [True] else "skill_level"
    return field, tuple(level_token(wish.skill_id, wish.level) for wish in wishes)


def _all_skills(values: Values) -> Iterable[Condition]:
    return [Terms(*_skill_terms([wish], values)) for wish in values["skill"]]


def _any_skill(values: Values) -> Iterable[Condition]:
    return [Terms(*_skill_terms(values["skill_any"], values))]


def _evidenced(values: Values) -> Iterable[Condition]:
    """Skills asked for carry the demand themselves; without one, any evidence will do."""
    asked = "skill" in values or "skill_any" in values
    return [Terms("evidenced", (ANY_EVIDENCE,))] if values["evidenced"] == [True] and not asked else []


def _languages(values: Values) -> Iterable[Condition]:
    return [Terms("language_level", (level_token(code, level),)) for code, level in values["language"]]


def _placed(values: Values) -> Iterable[Condition]:
    wanted = values.get("placed", ["false"])[0]
    return [] if wanted == "any" else [Terms("placed", (wanted,))]


FILTERS = (
    Parameter(
        "lab",
        entry_of("lab", "labs"),
        "Any of these labs, past or present (slug or id).",
        "genome-editing",
        True,
        _any_of("lab"),
    ),
    Parameter(
        "skill",
        skill_wish,
        "All of these skills; `crispr:3` for level 3 and up; a broader skill includes its narrower ones.",
        "crispr:3",
        True,
        _all_skills,
    ),
    Parameter("skill_any", skill_wish, "Any of these skills.", "python", True, _any_skill),
    Parameter(
        "evidenced",
        flag,
        "Only with evidence for every skill asked for; without a skill, for at least one.",
        "true",
        conditions=_evidenced,
    ),
    Parameter(
        "programme",
        entry_of("programme", "programmes"),
        "Any of these programmes (slug or id).",
        "life-sciences",
        True,
        _any_of("programme"),
    ),
    Parameter("degree", OneOf(*Degree.values), "Any of these degrees.", "master", True, _any_of("degree")),
    Parameter(
        "graduation_from",
        year,
        "Graduates of this year or later.",
        "2024",
        conditions=lambda v: [Between("graduation", low=date(v["graduation_from"][0], 1, 1).toordinal())],
    ),
    Parameter(
        "graduation_to",
        year,
        "Graduates of this year or earlier.",
        "2027",
        conditions=lambda v: [Between("graduation", low=1, high=date(v["graduation_to"][0], 12, 31).toordinal())],
    ),
    Parameter(
        "available_by",
        calendar_date,
        "Known to be available on this date.",
        "2027-01-31",
        conditions=lambda v: [Between("available", high=v["available_by"][0].toordinal())],
    ),
    Parameter(
        "city",
        entry_of("city", "cities"),
        "Any of these cities, as home or as willing to work there (slug or id).",
        "kazan",
        True,
        _any_of("city"),
    ),
    Parameter(
        "language",
        language_level,
        "All of these languages; `ru:B2` for B2 and up.",
        "ru:B2",
        True,
        _languages,
    ),
    Parameter(
        "placed",
        OneOf("true", "false", "any"),
        "Those hired already: `true` only them, `any` them too; they are left out otherwise.",
        "any",
        conditions=_placed,
    ),
)
SHAPE = (
    Parameter(
        "q",
        text_of,
        'Words, all of them by default; "phrases", AND OR NOT, -word, parentheses.',
        '"gene editing" AND python',
    ),
    Parameter("sort", OneOf(*SORTS), f"One of {', '.join(SORTS)}. Without q, relevance means updated.", "updated"),
    Parameter(
        "page",
        whole_number(1, DEEPEST_HIT),
        f"Page number; together with page_size it reaches hit {DEEPEST_HIT:,}.",
        "2",
    ),
    Parameter("page_size", whole_number(1, LARGEST_PAGE), f"Results a page, to {LARGEST_PAGE}; 20 by default.", "50"),
    Parameter(
        "cursor",
        position,
        "As given in `next` and `previous`; for the sorts updated and graduation, any depth.",
    ),
)
"""What shapes the answer rather than narrows it."""


@dataclass(frozen=True, slots=True)
class Facet:
    """Counts of one field's values."""

    name: str
    replaces: frozenset[str] = frozenset()
    """The parameters whose values choosing one would replace; none: it is added to them."""


FACETS = (
    Facet("lab", frozenset({"lab"})),
    Facet("skill"),
    Facet("programme", frozenset({"programme"})),
    Facet("degree", frozenset({"degree"})),
    Facet("graduation_year", frozenset({"graduation_from", "graduation_to"})),
    Facet("city", frozenset({"city"})),
    Facet("language"),
)
_FACETS_ALLOWED = ("all", "none", *(facet.name for facet in FACETS))
FACETS_PARAMETER = Parameter(
    "facets",
    OneOf("true", "false", *_FACETS_ALLOWED),
    f"Which facets to count: {', '.join(_FACETS_ALLOWED)}. All by default.",
    "lab",
    True,
)
PARAMETERS: Mapping[str, Parameter] = {p.name: p for p in (*SHAPE, *FILTERS, FACETS_PARAMETER)}
