"""Engines for these tests, and requests made as the application makes them: from the parameters of a URL."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest

from crm import reference
from crm.access import Reach, Role
from search import audiences
from search.audiences import SearchAudience, audience_for
from search.candidates import _request
from search.engines.contract import Engine, SearchRequest, StudentDocuments
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.embedded import EmbeddedEngine
from search.query import parse_query
from search.sorting import Position
from tests.search.contract.facts import LABS, NOW, PROFESSORS, known, pk_of
from tests.search.contract.oracle import Params, Tree, Viewer

ENGINES = [
    pytest.param("embedded", marks=pytest.mark.once),
    pytest.param("elasticsearch", marks=pytest.mark.elasticsearch),
]
OFFICE = Viewer("office")


@contextmanager
def engine_of(kind: str, folder: Path) -> Iterator[Engine]:
    """An engine without an index, and without a trace of it at the end."""
    if kind == "embedded":
        yield EmbeddedEngine(folder)
        return
    engine = ElasticsearchEngine(os.environ["ELASTICSEARCH_URL"], prefix=f"contract-{secrets.token_hex(4)}")
    try:
        yield engine
    finally:
        engine._delete(engine.client.indices.get(index=f"{engine.prefix}-*").body)
        engine.client.close()


def build(engine: Engine, batch: Sequence[StudentDocuments] = ()) -> None:
    with engine.rebuilding() as writer:
        assert writer.write(batch) == {item.student_id for item in batch}


def write(engine: Engine, *batch: StudentDocuments) -> set[int]:
    with engine.writing() as writer:
        return writer.write(batch)


def audience(viewer: Viewer, at: int = NOW) -> SearchAudience:
    moment = datetime.fromtimestamp(0, tz=UTC) + timedelta(milliseconds=at)
    reach = Reach(Role(viewer.role), **({f"{viewer.role}_id": viewer.pk} if viewer.pk else {}))
    labs = {pk_of(LABS, slug) for slug in PROFESSORS.get(viewer.pk, ())}
    with mock.patch.object(audiences, "lab_ids_of", return_value=labs):
        return audience_for(reach, moment)


def request(
    viewer: Viewer = OFFICE,
    params: Params | None = None,
    *,
    tree: Tree | None = None,
    excluded: frozenset[int] = frozenset(),
    position: Position | None = None,
) -> SearchRequest:
    """Facets as the parameters ask: all of them where they say nothing."""
    words = {"q": [render(tree)]} if tree else {}
    with mock.patch.object(reference, "current", known):
        query = parse_query({**(params or {}), **words})
    return replace(_request(audience(viewer), query, excluded, query.text), position=position)


def ids(engine: Engine, *arguments: object, **options: object) -> list[int]:
    return [hit.student_id for hit in engine.search(request(*arguments, **options)).hits]  # type: ignore[arg-type]


def render(tree: Tree) -> str:
    """The tree in the query language."""
    kind, *parts = tree
    match kind:
        case "word":
            return str(parts[0])
        case "phrase":
            return f'"{parts[0]}"'
        case "and":
            return f"({' '.join(map(render, parts))})"
        case "or":
            return f"({' OR '.join(map(render, parts))})"
        case _:
            return f"NOT {render(parts[0])}"
