"""Random requests on a random corpus: every engine finds, counts and orders what the oracle does."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.engines.contract import Engine
from tests.search.contract.asking import OFFICE, request
from tests.search.contract.corpus import people
from tests.search.contract.oracle import Params, Tree, Viewer, expect
from tests.search.contract.wishes import params, trees, viewers


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    viewer=viewers,
    asked=params(),
    tree=st.none() | trees(),
    excluded=st.frozensets(st.integers(1, 300), max_size=20),
)
@example(viewer=OFFICE, asked={}, tree=None, excluded=frozenset())
@example(viewer=OFFICE, asked={}, tree=("not", ("word", "absent")), excluded=frozenset(range(1, 300, 2)))
def test_a_request_finds_counts_and_orders_as_the_oracle(
    loaded: Engine, viewer: Viewer, asked: Params, tree: Tree | None, excluded: frozenset[int]
) -> None:
    wanted = expect(people(), viewer, asked, tree, excluded)
    found = loaded.search(request(viewer, asked, tree=tree, excluded=excluded))
    assert found.count == len(wanted.ids)
    assert dict(found.facets) == wanted.facets
    size, page = int(asked.get("page_size", ["20"])[0]), int(asked.get("page", ["1"])[0])
    ids, slot = [hit.student_id for hit in found.hits], slice((page - 1) * size, page * size)
    if tree and asked.get("sort", ["relevance"]) == ["relevance"]:
        assert len(ids) == len(wanted.ids[slot]) == len(set(ids))
        assert set(ids) <= set(wanted.ids)
    else:
        assert ids == wanted.ids[slot]
