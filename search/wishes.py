"""Which skills, labs and languages a search asked for, counted for the gap report: never by whom, or in which words."""

from collections.abc import Iterator

from crm.access import Role
from crm.actions.wishes import Asked, count_wishes
from crm.models import User, WishKind
from search.parameters import PLACES
from search.query import CandidateQuery
from search.readings import Step
from search.words import All, Any, Concept, Node, Some

FEW = 5
"""Who finds fewer finds few."""


def count_searched(query: CandidateQuery, step: Step | None, *, count: int, by: User) -> None:
    """Partners' searches, each once: who turns a page searches no more. Where words had to be left out, few were found.

    Searches of the university are not counted: whoever reads the report could find out single ones by adding own ones.
    """
    if by.role == Role.PARTNER and not any(name in query.values for name in PLACES):
        count_wishes(wishes_of(query, step), few=count < FEW or bool(step and step.least))


def wishes_of(query: CandidateQuery, step: Step | None) -> set[Asked]:
    return {*_of_filters(query), *(_of_words(step) if step else ())}


def _of_filters(query: CandidateQuery) -> Iterator[Asked]:
    values, known = query.values, query.known
    for wish in (*values.get("skill", ()), *values.get("skill_any", ())):
        yield WishKind.SKILL.value, known.skills.by_pk[wish.skill_id].slug
    for lab in values.get("lab", ()):
        yield WishKind.LAB.value, known.labs.by_pk[lab].slug
    for code, _ in values.get("language", ()):
        yield WishKind.LANGUAGE.value, code


def _of_words(step: Step) -> Iterator[Asked]:
    for concept in _concepts(step.reading.node):
        for name in step.reading.concepts[concept].names:
            yield name.kind, name.entry.slug


def _concepts(node: Node) -> Iterator[Concept]:
    """Those that were asked for; not what was taken back."""
    match node:
        case Concept():
            yield node
        case All(parts) | Any(parts) | Some(parts):
            for part in parts:
                yield from _concepts(part)
