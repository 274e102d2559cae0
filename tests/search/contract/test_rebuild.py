"""A new index beside the old one: searches and writes go on, a failure changes nothing, nothing is left behind."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from elasticsearch import ConnectionTimeout, Elasticsearch
from elasticsearch._sync.client.indices import IndicesClient

from crm.actions.consents import withdraw_consent
from crm.actions.erasure import erase_student
from crm.actions.students import update_student
from crm.errors import Unavailable
from crm.models import Student
from search import outbox, rebuild
from search.engines.contract import Engine
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.elasticsearch_writer import ElasticsearchWriter
from search.engines.embedded import EmbeddedEngine
from search.fields import FAMILIES
from search.sources import Source
from tests import cast
from tests.search.contract.asking import ENGINES, build, engine_of, ids, request, write
from tests.search.contract.corpus import documents, people, removal

ONE, TWO, THREE = (replace(one, placed=False, headline="cell") for one in people()[:3])


def index_names(engine: Engine) -> list[str]:
    if isinstance(engine, EmbeddedEngine):
        return sorted(path.name for path in engine.folder.iterdir() if path.is_dir())
    assert isinstance(engine, ElasticsearchEngine)
    return sorted(engine.client.indices.get(index=f"{engine.prefix}-*").body)


def test_searches_read_the_old_index_until_the_new_one_is_complete(engine: Engine) -> None:
    write(engine, documents(ONE))
    with engine.rebuilding() as writer:
        assert writer.write([documents(TWO, 2), documents(THREE, 2)]) == {2, 3}
        assert ids(engine) == [1]
    assert sorted(ids(engine)) == [2, 3]
    assert len(index_names(engine)) == len(FAMILIES)


def test_a_rebuild_that_fails_keeps_the_old_index(engine: Engine) -> None:
    write(engine, documents(ONE))
    before = index_names(engine)
    with pytest.raises(RuntimeError), engine.rebuilding() as writer:  # noqa: PT012 - what fails is the block
        writer.write([documents(TWO, 2)])
        raise RuntimeError
    assert ids(engine) == [1]
    assert index_names(engine) == before
    write(engine, documents(THREE))
    assert sorted(ids(engine)) == [1, 3]
    build(engine, [documents(TWO, 2)])
    assert ids(engine) == [2]


@pytest.mark.parametrize("kind", ENGINES)
def test_a_first_build_that_breaks_off_leaves_no_index_to_search(kind: str, tmp_path: Path) -> None:
    with engine_of(kind, tmp_path) as engine:
        with pytest.raises(RuntimeError), engine.rebuilding() as writer:  # noqa: PT012 - what fails is the block
            writer.write([documents(ONE)])
            raise RuntimeError
        assert not engine.is_built()
        with pytest.raises(Unavailable):
            ids(engine)
        build(engine, [documents(TWO)])
        assert (engine.is_built(), ids(engine)) == (True, [2])


def test_indices_of_older_definitions_are_removed_when_that_is_asked_for(engine: Engine) -> None:
    """Nobody erased may live on in one."""
    if isinstance(engine, EmbeddedEngine):
        (engine.folder / "full-00000000").mkdir()
    elif isinstance(engine, ElasticsearchEngine):
        engine.client.indices.create(index=f"{engine.prefix}-full-00000000-aaaa")
    assert len(index_names(engine)) == len(FAMILIES) + 1
    write(engine, documents(ONE))
    engine.remove_older()
    assert len(index_names(engine)) == len(FAMILIES)
    assert not any("00000000" in name for name in index_names(engine))
    assert ids(engine) == [1]


@pytest.mark.elasticsearch
def test_a_rebuild_that_was_killed_is_cleared_by_the_next(elastic: ElasticsearchEngine) -> None:
    write(elastic, documents(ONE))
    for family in FAMILIES:
        elastic._create(family)
    assert len(index_names(elastic)) == 2 * len(FAMILIES)
    assert ids(elastic) == [1]
    assert write(elastic, documents(TWO)) == {2}
    build(elastic, [documents(ONE), documents(THREE)])
    assert len(index_names(elastic)) == len(FAMILIES)
    assert sorted(ids(elastic)) == [1, 3]


@pytest.mark.elasticsearch
def test_writes_during_a_rebuild_reach_both_indices_and_beat_its_older_states(elastic: ElasticsearchEngine) -> None:
    write(elastic, *(documents(one) for one in (ONE, TWO, THREE)))
    with elastic.rebuilding() as writer:
        writer.write([documents(ONE)])
        written = write(elastic, documents(replace(ONE, headline="network"), 2), removal(TWO, 2))
        assert written == {1, 2}
        assert ids(elastic, tree=("word", "network")) == [1]
        assert writer.write([documents(TWO), documents(THREE)]) == {2, 3}
    assert ids(elastic, tree=("word", "network")) == [1]
    assert sorted(ids(elastic)) == [1, 3]


@pytest.mark.elasticsearch
def test_a_server_lost_in_mid_rebuild_is_said_clearly_and_harms_nothing(elastic: ElasticsearchEngine) -> None:
    write(elastic, documents(ONE))
    client = elastic.client
    with pytest.raises(Unavailable), elastic.rebuilding() as writer:  # noqa: PT012 - what fails is the end
        writer.write([documents(TWO, 2)])
        elastic.client = Elasticsearch("http://127.0.0.1:1", max_retries=0)
    elastic.client = client
    assert ids(elastic) == [1]
    build(elastic, [documents(THREE)])
    assert ids(elastic) == [3]
    assert len(index_names(elastic)) == len(FAMILIES)


@pytest.mark.elasticsearch
@pytest.mark.parametrize("done", [False, True], ids=["not done", "done, but the answer is lost"])
def test_a_swap_that_fails_leaves_an_index_that_is_read_and_written(
    elastic: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch, done: bool
) -> None:
    swap = IndicesClient.update_aliases

    def failing(self: IndicesClient, **actions: Any) -> None:
        if done:
            swap(self, **actions)
        raise ConnectionTimeout("no answer")

    write(elastic, documents(ONE))
    monkeypatch.setattr(IndicesClient, "update_aliases", failing)
    with pytest.raises(Unavailable):
        build(elastic, [documents(ONE)])
    monkeypatch.undo()
    assert write(elastic, documents(TWO)) == {2}
    assert sorted(ids(elastic)) == [1, 2]
    build(elastic, [documents(THREE)])
    assert ids(elastic) == [3]
    assert len(index_names(elastic)) == len(FAMILIES)


@pytest.mark.elasticsearch
def test_an_index_about_to_be_replaced_confirms_no_late_write(
    elastic: ElasticsearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it took after the new index was complete would be lost with it."""
    write(elastic, documents(ONE))
    late, confirmed = ElasticsearchWriter(elastic, elastic.living_targets()), list[set[int]]()
    swap = IndicesClient.update_aliases

    def write_late(self: IndicesClient, **actions: Any) -> None:
        confirmed.append(late.write([documents(TWO)]))
        swap(self, **actions)

    monkeypatch.setattr(IndicesClient, "update_aliases", write_late)
    build(elastic, [documents(ONE)])
    assert confirmed == [set()] * len(FAMILIES)
    assert ids(elastic) == [1]


