"""The main job: what a user finds, opens and is suggested, exactly as far as consent and role allow."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from crm.access import Reach, reach_of, require
from crm.actions.disclosures import record_disclosures
from crm.errors import Unavailable
from crm.models import Degree, DisclosureKind, User
from crm.reference import Names, Reference
from search import outbox
from search.answers import did_you_mean, said
from search.audiences import SearchAudience, audience_for
from search.cards import STAFF, Card, load_cards
from search.engines import engine
from search.engines.contract import FacetRequest, Found, SearchRequest
from search.matching import explain
from search.parameters import DEEPEST_HIT, FACETS, Facet
from search.query import CandidateQuery
from search.readings import Step, readings
from search.recognition import recogniser
from search.sorting import Position
from search.values import SkillWish, write_cursor
from search.wishes import count_searched
from search.words import Node

TRIES = 3
FACET_NAMES = [facet.name for facet in FACETS]
Link = dict[str, str] | None
"""The parameters that lead to another page: either `page` or `cursor`."""


@dataclass(frozen=True, slots=True)
class CandidatePage:
    count: int
    results: list[dict[str, Any]]
    understood: dict[str, Any] | None
    """How the words were read; None without words."""
    did_you_mean: str | None
    facets: dict[str, list[dict[str, Any]]]
    next: Link
    previous: Link


def find_candidates(*, user: User, query: CandidateQuery) -> CandidatePage:
    """One page of candidates with facets and explanations; each student shown gets a disclosure.

    Raises NotAllowed where the role does not search, Unavailable where the engine does not answer.
    """
    require(user, "candidate.search")
    reach = reach_of(user)
    audience = audience_for(reach)
    # Before the engine is asked: what is narrowed later was narrowed after this search began.
    excluded = outbox.excluded_for(audience)
    answer = first_answer(reach, audience, query, steps_of(audience, query, excluded), excluded)
    page = page_of(answer, query, by=user)
    count_searched(query, answer.step, count=answer.found.count, by=user)
    return page


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine found, and the students of the page as the database shows them."""

    found: Found
    cards: dict[int, Card]
    step: Step | None
    """How the words were read; None without words."""

    @property
    def shown(self) -> list[Card]:
        return [self.cards[hit.student_id] for hit in self.found.hits]


def page_of(answer: Answer, query: CandidateQuery, *, by: User) -> CandidatePage:
    """The page that is answered, with its disclosures."""
    found, shown, step = answer.found, answer.shown, answer.step
    record_disclosures(student_ids=[hit.student_id for hit in found.hits], kind=DisclosureKind.SEARCH_PAGE, by=by)
    staff = by.role in STAFF
    following, previous = _links(query, found, shown)
    typed = step if step and "q" in query.values else None
    return CandidatePage(
        count=found.count,
        results=[card.as_json(staff=staff) | explain(card, query, step.reading if step else None) for card in shown],
        understood=said(typed) if typed else None,
        did_you_mean=did_you_mean(typed, query, shown) if typed else None,
        # Facets of people of whom none is shown would be a disclosure that nobody reads of.
        facets=_facets(found.facets, query.known) if shown or not found.count else {},
        next=following,
        previous=previous,
    )


def first_answer(
    reach: Reach | None,
    audience: SearchAudience,
    query: CandidateQuery,
    steps: Iterable[Step],
    excluded: frozenset[int],
) -> Answer:
    """Reads the words in one way after another until somebody is found; where nobody is, the first way counts."""
    assert reach is not None
    if query.text is None:
        return Answer(*_shown(reach, audience, query, None, excluded), None)
    first: Answer | None = None
    for step in steps:
        answer = Answer(*_shown(reach, audience, query, step.reading.node, excluded), step)
        first = first or answer
        if answer.found.count:
            return answer
    assert first
    return first


def steps_of(audience: SearchAudience, query: CandidateQuery, excluded: frozenset[int]) -> Iterator[Step]:
    """The ways to read the words of a query; none without words."""
    if query.text is not None:
        yield from _readings(audience, query, query.text, excluded)


