"""Weights of relevance, in one table."""

from collections.abc import Mapping

WEIGHTS: Mapping[str, float] = {
    "names": 4.0,
    "number": 4.0,
    "skills": 3.0,
    "headline": 3.0,
    "thesis_title": 2.0,
    "affiliation": 1.5,
    "texts": 1.0,
}
"""Field of words -> how much a word there counts. A word's score is that of its best field ..."""

OTHER_FIELDS = 0.1
"""... and this share of what it scores in the others."""
