"""What a prefix may mean: skills, labs and names, drawn only from what the viewer may see."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from crm import reference
from crm.access import reach_of, require
from crm.actions.disclosures import record_disclosures
from crm.errors import Invalid
from crm.models import DisclosureKind, User
from search import outbox
from search.analysis import tokens
from search.audiences import SearchAudience, audience_for
from search.cards import load_cards
from search.engines import engine
from search.engines.contract import FacetRequest, SearchRequest
from search.filters import Terms
from search.sorting import SORTS
from search.words import All, Prefix

MOST = 8
"""Suggestions of each kind."""
MOST_COUNTED = 48
"""Skills, or labs, whose students are counted at first: to count all that begin with a letter takes long."""
LONGEST = 100
Counting = Callable[[Mapping[str, Sequence[int]]], Mapping[str, Mapping[int, int]]]
"""Kind -> skills or labs that are wanted; answered with how many students each has, of equals the first token first."""
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
    found = concepts(prefix, lambda wanted: _counts(wanted, audience, excluded))
    return [*found, *_people(prefix, user, audience, excluded)]


def concepts(prefix: str, counting: Counting) -> Iterable[dict[str, Any]]:
    """Skills and labs that at least one student whom the viewer sees has.

    Labels that begin so come before other names, and those before words within names; the most frequent first. Where
    there are many, the broadest skills are counted, and the others where that leaves places free.
    """
    known = reference.current()
    kinds = {"skill": known.skills, "lab": known.labs}
    ranks = {kind: names.starting(prefix) for kind, names in kinds.items()}
    ranked = {
        "skill": sorted(ranks["skill"], key=lambda pk: (ranks["skill"][pk], -known.breadth.get(pk, 0))),
        "lab": sorted(ranks["lab"], key=ranks["lab"].__getitem__),
    }
    counts = counting({kind: pks[:MOST_COUNTED] for kind, pks in ranked.items()})
    few = [kind for kind in kinds if len(counts[kind]) < MOST]
    others = counting({kind: ranked[kind][MOST_COUNTED:] for kind in few})
    for kind, names in kinds.items():
        found = {**counts[kind], **others.get(kind, {})}
        for pk in sorted(found, key=lambda pk: (ranks[kind][pk], -found[pk]))[:MOST]:
            entry = names.by_pk[pk]
            yield {"kind": kind, "value": entry.slug, "label": entry.label, "count": found[pk]}


def _counts(
    wanted: Mapping[str, Sequence[int]], audience: SearchAudience, excluded: frozenset[int]
) -> dict[str, dict[int, int]]:
    """Kind -> skill or lab -> how many students, where there are any."""
    facets = [FacetRequest(kind, kind, only=frozenset(map(str, pks))) for kind, pks in wanted.items() if pks]
    if not facets:
        return {kind: {} for kind in wanted}
    request = SearchRequest(audience, conditions=OPEN, limit=0, facets=facets, excluded=excluded)
    answer = engine().search(request).facets
    return {kind: {int(token): count for token, count in answer.get(kind, ())} for kind in wanted}


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
