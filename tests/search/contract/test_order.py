"""Sorts, pages and cursors: nobody twice, nobody lost, the same order on both engines."""

from dataclasses import replace

import pytest

from search.engines.contract import Engine
from search.sorting import Position
from tests.search.contract.asking import OFFICE, ids, request, write
from tests.search.contract.corpus import documents, people
from tests.search.contract.facts import VERESK
from tests.search.contract.oracle import Params, Viewer, expect

VIEWERS = [OFFICE, Viewer("partner", VERESK)]
TEXT = ("or", ("word", "sequence"), ("word", "геномов"), ("word", "C++"))


def place_of(pk: int, sort: str, *, backwards: bool = False) -> Position:
    one = people()[pk - 1]
    graduation = one.graduation.toordinal() if one.graduation else 0
    return Position(one.updated if sort == "updated" else graduation, one.public_id.hex, backwards)


@pytest.mark.parametrize("sort", ["updated", "graduation", "name"])
@pytest.mark.parametrize("viewer", VIEWERS)
def test_all_pages_together_are_the_whole_in_order(loaded: Engine, viewer: Viewer, sort: str) -> None:
    asked: Params = {"sort": [sort], "page_size": ["17"], "facets": ["none"], "placed": ["any"]}
    wanted = expect(people(), viewer, asked).ids
    pages = range(1, len(wanted) // 17 + 3)
    read = [loaded.search(request(viewer, {**asked, "page": [str(page)]})) for page in pages]
    assert [hit.student_id for page in read for hit in page.hits] == wanted
    assert [page.more for page in read] == [page * 17 < len(wanted) for page in pages]
    assert {page.count for page in read} == {len(wanted)}


def test_pages_by_relevance_hold_each_candidate_once(loaded: Engine) -> None:
    asked: Params = {"page_size": ["17"], "facets": ["none"], "placed": ["any"]}
    wanted = expect(people(), OFFICE, asked, TEXT).ids
    pages = range(1, len(wanted) // 17 + 2)
    read = [pk for page in pages for pk in ids(loaded, OFFICE, {**asked, "page": [str(page)]}, tree=TEXT)]
    assert sorted(read) == sorted(wanted)
    assert read == [
        pk
        for size in ["100"]
        for page in (1, 2, 3)
        for pk in ids(loaded, OFFICE, {**asked, "page_size": [size], "page": [str(page)]}, tree=TEXT)
    ]


@pytest.mark.parametrize("sort", ["updated", "graduation"])
@pytest.mark.parametrize("tree", [None, TEXT])
def test_a_cursor_reads_on_and_back_from_any_hit(loaded: Engine, sort: str, tree: tuple[object, ...] | None) -> None:
    asked: Params = {"sort": [sort], "page_size": ["9"], "facets": ["none"], "placed": ["any"]}
    wanted = expect(people(), OFFICE, asked, tree).ids
    for index in [*range(0, len(wanted), 11), len(wanted) - 1]:
        pk = wanted[index]
        on = loaded.search(request(OFFICE, asked, tree=tree, position=place_of(pk, sort)))
        assert [hit.student_id for hit in on.hits] == wanted[index + 1 : index + 10]
        assert on.more == (index + 10 < len(wanted))
        back = loaded.search(request(OFFICE, asked, tree=tree, position=place_of(pk, sort, backwards=True)))
        assert [hit.student_id for hit in back.hits] == wanted[max(0, index - 9) : index]
        assert back.more == (index > 9)
        assert on.count == back.count == len(wanted)


@pytest.mark.parametrize("sort", ["updated", "graduation"])
def test_each_hit_carries_the_value_that_its_cursor_needs(loaded: Engine, sort: str) -> None:
    hits = loaded.search(request(params={"sort": [sort], "page_size": ["100"]})).hits
    assert [hit.value for hit in hits] == [place_of(hit.student_id, sort).value for hit in hits]


def test_a_cursor_holds_where_its_hit_has_gone(engine: Engine) -> None:
    some = [replace(one, updated=5, placed=False) for one in people()[:30]]
    order = sorted(some, key=lambda one: one.public_id.hex, reverse=True)
    write(engine, *(documents(one) for one in some if one is not order[14]))
    gone = Position(5, order[14].public_id.hex)
    asked: Params = {"sort": ["updated"], "page_size": ["5"]}
    assert ids(engine, OFFICE, asked, position=gone) == [one.pk for one in order[15:20]]
    assert ids(engine, OFFICE, asked, position=replace(gone, backwards=True)) == [one.pk for one in order[9:14]]


def test_equal_scores_are_ordered_by_public_id(engine: Engine) -> None:
    """Many more equal ones than a page, written at different times."""
    twins = [
        replace(people()[0], pk=one.pk, public_id=one.public_id, placed=False, given="Anna", headline="sequencing")
        for one in people()[:60]
    ]
    for start in (40, 0, 20):
        write(engine, *(documents(one) for one in twins[start : start + 20]))
    wanted = [one.pk for one in sorted(twins, key=lambda one: one.public_id.hex)]
    asked: Params = {"page_size": ["7"]}
    read = [
        pk
        for page in range(1, 10)
        for pk in ids(engine, OFFICE, {**asked, "page": [str(page)]}, tree=("word", "sequencing"))
    ]
    assert read == wanted


def test_names_are_ordered_without_case_and_accents_shorter_first(engine: Engine) -> None:
    names = ["Йорк", "Żółć", "Anna", "Zolc", "müller", "Sørensen", "Ёлкин", "Иван", "José", "Networks"]
    spelled = {"müller": "Müller"}
    some = [
        replace(people()[n], given=spelled.get(name, name), family="Anna", placed=False, pk=n + 1)
        for n, name in enumerate(names)
    ]
    write(engine, *(documents(one) for one in some))
    found = [names[pk - 1] for pk in ids(engine, OFFICE, {"sort": ["name"]})]
    assert found[:5] == ["Anna", "José", "müller", "Networks", "Sørensen"]
    assert set(found[5:7]) == {"Żółć", "Zolc"}
    assert found[7:] == ["Ёлкин", "Иван", "Йорк"]


@pytest.mark.soak
def test_a_cursor_reads_beyond_hit_ten_thousand(engine: Engine) -> None:
    crowd = [replace(people()[0], pk=pk, updated=pk // 100, placed=False) for pk in range(1, 10_301)]
    for start in range(0, len(crowd), 500):
        write(engine, *(documents(one) for one in crowd[start : start + 500]))
    asked: Params = {"sort": ["updated"], "page_size": ["100"], "facets": ["none"]}
    read, position = set[int](), None
    while hits := engine.search(request(OFFICE, asked, position=position)).hits:
        read |= {hit.student_id for hit in hits}
        position = Position(hits[-1].value, people()[0].public_id.hex)
    assert len(read) > 10_000 - 100
