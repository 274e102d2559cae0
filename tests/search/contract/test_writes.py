"""Stale, doubled and reordered batches end in the newest state; one bad document fails alone."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.engines.contract import Engine, StudentDocuments
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.elasticsearch_writer import ElasticsearchWriter
from search.fields import FAMILIES
from tests.search.contract.asking import build, ids, write
from tests.search.contract.corpus import documents, people, removal
from tests.search.contract.facts import PROFILE, VERESK
from tests.search.contract.oracle import Viewer

ONE = replace(people()[0], placed=False, levels={None: PROFILE}, partners_until=10**14, headline="cell")
PARTNER = Viewer("partner", VERESK)


def at(version: int, **facts: Any) -> StudentDocuments:
    return documents(replace(ONE, **facts), version)


def stored(engine: Engine) -> list[tuple[str, int, int, int]]:
    return sorted(
        (family, item.student_id, item.level, item.version) for family in FAMILIES for item in engine.stored(family)
    )


def test_a_batch_written_twice_leaves_each_document_once(engine: Engine) -> None:
    for _ in range(2):
        assert write(engine, at(3), at(3, pk=2)) == {1, 2}
    assert stored(engine) == [
        ("full", 1, 0, 3),
        ("full", 2, 0, 3),
        ("partners", 1, PROFILE, 3),
        ("partners", 2, PROFILE, 3),
    ]


def test_the_last_of_two_states_in_one_batch_stays(engine: Engine) -> None:
    assert write(engine, at(1), at(2, headline="network")) == {1}
    assert ids(engine, tree=("word", "network")) == [1]
    assert ids(engine, tree=("word", "cells")) == ids(engine, PARTNER, tree=("word", "cells"))
    assert {version for *_, version in stored(engine)} == {2}


def test_a_student_who_consents_to_less_leaves_the_partners_index(engine: Engine) -> None:
    write(engine, at(1))
    assert ids(engine, PARTNER) == [1]
    write(engine, at(2, levels={}))
    assert ids(engine, PARTNER) == []
    assert ids(engine) == [1]
    assert stored(engine) == [("full", 1, 0, 2)]


def test_a_removed_student_is_found_by_nobody_and_can_come_back(engine: Engine) -> None:
    write(engine, at(1))
    assert write(engine, removal(ONE, 2)) == {1}
    assert (ids(engine), ids(engine, PARTNER), stored(engine)) == ([], [], [])
    write(engine, at(3))
    assert (ids(engine), ids(engine, PARTNER)) == ([1], [1])


def test_one_bad_document_fails_alone(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    write(engine, *(at(1, pk=pk) for pk in (1, 2, 3)))
    good = at(2, pk=2, headline="network")
    bad = replace(
        good,
        families={
            family: {level: spoilt(made) for level, made in levels.items()} for family, levels in good.families.items()
        },
    )
    assert write(engine, at(2, pk=1), bad, at(2, pk=3)) == {1, 3}
    assert sorted(ids(engine)) == [1, 2, 3]
    assert sorted(ids(engine, tree=("word", "cell"))) == [1, 2, 3]
    assert "student 2" in caplog.text
    assert write(engine, good) == {2}
    assert ids(engine, tree=("word", "network")) == [2]


def spoilt(document: Any) -> Any:
    return document and {**document, "graduation": "next summer"}


def test_what_is_confirmed_can_be_found_at_once(engine: Engine) -> None:
    for version in range(1, 6):
        assert write(engine, at(version, updated=version)) == {1}
        assert ids(engine) == [1]
        assert {item[-1] for item in stored(engine)} == {version}


# A server takes requests late, twice and in any order; the embedded engine writes under its lock.


@pytest.mark.elasticsearch
def test_an_older_state_does_not_replace_a_newer_one(elastic: ElasticsearchEngine) -> None:
    write(elastic, at(5, headline="network"))
    assert write(elastic, at(4)) == {1}
    assert ids(elastic, tree=("word", "network")) == ids(elastic, PARTNER, tree=("word", "network")) == [1]
    assert {version for *_, version in stored(elastic)} == {5}


@pytest.mark.elasticsearch
def test_a_late_older_write_does_not_undo_a_removal(elastic: ElasticsearchEngine) -> None:
    write(elastic, at(1))
    write(elastic, removal(ONE, 3))
    # Elasticsearch would forget the version of a document that was deleted, at once with this setting.
    elastic.client.indices.put_settings(index=f"{elastic.prefix}-*", settings={"index.gc_deletes": "0s"})
    write(elastic, at(1, pk=2))
    write(elastic, at(2))
    assert (ids(elastic), ids(elastic, PARTNER)) == ([2], [2])
    assert {pk for _, pk, *_ in stored(elastic)} == {2}


@pytest.mark.elasticsearch
def test_batches_in_any_order_end_in_the_newest_state(elastic: ElasticsearchEngine) -> None:
    students = iter(range(1, 1_000))

    @settings(max_examples=8, deadline=None, derandomize=True, database=None)
    @given(st.permutations(range(1, 5)), st.sets(st.integers(1, 4)))
    def check(order: list[int], removals: set[int]) -> None:
        pk = next(students)
        for version in order:
            gone = version in removals
            person = replace(ONE, pk=pk)
            write(elastic, removal(person, version) if gone else at(version, pk=pk, updated=version))
        newest = [] if 4 in removals else [("full", pk, 0, 4), ("partners", pk, PROFILE, 4)]
        assert [item for item in stored(elastic) if item[1] == pk] == newest

    check()


@pytest.fixture
def _makes_indices_by_itself(elastic: ElasticsearchEngine) -> Iterator[None]:
    """As a stock Elasticsearch does, and the node of the tests does not."""
    cluster, setting = elastic.client.cluster, "action.auto_create_index"
    cluster.put_settings(persistent={setting: "contract-*"})
    yield
    cluster.put_settings(persistent={setting: None})


@pytest.mark.elasticsearch
@pytest.mark.usefixtures("_makes_indices_by_itself")
def test_a_late_write_to_an_index_that_is_gone_does_not_make_it_anew(elastic: ElasticsearchEngine) -> None:
    late = ElasticsearchWriter(elastic, elastic.living_targets())
    build(elastic, [at(1)])
    before = set(elastic.client.indices.get(index=f"{elastic.prefix}-*").body)
    assert late.write([at(2, headline="network"), at(2, pk=2)]) == set()
    assert set(elastic.client.indices.get(index=f"{elastic.prefix}-*").body) == before
    assert len(before) == len(FAMILIES)
    assert (ids(elastic), ids(elastic, tree=("word", "network"))) == ([1], [])


@pytest.mark.elasticsearch
def test_no_index_keeps_a_copy_of_a_text(elastic: ElasticsearchEngine) -> None:
    write(elastic, at(1), removal(replace(ONE, pk=2), 2))
    hits = elastic.client.search(index=f"{elastic.prefix}-*", size=10)["hits"]["hits"]
    assert {hit["_id"] for hit in hits} == {f"{pk}:{level}" for pk in (1, 2) for level in (0, 1, 2)}
    assert not any("_source" in hit for hit in hits)


@pytest.mark.elasticsearch
def test_a_document_with_a_field_that_is_not_declared_is_refused(elastic: ElasticsearchEngine) -> None:
    item = at(1)
    full = {0: {**(item.families["full"][0] or {}), "salary": 1}}
    assert write(elastic, replace(item, families={**item.families, "full": full})) == set()
    assert ids(elastic) == []


@pytest.mark.elasticsearch
def test_nothing_is_confirmed_and_no_index_made_before_the_first_build(elastic: ElasticsearchEngine) -> None:
    unbuilt = ElasticsearchEngine(
        str(elastic.client.transport.node_pool.get().base_url), prefix=f"{elastic.prefix}-new"
    )
    assert write(unbuilt, at(1)) == set()
    assert not unbuilt.is_built()
    assert not unbuilt.client.indices.exists(index=f"{unbuilt.prefix}-*", allow_no_indices=False)
    unbuilt.client.close()
