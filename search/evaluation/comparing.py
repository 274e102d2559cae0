"""The product beside the plain search of the same engine, and beside itself without this or that part."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from crm.reference import Reference
from search.evaluation.collection import Collection, Profile
from search.evaluation.documents import whole_texts, write
from search.evaluation.engines import RIVALS, Rivals
from search.evaluation.parts import WHOLE, Parts
from search.evaluation.running import Figures, Product, figures

ByKind = Mapping[str, Figures]
Progress = Callable[[Iterable[Profile]], Iterable[Profile]]
PRODUCT, PLAIN = "product", "plain BM25"


@dataclass(frozen=True)
class Comparison:
    """What each way to search reached on one engine, by kind of query."""

    engine: str
    product: ByKind
    plain: ByKind
    without: Mapping[str, ByKind] = field(default_factory=dict)
    """Part that is switched off -> figures of the rest."""


@dataclass(frozen=True)
class Watch:
    """Who is told how far it is."""

    profiles: Progress = lambda profiles: profiles
    query: Callable[[], object] = lambda: None


SILENT = Watch()


def compare(
    engine: str,
    collection: Collection,
    known: Reference,
    *,
    without: Mapping[str, Parts] | None = None,
    watch: Watch = SILENT,
) -> Comparison:
    """Raises Invalid where there is no such engine, Unavailable where it does not answer."""
    ways = {PRODUCT: WHOLE, **(without or {})}
    with RIVALS[engine]() as rivals:
        plain = _plain(rivals, collection, known, watch)
        reached = _reached(rivals, collection, known, ways, watch)
    return Comparison(engine, reached.pop(PRODUCT), plain, {name: reached[name] for name in ways if name in reached})


def _plain(rivals: Rivals, collection: Collection, known: Reference, watch: Watch) -> ByKind:
    with rivals.plain(whole_texts(_watched(collection, watch), known)) as rank:
        return figures(collection, rank, watch.query)


def _reached(
    rivals: Rivals, collection: Collection, known: Reference, ways: Mapping[str, Parts], watch: Watch
) -> dict[str, ByKind]:
    """Ways that share an index are run one after the other."""
    reached: dict[str, ByKind] = {}
    for in_texts in dict.fromkeys(parts.in_texts for parts in ways.values()):
        ids = write(rivals.engine, _watched(collection, watch), known, in_texts=in_texts)
        for name, parts in ways.items():
            if parts.in_texts is in_texts:
                reached[name] = figures(collection, Product(rivals.engine, ids, known, parts).rank, watch.query)
    return reached


def _watched(collection: Collection, watch: Watch) -> Collection:
    return replace(collection, profiles=watch.profiles(collection.profiles))
