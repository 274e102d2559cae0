"""What the product must reach, by kind of query, on both engines."""

from collections.abc import Iterator, Mapping

from search.evaluation.comparing import Comparison
from search.evaluation.report import differences

BARS: Mapping[str, float] = {
    "alias": 0.95,
    "abbreviation": 0.95,
    "typo": 0.90,
    "russian_for_english": 0.90,
    "english_for_russian": 0.90,
    "broader": 0.85,
    "inflection": 0.80,
    "names": 0.95,
    "only_in_text": 0.90,
    "combined": 0.80,
}
"""Kind -> the least nDCG@10."""
BESIDE_PLAIN: Mapping[str, float] = {"exact": -0.02, "sentences": 0.0}
"""Kind -> the least nDCG@10 above that of plain BM25 of the same engine."""


def missed(comparison: Comparison) -> Iterator[str]:
    """A sentence for each bar that is not reached."""
    for kind, least in BARS.items():
        if kind in comparison.product and (reached := comparison.product[kind].ndcg) < least:
            yield f"{comparison.engine}: {kind} reaches nDCG@10 {reached:.3f}, less than {least:.2f}."
    for kind, least in BESIDE_PLAIN.items():
        if kind in comparison.product and (above := differences(comparison)[kind]) < least:
            yield f"{comparison.engine}: {kind} is {above:+.3f} beside plain BM25, less than {least:+.2f}."
