"""Candidate queries: one typed declaration for each parameter and facet. A new filter is one line in FILTERS."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm import reference
from crm.errors import Invalid
from crm.models import Degree
from crm.reference import Reference
from search.fields import ANY_EVIDENCE, level_token
from search.filters import Between, Condition, Terms
from search.sorting import SORTS, Position, Sort
from search.values import (
    SkillWish,
    Wrong,
    calendar_date,
    entry_of,
    flag,
    language_level,
    one_of,
    position,
    skill_wish,
    text_of,
    whole_number,
    year,
)
from search.words import Node, parse_words

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
    Parameter("degree", one_of(*Degree.values), "Any of these degrees.", "master", True, _any_of("degree")),
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
        conditions=lambda v: [
            Between("graduation", low=1, high=date(v["graduation_to"][0], 12, 31).toordinal())
        ],
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
        one_of("true", "false", "any"),
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
    Parameter(
        "sort", one_of(*SORTS), f"One of {', '.join(SORTS)}. Without q, relevance means updated.", "updated"
    ),
    Parameter(
        "page",
        whole_number(1, DEEPEST_HIT),
        f"Page number; together with page_size it reaches hit {DEEPEST_HIT:,}.",
        "2",
    ),
    Parameter(
        "page_size", whole_number(1, LARGEST_PAGE), f"Results a page, to {LARGEST_PAGE}; 20 by default.", "50"
    ),
    Parameter(
        "cursor",
        position,
        "As given in `next` and `previous`; for the sorts updated and graduation, any depth.",
    ),
)
"""What shapes the answer rather than narrows it."""


@dataclass(frozen=True, slots=True)
class Facet:
    """Counts of one field's values. `replaces`: the parameters that choosing a value would replace (none: it is added)."""

    name: str
    replaces: frozenset[str] = frozenset()


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
    one_of("true", "false", *_FACETS_ALLOWED),
    f"Which facets to count: {', '.join(_FACETS_ALLOWED)}. All by default.",
    "lab",
    True,
)
PARAMETERS: Mapping[str, Parameter] = {p.name: p for p in (*SHAPE, *FILTERS, FACETS_PARAMETER)}


@dataclass(frozen=True, slots=True)
class CandidateQuery:
    values: Values
    text: Node | None
    conditions: tuple[tuple[str, Condition], ...]
    """(parameter, condition): all of them must hold."""
    sort: Sort
    page: int
    page_size: int
    position: Position | None
    facets: tuple[Facet, ...]
    known: Reference

    @property
    def evidenced(self) -> bool:
        return self.values.get("evidenced") == [True]


def parse_query(params: Mapping[str, Sequence[str]]) -> CandidateQuery:
    """Reads the parameters of a request. Raises Invalid that names every wrong field."""
    known = reference.current()
    values, problems = _read(params, known)
    text = None
    try:
        text = parse_words(str(values.get("q", [""])[0]))
    except Invalid as error:
        problems |= error.fields
    if not problems:
        problems = _contradictions(values, text)
    if problems:
        raise Invalid("Some parameters cannot be taken.", fields=problems)
    return _query(values, text, known)


def _read(
    params: Mapping[str, Sequence[str]], known: Reference
) -> tuple[dict[str, list[Any]], dict[str, list[str]]]:
    values: dict[str, list[Any]] = {}
    problems: dict[str, list[str]] = {}
    for name, texts in params.items():
        given = [text.strip() for text in texts if text.strip()]
        try:
            read = _read_one(name, given, known)
        except Wrong as error:
            problems[name] = [str(error)]
            continue
        if read:
            values[name] = read
    return values, problems


def _read_one(name: str, texts: Sequence[str], known: Reference) -> list[Any]:
    parameter = PARAMETERS.get(name)
    if parameter is None:
        raise Wrong(f"Unknown parameter. Allowed: {', '.join(PARAMETERS)}.")
    if len(texts) > (MOST_VALUES if parameter.repeatable else 1):
        raise Wrong(
            f"{len(texts)} values are too many: {MOST_VALUES if parameter.repeatable else 1} allowed."
        )
    # A comma separates facets too: `facets=lab,skill`.
    parts = [part for text in texts for part in text.split(",")] if name == "facets" else texts
    return list(dict.fromkeys(parameter.read(part.strip(), known) for part in parts))


def _contradictions(values: Values, text: Node | None) -> dict[str, list[str]]:
    if "graduation_from" in values and "graduation_to" in values:
        if values["graduation_from"][0] > values["graduation_to"][0]:
            return {"graduation_to": ["This year is before graduation_from."]}
    if values.get("page", [1])[0] * values.get("page_size", [20])[0] > DEEPEST_HIT:
        return {"page": [f"Pages end at hit {DEEPEST_HIT:,}; sort=updated and a cursor reach further."]}
    if "cursor" in values and "page" in values:
        return {"cursor": ["Use either page or cursor."]}
    if "cursor" in values and not _sort(values, text).has_cursor:
        return {"cursor": ["A cursor goes with sort=updated or sort=graduation."]}
    return {}


def _sort(values: Values, text: Node | None) -> Sort:
    name = values.get("sort", ["relevance"])[0]
    return SORTS["updated" if name == "relevance" and text is None else name]


def _query(values: Values, text: Node | None, known: Reference) -> CandidateQuery:
    conditions = [
        (f.name, c) for f in FILTERS if f.name in values or f.name == "placed" for c in f.conditions(values)
    ]
    return CandidateQuery(
        values=values,
        text=text,
        conditions=tuple(conditions),
        sort=_sort(values, text),
        page=values.get("page", [1])[0],
        page_size=values.get("page_size", [20])[0],
        position=values.get("cursor", [None])[0],
        facets=_facets(values.get("facets", ["all"])),
        known=known,
    )


def _facets(names: Sequence[str]) -> tuple[Facet, ...]:
    if {"none", "false"} & set(names):
        return ()
    return FACETS if {"all", "true"} & set(names) else tuple(facet for facet in FACETS if facet.name in names)
