"""A candidate query: what the parameters of a request ask for, checked as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm import reference
from crm.errors import Invalid
from crm.reference import Reference
from search.filters import Condition
from search.parameters import DEEPEST_HIT, FACETS, FILTERS, MOST_VALUES, PARAMETERS, Facet, Values
from search.sorting import SORTS, Position, Sort
from search.values import Wrong
from search.words import Node, parse_words

PAGE_SIZE = 20


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


def _read(params: Mapping[str, Sequence[str]], known: Reference) -> tuple[dict[str, list[Any]], dict[str, list[str]]]:
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
        raise Wrong(f"{len(texts)} values are too many: {MOST_VALUES if parameter.repeatable else 1} allowed.")
    # A comma separates facets too: `facets=lab,skill`.
    parts = [part for text in texts for part in text.split(",")] if name == "facets" else texts
    return list(dict.fromkeys(parameter.read(part.strip(), known) for part in parts))


def _contradictions(values: Values, text: Node | None) -> dict[str, list[str]]:
    first, last = values.get("graduation_from", [0])[0], values.get("graduation_to", [9999])[0]
    if first > last:
        return {"graduation_to": ["This year is before graduation_from."]}
    if values.get("page", [1])[0] * values.get("page_size", [PAGE_SIZE])[0] > DEEPEST_HIT:
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
    conditions = [(f.name, c) for f in FILTERS if f.name in values or f.name == "placed" for c in f.conditions(values)]
    return CandidateQuery(
        values=values,
        text=text,
        conditions=tuple(conditions),
        sort=_sort(values, text),
        page=values.get("page", [1])[0],
        page_size=values.get("page_size", [PAGE_SIZE])[0],
        position=values.get("cursor", [None])[0],
        facets=_facets(values.get("facets", ["all"])),
        known=known,
    )


def _facets(names: Sequence[str]) -> tuple[Facet, ...]:
    if {"none", "false"} & set(names):
        return ()
    return FACETS if {"all", "true"} & set(names) else tuple(facet for facet in FACETS if facet.name in names)
