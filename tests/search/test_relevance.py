"""What the ranking reaches on the judged collections stays above the bars; `make relevance` prints all of it."""

import pytest

from search.evaluation.collection import Collection
from search.evaluation.comparing import compare
from tests.relevance.bars import missed
from tests.relevance.collections import profiles
from tests.relevance.sentences import sentences
from tests.search.contract.asking import ENGINES
from tests.search.shipped_reference import shipped

COLLECTIONS = {"profiles": profiles, "sentences": sentences}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_the_bars_are_held(engine: str, collection: str) -> None:
    judged: Collection = COLLECTIONS[collection]()
    assert not list(missed(compare(engine, judged, shipped())))
