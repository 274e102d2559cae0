"""Random requests on a random corpus: every engine finds, counts and orders what the oracle does."""

from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm.errors import Invalid
from search.engines.contract import Engine
from search.sorting import Position
from search.values import write_cursor
from tests.search.contract.asking import OFFICE, request
from tests.search.contract.corpus import people
from tests.search.contract.oracle import Params, Tree, Viewer, expect
from tests.search.contract.random_requests import params, trees, viewers


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


PIECES = [
    "first",
    "AND",
    "OR",
    "NOT ",
    "-",
    "(",
    ")",
    '"',
    " ",
    "C++",
    "ё",
    "*",
    "\0",
    "¶",
    "ͺ",
    "ﷺ",
    "½",
    "a:b",
    "[1 TO 2]",
    "/x/",
]
QUESTIONS = st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join) | st.text(max_size=60)
CURSORS = st.builds(
    Position, st.integers(-(2**70), 2**70) | st.integers(0, 2**42), st.uuids().map(lambda one: one.hex), st.booleans()
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(q=QUESTIONS, sort=st.sampled_from(["relevance", "updated", "graduation", "name"]), cursor=st.none() | CURSORS)
@example(q="", sort="updated", cursor=Position(2**42 - 1, "f" * 32))
@example(q="", sort="graduation", cursor=Position(0, "0" * 32, backwards=True))
@example(q="", sort="updated", cursor=Position(-1, "0" * 32))
@example(q="", sort="updated", cursor=Position(2**42, "0" * 32))
def test_whatever_the_parameters_take_is_answered(loaded: Engine, q: str, sort: str, cursor: Position | None) -> None:
    asked = {"q": [q], "sort": [sort], **({"cursor": [write_cursor(cursor)]} if cursor else {})}
    try:
        made = replace(request(OFFICE, asked), position=cursor)
    except Invalid:
        return
    found = loaded.search(made)
    assert 0 <= len(found.hits) <= found.count <= len(people())
