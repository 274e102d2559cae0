"""Throw-away engines: made for one collection, gone without a trace at the end, however it comes."""

import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from elasticsearch import Elasticsearch

from crm.errors import Invalid
from search.engines.contract import Engine
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.embedded import EmbeddedEngine
from search.evaluation.plain_search import Rank, Texts, plain_elasticsearch, plain_tantivy

PATIENCE = 30.0
"""Seconds that a query may take; whole abstracts are slow, and nobody waits for them."""


@dataclass(frozen=True)
class Rivals:
    """The product's engine, empty, and the plain search of the same kind."""

    engine: Engine
    plain: Callable[[Texts], AbstractContextManager[Rank]]


@contextmanager
def _embedded() -> Iterator[Rivals]:
    with tempfile.TemporaryDirectory(prefix="talent-evaluation-") as folder:
        yield Rivals(EmbeddedEngine(Path(folder)), plain_tantivy)


@contextmanager
def _elasticsearch() -> Iterator[Rivals]:
    if not settings.ELASTICSEARCH_URL:
        raise Invalid("ELASTICSEARCH_URL is not set: there is no Elasticsearch to measure.")
    engine = ElasticsearchEngine(settings.ELASTICSEARCH_URL, prefix=f"evaluation-{secrets.token_hex(4)}")
    engine.client = engine.client.options(request_timeout=PATIENCE)
    try:
        yield Rivals(engine, lambda texts: plain_elasticsearch(texts, engine.client))
    finally:
        _leave_nothing(engine.client, engine.prefix)
        engine.client.close()


def _leave_nothing(client: Elasticsearch, prefix: str) -> None:
    for name in client.indices.get(index=f"{prefix}-*").body:
        client.options(ignore_status=404).indices.delete(index=name)


RIVALS: Mapping[str, Callable[[], AbstractContextManager[Rivals]]] = {
    "embedded": _embedded,
    "elasticsearch": _elasticsearch,
}
