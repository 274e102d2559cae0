"""Runs the queries of a collection: with the product's readings of each and its ranking, or with a plain search."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from crm.reference import Reference
from search.analysis import plain
from search.audiences import SearchAudience
from search.engines.contract import Engine, SearchRequest
from search.evaluation.collection import Collection
from search.evaluation.metrics import RECALL_AT, ndcg, recall, reciprocal_rank
from search.evaluation.parts import WHOLE, Parts
from search.fields import FULL
from search.filters import Between
from search.readings import readings
from search.sorting import SORTS
from search.understanding import tokens_of
from search.words import PARTED_BY, All, Node, leaf_of

EVERYBODY = SearchAudience(FULL, (Between("level", 0, 0),), narrowed="narrows_everyone")
MOST_WORDS = 64
"""Words of a query that are read; collections hold whole abstracts."""
Rank = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Figures:
    queries: int
    ndcg: float
    recall: float
    mrr: float


def figures(collection: Collection, rank: Rank, done: Callable[[], object] = lambda: None) -> dict[str, Figures]:
    """Kind of query -> the means over its queries; `all` is over all of them. `done` is called after each query."""
    measured: dict[str, list[tuple[float, float, float]]] = {}
    for query in collection.queries:
        found = list(rank(query.text))
        one = (ndcg(found, query.relevant), recall(found, query.relevant), reciprocal_rank(found, query.relevant))
        for kind in dict.fromkeys((query.kind, "all")):
            measured.setdefault(kind, []).append(one)
        done()
    return {kind: _mean(rows) for kind, rows in measured.items()}


def _mean(rows: Sequence[tuple[float, float, float]]) -> Figures:
    return Figures(len(rows), *(fmean(column) for column in zip(*rows, strict=True)))


class Product:
    """The product's search over an index that holds nothing but a collection, whose ids these are."""

    def __init__(self, engine: Engine, ids: Sequence[str], known: Reference, parts: Parts = WHOLE) -> None:
        self.engine, self.ids, self.known, self.parts = engine, ids, known, parts
        self.count = parts.count(lambda texts: engine.counts(EVERYBODY, texts, frozenset()))

    def rank(self, text: str) -> list[str]:
        """The first fifty: whom the first reading finds, then whom each further one adds."""
        found: dict[str, None] = {}
        for node in self._trees(text):
            request = SearchRequest(EVERYBODY, node, sort=SORTS["relevance"], limit=RECALL_AT)
            found |= dict.fromkeys(self.ids[hit.student_id - 1] for hit in self.engine.search(request).hits)
            if len(found) >= RECALL_AT:
                break
        return list(found)[:RECALL_AT]

    def _trees(self, text: str) -> Iterator[Node]:
        tree = tree_of(text)
        steps = readings(tree, self.parts.recogniser(self.known), (), self.count) if tree else ()
        return (self.parts.tree(step.reading.node) for step in steps)


def tree_of(text: str) -> Node | None:
    """The words of a text as if they were typed; what the query language takes for signs of its own is none here.

    Of long texts the first words count, each once: never an error.
    """
    parts: dict[str, Node] = {}
    for typed in PARTED_BY.split(text):
        if leaf := leaf_of(typed):
            parts.setdefault(" ".join(map(plain, tokens_of(leaf))), leaf)
    kept = tuple(parts.values())[:MOST_WORDS]
    return All(kept) if len(kept) > 1 else kept[0] if kept else None
