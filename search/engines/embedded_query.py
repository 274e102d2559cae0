"""A search request in tantivy's terms: queries from analysed tokens, facets, and hits in the contract's order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tantivy import DocAddress, FieldType, Occur, Order, Query, Schema, Searcher

from search.engines.contract import LARGEST_FACET, FacetRequest, Hit, SearchRequest, most_frequent
from search.fields import ANY_EVIDENCE
from search.filters import Between, Condition, Either, Terms, Without
from search.ranking import Begins, Best, Excluded, InField, Like, Points, Scored, Sum, ranked

ID_BITS = 22
"""A position is one number: the value, then the leading bits of the public id."""

EVERY_TOKEN = 65_000


def position_key(value: int, public_id: str) -> int:
    return value << ID_BITS | int(public_id, 16) >> (128 - ID_BITS)


def id_high(public_id: str) -> int:
    """The leading 64 bits of a public id, which order like the whole."""
    return int(public_id, 16) >> 64


@dataclass(frozen=True)
class Compiler:
    """Builds queries over one index; everything but the text is wrapped to add nothing to the score."""

    schema: Schema
    family: str

    def request(self, request: SearchRequest, *, without: frozenset[str] = frozenset()) -> Query:
        """The query of a request, leaving out the conditions of some parameters (for facets)."""
        conditions = [
            *request.audience.conditions,
            *(c for name, c in request.conditions if name not in without),
        ]
        parts = [(Occur.Must, self._silent(self.condition(condition))) for condition in conditions]
        if request.text is not None:
            parts.append((Occur.Must, self.scored(ranked(request.text, self.family, request.wishes))))
        if request.excluded:
            gone = Query.term_set_query(self.schema, "student_key", [str(pk) for pk in request.excluded])
            parts.append((Occur.MustNot, gone))
        return Query.boolean_query(parts)

    @staticmethod
    def _silent(query: Query) -> Query:
        return Query.const_score_query(query, 0.0)

    def condition(self, condition: Condition) -> Query:
        match condition:
            case Terms(field, (token,)):
                return Query.term_query(self.schema, field, token, "basic")
            case Terms(field, tokens):
                return Query.term_set_query(self.schema, field, list(tokens)) if tokens else Query.empty_query()
            case Between(field, low, high):
                return Query.range_query(self.schema, field, FieldType.Unsigned, low, high)
            case Either(parts):
                return Query.boolean_query([(Occur.Should, self.condition(part)) for part in parts])
            case Without(part):
                return self._all_but(self.condition(part))

    @staticmethod
    def _all_but(query: Query) -> Query:
        return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, query)])

    def scored(self, part: Scored) -> Query:
        match part:
            case InField(field, (term,), weight):
                return Query.boost_query(Query.term_query(self.schema, field, term, "freq"), weight)
            case InField(field, terms, weight):
                return Query.boost_query(Query.phrase_query(self.schema, field, list(terms)), weight)
            case Like(field, term, edits, points):
                return Query.const_score_query(Query.fuzzy_term_query(self.schema, field, term, edits), points)
            case Begins(field, beginning):
                return self._silent(Query.regex_query(self.schema, field, f"{re.escape(beginning)}.*"))
            case Points(filtered, points):
                return Query.const_score_query(self.condition(filtered), points)
            case Best(parts, others):
                return Query.disjunction_max_query([self.scored(one) for one in parts], others)
            case Excluded(one):
                return self._silent(self._all_but(self.scored(one)))
            case Sum(must, should, least):
                return self._sum(must, should, least)

    def _sum(self, must: Sequence[Scored], should: Sequence[Scored], least: int) -> Query:
        parts = [
            (occur, self.scored(one)) for occur, group in ((Occur.Must, must), (Occur.Should, should)) for one in group
        ]
        return Query.boolean_query(parts, minimum_number_should_match=least or None)


@dataclass(frozen=True, slots=True)
class Row:
    key: Any
    id_high: int
    address: DocAddress

    @property
    def place(self) -> tuple[int, int]:
        return self.key >> ID_BITS, self.id_high


def count_and_hits(
    searcher: Searcher, query: Query, request: SearchRequest, schema: Schema
) -> tuple[int, list[Hit], bool]:
    """The number of all matches, the requested hits in the contract's order, and whether more follow them."""
    if not request.limit:
        return 0, [], False
    count, rows = _rows(searcher, query, request, schema)
    page = rows[request.offset : request.offset + request.limit]
    students = searcher.fast_field_values("student", [row.address for row in page])
    values = [row.place[0] if request.sort.has_cursor else 0 for row in page]
    hits = [Hit(int(student or 0), value) for student, value in zip(students, values, strict=True)]
    backwards = request.position is not None and request.position.backwards
    return count, hits[::-1] if backwards else hits, len(rows) > request.offset + request.limit


