"""Runs a collection: a throw-away index with the product's documents, its readings of each query, its ranking."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from crm.errors import Invalid
from crm.reference import Reference
from search.analysis import plain, tokens
from search.audiences import SearchAudience
from search.engines.contract import Document, Engine, SearchRequest, StudentDocuments
from search.evaluation.collection import Collection, Profile
from search.evaluation.metrics import RECALL_AT, ndcg, recall, reciprocal_rank
from search.fields import FOR_EVER, FULL, PARTNERS
from search.filters import Between
from search.projections import finished, mentions, skill_tokens
from search.readings import readings
from search.recognition import recogniser
from search.sorting import SORTS
from search.words import Node, parse_words

EVERYBODY = SearchAudience(FULL, (Between("level", 0, 0),), narrowed="narrows_everyone")
BATCH = 1_000
LONGEST = 240
"""Characters of a query that are read; collections hold whole sentences."""
UNUSED = (
    *("lab", "programme", "degree", "city", "language", "language_level", "graduation_year"),
    *("current_lab", "current_supervisor"),
)
"""Fields of tokens of which a collection says nothing."""
Rank = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Figures:
    queries: int
    ndcg: float
    recall: float
    mrr: float


def figures(collection: Collection, rank: Rank) -> dict[str, Figures]:
    """Kind of query -> the means over its queries; `all` is over all of them."""
    measured: dict[str, list[tuple[float, float, float]]] = {}
    for query in collection.queries:
        found = list(rank(query.text))
        one = (ndcg(found, query.relevant), recall(found, query.relevant), reciprocal_rank(found, query.relevant))
        for kind in dict.fromkeys((query.kind, "all")):
            measured.setdefault(kind, []).append(one)
    return {
        kind: Figures(len(rows), *(fmean(column) for column in zip(*rows, strict=True)))
        for kind, rows in measured.items()
    }


class Product:
    """The product's search over a collection, in an engine that holds nothing else."""

    def __init__(self, engine: Engine, profiles: Sequence[Profile], known: Reference) -> None:
        self.engine, self.known = engine, known
        self.ids = [profile.id for profile in profiles]
        with engine.rebuilding() as writer:
            for start in range(0, len(profiles), BATCH):
                batch = [
                    self._documents(place, profiles[place]) for place in range(start, min(start + BATCH, len(profiles)))
                ]
                writer.write(batch)

    def _documents(self, place: int, profile: Profile) -> StudentDocuments:
        document = document_of(place + 1, profile, self.known)
        return StudentDocuments(place + 1, 1, {FULL: {0: document}, PARTNERS: {}})

    def rank(self, text: str) -> list[str]:
        """The first fifty: whom the first reading finds, then whom each further one adds."""
        found: dict[str, None] = {}
        tree = tree_of(text)
        if tree is None:
            return []
        for step in readings(tree, recogniser(self.known), (), self._count):
            request = SearchRequest(EVERYBODY, step.reading.node, sort=SORTS["relevance"], limit=RECALL_AT)
            found |= dict.fromkeys(self.ids[hit.student_id - 1] for hit in self.engine.search(request).hits)
            if len(found) >= RECALL_AT:
                break
        return list(found)[:RECALL_AT]

    def _count(self, texts: Sequence[Node]) -> list[int]:
        return self.engine.counts(EVERYBODY, texts, frozenset())


def tree_of(text: str) -> Node | None:
    """What is typed into the search field: without what the query language would take for its own signs."""
    words = [word for word in text.replace('"', " ").replace("(", " ").replace(")", " ").split() if tokens(word)]
    kept: list[str] = []
    for word in words:
        if len(" ".join([*kept, word])) > LONGEST or len(kept) >= 24:
            break
        kept.append(word.lstrip("-"))
    try:
        return parse_words(" ".join(word.lower() if word in {"AND", "OR", "NOT"} else word for word in kept))
    except Invalid:
        return None


def document_of(pk: int, profile: Profile, known: Reference) -> Document:
    """As a student's document for the university is."""
    by_slug = known.skills.by_name
    claims = {by_slug[slug].pk: level for slug, level in profile.claims.items() if slug in by_slug}
    backed = {by_slug[slug].pk: profile.claims[slug] for slug in profile.evidenced if slug in by_slug}
    return finished(
        {
            "student": pk,
            "id": f"{pk:032x}",
            "level": 0,
            "names": profile.names,
            "sounds": profile.names,
            "name": plain(" ".join(profile.names)),
            "number": [],
            "headline": [profile.headline],
            "thesis_title": [profile.thesis_title],
            "skills": [known.skills.by_pk[skill].label for skill in claims],
            "affiliation": [],
            "texts": list(profile.texts),
            **mentions([profile.headline, profile.thesis_title, *profile.texts], list(claims), known),
            **skill_tokens("skill", claims, known),
            **skill_tokens("evidenced", backed, known),
            "claimed": [str(skill) for skill in claims],
            **{name: [] for name in UNUSED},
            "placed": ["false"],
            "valid_until": FOR_EVER,
            "graduation": 0,
            "available": None,
            "updated": 0,
        }
    )