def _readings(audience: SearchAudience, query: CandidateQuery, text: Node, excluded: frozenset[int]) -> Iterator[Step]:
    return readings(
        text,
        recogniser(query.known),
        [wish.skill_id for wish in _wishes(query)],
        lambda texts: engine().counts(audience, texts, excluded),
        typed=str(query.values["q"][0]) if "q" in query.values else "",
    )


def _wishes(query: CandidateQuery) -> list[SkillWish]:
    return [*query.values.get("skill", ()), *query.values.get("skill_any", ())]


def _shown(
    reach: Reach, audience: SearchAudience, query: CandidateQuery, text: Node | None, excluded: frozenset[int]
) -> tuple[Found, dict[int, Card]]:
    """Searches until the database shows every hit: one that it does not show is excluded, and all is counted again."""
    for _ in range(TRIES):
        found = engine().search(_request(audience, query, excluded, text))
        ids = [hit.student_id for hit in found.hits]
        cards = load_cards(reach, ids, query.known, with_texts=text is not None) if ids else {}
        unseen = set(ids) - cards.keys()
        if not unseen:
            return found, cards
        excluded |= unseen
    raise Unavailable("Many changes of who may see whom are being taken in. Try again shortly.", retry_after=1)


def _request(
    audience: SearchAudience, query: CandidateQuery, excluded: frozenset[int], text: Node | None
) -> SearchRequest:
    return SearchRequest(
        audience=audience,
        text=text,
        wishes=_wishes(query),
        conditions=query.conditions,
        sort=query.sort,
        offset=0 if query.position else (query.page - 1) * query.page_size,
        limit=query.page_size,
        position=query.position,
        facets=[FacetRequest(facet.name, _field(facet, query), facet.replaces) for facet in query.facets],
        excluded=excluded,
    )


def _field(facet: Facet, query: CandidateQuery) -> str:
    """With `evidenced`, a skill that is chosen must be backed; so only backed ones are counted."""
    return "evidenced" if facet.name == "skill" and query.evidenced else facet.name


def _facets(counts: Mapping[str, list[tuple[str, int]]], known: Reference) -> dict[str, list[dict[str, Any]]]:
    return {name: list(_labelled(name, counts[name], known)) for name in FACET_NAMES if name in counts}


def _labelled(name: str, pairs: list[tuple[str, int]], known: Reference) -> Iterable[dict[str, Any]]:
    names: Names | None = {
        "lab": known.labs,
        "skill": known.skills,
        "programme": known.programmes,
        "city": known.cities,
    }.get(name)
    for token, count in pairs:
        if names is None:
            label = str(Degree(token).label) if name == "degree" else token
            yield {"value": token, "label": label, "count": count}
        elif entry := names.by_pk.get(int(token)):
            yield {"value": entry.slug, "label": entry.label, "count": count}


def _links(query: CandidateQuery, found: Found, shown: list[Card]) -> tuple[Link, Link]:
    if query.sort.has_cursor:
        return _cursor_links(query, found, shown)
    last = query.page * query.page_size
    more = last < found.count and last + query.page_size <= DEEPEST_HIT
    return {"page": str(query.page + 1)} if more else None, _page_before(query, found)


def _page_before(query: CandidateQuery, found: Found) -> Link:
    """Past the last hit, the way back leads to the last page there is."""
    last = max(1, ceil(found.count / query.page_size))
    return {"page": str(min(query.page - 1, last))} if query.page > 1 else None


def _cursor_links(query: CandidateQuery, found: Found, shown: list[Card]) -> tuple[Link, Link]:
    if not shown:
        return None, None if query.position else _page_before(query, found)
    backwards = bool(query.position and query.position.backwards)
    places = [Position(hit.value, card.row["public_id"].hex) for hit, card in zip(found.hits, shown, strict=True)]
    has_next = backwards or found.more
    has_previous = found.more if backwards else query.position is not None or query.page > 1
    before = Position(places[0].value, places[0].public_id, backwards=True)
    return (
        {"cursor": write_cursor(places[-1])} if has_next else None,
        {"cursor": write_cursor(before)} if has_previous else None,
    )
