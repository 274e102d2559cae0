"""Figures as a table for people and as parts for programs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from search.evaluation.comparing import PLAIN, PRODUCT, ByKind, Comparison

HEADINGS = ("kind", "queries", "nDCG@10", "recall@50", "MRR", "plain nDCG", "plain recall", "plain MRR")
ALL = "all"


def table(comparison: Comparison) -> str:
    """A row for each kind, the product's figures before those of plain BM25 of the same engine."""
    rows = [_row(kind, comparison.product[kind], comparison.plain[kind]) for kind in _kinds(comparison.product)]
    return _aligned([HEADINGS, *rows])


def ablation(comparison: Comparison) -> str:
    """nDCG@10 by kind, whole and without each part."""
    ways = {"whole": comparison.product, **comparison.without}
    rows = [(kind, *(_shown(figures[kind].ndcg) for figures in ways.values())) for kind in _kinds(comparison.product)]
    return _aligned([("nDCG@10", *ways), *rows])


def parts(comparison: Comparison) -> dict[str, Any]:
    ways = {PRODUCT: comparison.product, PLAIN: comparison.plain, **comparison.without}
    return {name: {kind: asdict(one) for kind, one in figures.items()} for name, figures in ways.items()}


def _kinds(figures: ByKind) -> list[str]:
    """The mean over all of them last."""
    return [*(kind for kind in figures if kind != ALL), ALL]


def _row(kind: str, product: Any, plain: Any) -> tuple[str, ...]:
    own, other = ((one.ndcg, one.recall, one.mrr) for one in (product, plain))
    return (kind, str(product.queries), *map(_shown, (*own, *other)))


def _shown(value: float) -> str:
    return f"{value:.3f}"


def _aligned(rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(_lines(list(rows)))


def _lines(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells])


def differences(comparison: Comparison) -> Mapping[str, float]:
    """Kind -> by how much the product's nDCG@10 is above that of plain BM25."""
    return {kind: one.ndcg - comparison.plain[kind].ndcg for kind, one in comparison.product.items()}
