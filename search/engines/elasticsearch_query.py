"""A search request in Elasticsearch's terms, built with elasticsearch.dsl."""

from collections.abc import Sequence

from elasticsearch.dsl import Q, Search
from elasticsearch.dsl.query import Query

from search.audiences import SearchAudience
from search.engines.contract import LARGEST_FACET, FacetRequest, SearchRequest
from search.fields import ANY_EVIDENCE
from search.filters import Between, Condition, Either, Terms, Without
from search.ranking import Begins, Best, Excluded, InField, Like, Points, Scored, Sum, ranked
from search.words import Node


def searches(request: SearchRequest) -> list[tuple[list[FacetRequest], Search]]:
    """The main search, then one without hits for each facet whose parameters are active; each with what it counts.

    Two to three times faster than a post filter, and the audience stays in the query.
    """
    active = {name for name, _ in request.conditions}
    own = [facet for facet in request.facets if facet.replaces & active]
    common = [facet for facet in request.facets if facet not in own]
    main = _page(_counting(_search(request), common), request)
    return [(common, main)] + [
        ([facet], _counting(_search(request, without=facet.replaces), [facet])[:0]) for facet in own
    ]


def _search(request: SearchRequest, *, without: frozenset[str] = frozenset()) -> Search:
    conditions = [*request.audience.conditions, *(c for name, c in request.conditions if name not in without)]
    parts: dict[str, list[Query]] = {"filter": [condition(part) for part in conditions]}
    if request.excluded:
        parts["must_not"] = [Q("terms", student=sorted(request.excluded))]
    if request.text is not None:
        parts["must"] = [scored(ranked(request.text, request.audience.family, request.wishes))]
    return Search().query("bool", **parts).source(False)


def counting(audience: SearchAudience, text: Node, excluded: frozenset[int]) -> Search:
    """A search without hits that counts what a text finds."""
    return _search(SearchRequest(audience, text, excluded=excluded))[:0].extra(track_total_hits=True)


def _page(search: Search, request: SearchRequest) -> Search:
    if not request.limit:
        return search[:0].extra(track_total_hits=False)
    # Beyond a position one more is asked for: it tells whether hits follow.
    last = request.offset + request.limit + bool(request.position)
    search = search.extra(track_total_hits=True)[request.offset : last]
    backwards = request.position is not None and request.position.backwards
    order = "desc" if request.sort.descending != backwards else "asc"
    if request.sort.field is None:
        # Scores come highest first by themselves; "-_score" is refused.
        return search.sort("_score", "id")
    sign = "-" if order == "desc" else ""
    search = search.sort(f"{sign}{request.sort.field}", f"{sign}id")
    if request.position is not None:
        search = search.extra(search_after=[request.position.value, request.position.public_id])
    return search


def _counting(search: Search, facets: Sequence[FacetRequest]) -> Search:
    for facet in facets:
        if facet.only is not None:
            # Much faster than the terms of all documents, of which few are counted.
            tokens = {token: Q("term", **{facet.field: token}) for token in sorted(facet.only)}
            search.aggs.bucket(facet.name, "filters", filters=tokens or {"": Q("match_none")}, keyed=False)
            continue
        exclude = {"exclude": [ANY_EVIDENCE]} if facet.field == "evidenced" else {}
        search.aggs.bucket(facet.name, "terms", field=facet.field, size=LARGEST_FACET, **exclude)
    return search


def condition(part: Condition) -> Query:
    match part:
        case Terms(field, tokens):
            return Q("terms", **{field: list(tokens)})
        case Between(field, low, high):
            bounds = {"gte": low, "lte": high}
            return Q("range", **{field: {name: bound for name, bound in bounds.items() if bound is not None}})
        case Either(()):
            # An empty bool query matches everything.
            return Q("match_none")
        case Either(parts):
            return Q("bool", should=[condition(one) for one in parts], minimum_should_match=1)
        case Without(inner):
            return Q("bool", must_not=[condition(inner)])


def scored(part: Scored) -> Query:
    match part:
        case InField(field, (term,), weight):
            return Q("term", **{field: {"value": term, "boost": weight}})
        case InField(field, terms, weight):
            return Q("match_phrase", **{field: {"query": " ".join(terms), "boost": weight}})
        case Like(field, term, edits, points):
            return Q("constant_score", filter=_alike(field, term, edits), boost=points)
        case Begins(field, beginning):
            return Q("bool", filter=[Q("prefix", **{field: beginning})])
        case Points(filtered, points):
            return Q("constant_score", filter=condition(filtered), boost=points)
        case Best(parts, others):
            return Q("dis_max", queries=[scored(one) for one in parts], tie_breaker=others)
        case Excluded(one):
            return Q("bool", must_not=[scored(one)])
        case Sum(must, should, least):
            named = {"must": [scored(one) for one in must], "should": [scored(one) for one in should]}
            return Q("bool", minimum_should_match=least, **{name: found for name, found in named.items() if found})


def _alike(field: str, term: str, edits: int) -> Query:
    """Without the rewrite, only the first fifty terms that are alike would count."""
    wish = {"value": term, "fuzziness": edits, "transpositions": True, "rewrite": "constant_score"}
    return Q("fuzzy", **{field: wish})
