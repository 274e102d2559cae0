"""What a prefix may mean: skills, labs and names, drawn only from what the viewer may see."""

from collections.abc import Iterable, Mapping
from typing import Any

from crm import reference
from crm.access import reach_of, require
from crm.actions.disclosures import record_disclosures
from crm.errors import Invalid
from crm.models import DisclosureKind, User
from crm.reference import Entry
from search import outbox
from search.analysis import tokens
from search.audiences import SearchAudience, audience_for
from search.cards import load_cards
from search.engines import engine
from search.engines.contract import FacetRequest, SearchRequest
from search.filters import Either, Terms
from search.sorting import SORTS
from search.words import All, Prefix

MOST = 8
"""Suggestions of each kind."""
LONGEST = 100
OPEN = [("placed", Terms("placed", ("false",)))]
"""As in search, those hired already are left out."""


def suggest(*, user: User, prefix: str) -> list[dict[str, Any]]:
    """Skills, labs and candidates whose name has a word that begins so: {"kind", "value", "label"}.

    Candidates whose names are shown get a disclosure. Raises Invalid for an overlong prefix.
    """
    require(user, "candidate.search")
    if len(prefix) > LONGEST:
        raise Invalid.field("prefix", f"{len(prefix)} characters are too many: {LONGEST} are allowed.")
    if not tokens(prefix):
        return []
    audience = audience_for(reach_of(user))
    excluded = outbox.excluded_for(audience)
    return [*_concepts(prefix, audience, excluded), *_people(prefix, user, audience, excluded)]


def _concepts(prefix: str, audience: SearchAudience, excluded: frozenset[int]) -> Iterable[dict[str, Any]]:
    """Skills and labs that at least one student whom the viewer sees has; the most frequent first."""
    known = reference.current()
    entries = {kind: names.starting(prefix) for kind, names in (("skill", known.skills), ("lab", known.labs))}
    counts = _counts(
        {kind: {str(entry.pk): entry for entry in found} for kind, found in entries.items()},
        audience,
        excluded,
    )
    for kind, found in counts.items():
        for entry, count in found[:MOST]:
            yield {"kind": kind, "value": entry.slug, "label": entry.label, "count": count}


def _counts(
    entries: Mapping[str, Mapping[str, Entry]], audience: SearchAudience, excluded: frozenset[int]
) -> dict[str, list[tuple[Entry, int]]]:
    wanted = {kind: found for kind, found in entries.items() if found}
    if not wanted:
        return {}
    anyone = Either(tuple(Terms(kind, tuple(found)) for kind, found in wanted.items()))
    facets = [FacetRequest(kind, kind, only=frozenset(found)) for kind, found in wanted.items()]
    request = SearchRequest(audience, conditions=[*OPEN, ("prefix", anyone)], limit=0, facets=facets, excluded=excluded)
    answer = engine().search(request).facets
    return {kind: [(found[token], count) for token, count in answer[kind]] for kind, found in wanted.items()}


def _people(prefix: str, user: User, audience: SearchAudience, excluded: frozenset[int]) -> Iterable[dict[str, Any]]:
    text = All(tuple(Prefix(token) for token in tokens(prefix)))
    found = engine().search(SearchRequest(audience, text, OPEN, SORTS["name"], limit=MOST, excluded=excluded))
    reach = reach_of(user)
    ids = [hit.student_id for hit in found.hits]
    if not ids or reach is None:
        return
    cards = load_cards(reach, ids, reference.current(), with_texts=False)
    record_disclosures(student_ids=cards, kind=DisclosureKind.SUGGESTION, by=user)
    for pk in ids:
        if card := cards.get(pk):
            shown = card.as_json(staff=False)
            yield {"kind": "candidate", "value": shown["id"], "label": shown["name"]}