# With the database --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_rebuild_in_which_the_engine_refuses_a_document_keeps_the_old_index(
    configured: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = cast.student("Sanna Vale"), cast.student("Lev Moss")
    outbox.drain_all()
    project = outbox.project

    def spoiling(source: Source, *rest: Any) -> Any:
        made = project(source, *rest)
        bad = {**(made.families["full"][0] or {}), "graduation": "next summer"}
        return replace(made, families={"full": {0: bad}}) if source.student.pk == second.pk else made

    monkeypatch.setattr(outbox, "project", spoiling)
    with pytest.raises(RuntimeError, match=str(second.pk)):
        rebuild.rebuild()
    assert sorted(ids(configured)) == [first.pk, second.pk]


@pytest.mark.django_db
def test_a_student_who_cannot_be_projected_is_left_out_of_a_rebuild_and_stays_pending(
    configured: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = cast.student("Sanna Vale"), cast.student("Lev Moss")
    outbox.drain_all()
    project = outbox.project
    monkeypatch.setattr(
        outbox, "project", lambda one, *rest: project(one, *rest) if one.student.pk == first.pk else 1 / 0
    )
    assert rebuild.rebuild() == 1
    assert ids(configured) == [first.pk]
    assert outbox.pending() == 1
    monkeypatch.undo()
    assert outbox.drain_all() == 1
    assert sorted(ids(configured)) == [first.pk, second.pk]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_rebuild_while_changes_go_on_loses_none(configured: Engine) -> None:
    people = [cast.student(f"Person Number{n}") for n in range(40)]
    partner = cast.partner()
    consents = {one.pk: cast.consent(one, partner if one.pk % 2 else None) for one in people}
    enough = threading.Event()

    def until_enough(act: Callable[[], object]) -> None:
        with closing(connection):
            while not enough.is_set():
                act()

    def change() -> None:
        one = people[chance.randrange(len(people))]
        _change(one, consents[one.pk], len(made), chance)
        made.append(one.pk)

    chance, made = random.Random(5), list[int]()
    with ThreadPoolExecutor(2) as pool:
        changes, drains = (pool.submit(until_enough, act) for act in (change, outbox.drain_all))
        try:
            rebuild.rebuild()
            while len(made) < 20 and not changes.done():
                rebuild.rebuild()
        finally:
            enough.set()
        changes.result()
        drains.result()
    outbox.drain_all()
    assert outbox.pending() == 0
    assert [str(difference) for difference in rebuild.verify()] == []
    assert configured.search(request()).count == Student.objects.count() > 40
    assert len(index_names(configured)) == len(FAMILIES)


def _change(one: Student, consent: Any, step: int, chance: random.Random) -> None:
    """One change of a kind that a rebuild could lose: of content, of consent, a birth, a death."""
    if step % 6 == 5 and (late := Student.objects.filter(headline="late").first()):
        erase_student(student=late, by=cast.BY)
    elif step % 3 == 1:
        cast.student(f"Late Number{step}", headline="late")
    elif step % 7 == 3:
        consent.refresh_from_db()
        if consent.is_active():
            withdraw_consent(consent=consent, by=cast.BY)
    else:
        update_student(student=one, by=cast.BY, headline=f"cell {chance.random()}")
