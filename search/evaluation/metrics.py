"""What is measured of a ranking, each between 0 and 1."""

import math
from collections.abc import Mapping, Sequence

Judged = Mapping[str, float]
"""Id of a relevant document -> its grade, above 0; all others are worth nothing."""
NDCG_AT, RECALL_AT = 10, 50


def ndcg(ranking: Sequence[str], judged: Judged, at: int = NDCG_AT) -> float:
    """Discounted cumulative gain over that of the best ranking (Järvelin and Kekäläinen 2002), with linear gains."""
    best = _gain(sorted(judged.values(), reverse=True)[:at])
    return _gain([judged.get(found, 0.0) for found in ranking[:at]]) / best if best else 0.0


def _gain(grades: Sequence[float]) -> float:
    return sum(grade / math.log2(place + 2) for place, grade in enumerate(grades))


def recall(ranking: Sequence[str], judged: Judged, at: int = RECALL_AT) -> float:
    """The share of the relevant documents (of `at` at the most) that stand among the first `at`."""
    return len(judged.keys() & set(ranking[:at])) / min(len(judged), at) if judged else 0.0


def reciprocal_rank(ranking: Sequence[str], judged: Judged) -> float:
    """One over the place of the first relevant document; 0 without one."""
    return next((1 / place for place, found in enumerate(ranking, 1) if found in judged), 0.0)
