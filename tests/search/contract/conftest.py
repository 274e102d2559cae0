"""Each engine in turn: with the random corpus, or new and empty."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django import Settings

from search import engines
from search.engines.contract import Engine
from search.engines.elasticsearch import ElasticsearchEngine
from tests.search.contract.asking import ENGINES, build, engine_of, write
from tests.search.contract.corpus import documents, people, removal
from tests.search.contract.facts import DAY


@pytest.fixture(scope="session", params=ENGINES)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Holds `people()`, written as in life: at once, then in part again, and some who left. Do not write to it."""
    with engine_of(request.param, tmp_path_factory.mktemp("loaded")) as engine:
        everybody = people()
        stale = [replace(one, updated=one.updated - DAY, headline="diagnostics", labs=frozenset()) for one in everybody]
        gone = [replace(one, pk=one.pk + 10_000) for one in everybody[:40]]
        batch = [documents(one) for one in [*everybody[:150], *stale[150:], *gone]]
        build(engine, batch)
        for start in range(150, len(everybody), 50):
            write(engine, *(documents(one, 2) for one in everybody[start : start + 50]))
        write(engine, *(removal(one, 2) for one in gone))
        yield engine


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A new engine with an empty index."""
    with engine_of(request.param, tmp_path) as made:
        build(made)
        yield made


@pytest.fixture
def elastic(tmp_path: Path) -> Iterator[ElasticsearchEngine]:
    """A new Elasticsearch engine with an empty index, for what only a server can get wrong."""
    with engine_of("elasticsearch", tmp_path) as made:
        build(made)
        assert isinstance(made, ElasticsearchEngine)
        yield made


@pytest.fixture(params=ENGINES)
def configured(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[Engine]:
    """A new engine with an empty index as the one that the application uses."""
    with engine_of(request.param, tmp_path / "index") as made:
        settings.VAR_DIR = tmp_path
        settings.ELASTICSEARCH_URL = os.environ["ELASTICSEARCH_URL"] if request.param == "elasticsearch" else ""
        settings.ELASTICSEARCH_PREFIX = getattr(made, "prefix", "")
        engines.engine.cache_clear()
        build(made)
        yield made
    engines.engine.cache_clear()