def count_of(searcher: Searcher, query: Query) -> int:
    total: int = searcher.search(query, 1, count=True).count  # type: ignore[attr-defined] # left out of the stub
    return total


def _rows(searcher: Searcher, query: Query, request: SearchRequest, schema: Schema) -> tuple[int, list[Row]]:
    """Reads on until the last wanted row cannot be tied with one not read: ties are ordered by public id here."""
    field = f"{request.sort.field}_key" if request.sort.field else None
    descending = request.sort.descending != bool(request.position and request.position.backwards)
    window = _beyond(query, request, schema, descending=descending)
    count = None if window is query else count_of(searcher, query)
    wanted = request.offset + request.limit
    limit = wanted + 8
    while True:
        order = Order.Desc if descending else Order.Asc
        result = searcher.search(window, limit, count=True, order_by_field=field, order=order)
        rows = _in_order(searcher, result.hits, request, descending=descending)
        tied = len(rows) < wanted or rows[wanted - 1].key == result.hits[-1][0]
        if len(result.hits) < limit or not tied:
            total: int = result.count  # type: ignore[attr-defined] # left out of the stub
            return total if count is None else count, rows
        limit *= 4


def _in_order(
    searcher: Searcher, hits: Sequence[tuple[Any, DocAddress]], request: SearchRequest, *, descending: bool
) -> list[Row]:
    highs = searcher.fast_field_values("id_high", [address for _, address in hits])
    rows = [Row(key, int(high or 0), address) for (key, address), high in zip(hits, highs, strict=True)]
    if request.sort.field is None:
        return sorted(rows, key=lambda row: (-row.key, row.id_high))
    if not request.sort.has_cursor:
        return rows
    ordered = sorted(rows, key=lambda row: row.place, reverse=descending)
    if request.position is None:
        return ordered
    start = (request.position.value, id_high(request.position.public_id))
    return [row for row in ordered if (row.place < start if descending else row.place > start)]


def _beyond(query: Query, request: SearchRequest, schema: Schema, *, descending: bool) -> Query:
    """The query cut to what lies on the far side of a position; its own ties are dropped later."""
    if request.position is None:
        return query
    edge = position_key(request.position.value, request.position.public_id)
    bounds = (None, edge) if descending else (edge, None)
    beyond = Query.range_query(schema, f"{request.sort.field}_key", FieldType.Unsigned, *bounds)
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, beyond)])


def facet_counts(
    searcher: Searcher, query: Query, facets: Sequence[FacetRequest], size: int = 2 * LARGEST_FACET
) -> dict[str, list[tuple[str, int]]]:
    """The most frequent tokens of each facet's field among the matches; equal counts by token."""
    if not facets:
        return {}
    answer = searcher.aggregate(query, {name: wish for facet in facets for name, wish in _wishes(facet, size)})
    counts: dict[str, list[tuple[str, int]]] = {}
    for facet in facets:
        if facet.only is not None:
            found = ((token, int(answer[_name(facet, token)]["doc_count"])) for token in facet.only)
            counts[facet.name] = most_frequent(found)
            continue
        buckets = answer[facet.name]["buckets"]
        ranked = most_frequent((bucket["key"], int(bucket["doc_count"])) for bucket in buckets)
        # Cut among equal counts: which of them come first by token is only known once all are read. One place is
        # spared for the token that is left out below.
        if size <= len(buckets) < EVERY_TOKEN and ranked[LARGEST_FACET][1] == ranked[-1][1]:
            return facet_counts(searcher, query, facets, EVERY_TOKEN)
        counts[facet.name] = [pair for pair in ranked if pair[0] != ANY_EVIDENCE][:LARGEST_FACET]
    return counts


def _wishes(facet: FacetRequest, size: int) -> Iterator[tuple[str, dict[str, object]]]:
    """Single tokens are counted much faster than those of all documents, of which few are wanted."""
    if facet.only is None:
        yield facet.name, {"terms": {"field": facet.field, "size": size, "segment_size": EVERY_TOKEN}}
        return
    for token in facet.only:
        yield _name(facet, token), {"filter": f'{facet.field}:"{token}"'}


def _name(facet: FacetRequest, token: str) -> str:
    return f"{facet.name} {token}"
