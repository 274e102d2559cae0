"""Who is measured: each answers one request and says how long it took."""

import http.client
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson

from crm.models import User
from search.engines.contract import SearchRequest
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.elasticsearch_query import searches
from search.engines.embedded import EmbeddedEngine
from tests.bench.asking import Request
from tests.bench.counting import HEADER

IDLE = 20.0
"""Seconds; well below gunicorn's --keep-alive."""


@dataclass(frozen=True)
class Answer:
    seconds: float
    queries: int = 0
    content: Any = None
    """The JSON of an answer that can be compared."""


class Contender(Protocol):
    name: str

    def answer(self, request: Request) -> Answer: ...


def connect(address: str) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)


@dataclass
class ElasticsearchAlone:
    """The very bodies that the product sends, over one kept connection, read and not parsed."""

    engine: ElasticsearchEngine
    user: User
    name: str = "Elasticsearch alone"
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = connect(str(self.engine.client.transport.node_pool.get().base_url))

    def answer(self, request: Request) -> Answer:
        ready = [self._ready(search) for search in request.asked_now(self.user)]
        begin = time.perf_counter()
        for path, body, kind in ready:
            self.connection.request("POST", path, body, {"Content-Type": kind})
            response = self.connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise RuntimeError(body.decode())
        return Answer(time.perf_counter() - begin)

    def _ready(self, search: SearchRequest) -> tuple[str, bytes, str]:
        alias = self.engine.aliases[search.audience.family]
        bodies = [body.to_dict() for _, body in searches(search)]
        if len(bodies) == 1:
            return f"/{alias}/_search", orjson.dumps(bodies[0]), "application/json"
        lines = [orjson.dumps(line) for body in bodies for line in ({"index": alias}, body)]
        return "/_msearch", b"\n".join([*lines, b""]), "application/x-ndjson"


@dataclass
class TantivyAlone:
    """The same searches in this process."""

    engine: EmbeddedEngine
    user: User
    name: str = "tantivy alone"

    def answer(self, request: Request) -> Answer:
        asked: Sequence[SearchRequest] = request.asked_now(self.user)
        begin = time.perf_counter()
        for search in asked:
            self.engine.search(search)
        return Answer(time.perf_counter() - begin)


@dataclass
class OverHttp:
    name: str
    port: int
    prefix: str
    token: str
    connection: http.client.HTTPConnection = field(init=False)
    used: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.headers = {"Authorization": f"Token {self.token}", "Accept": "application/json"}

    def answer(self, request: Request) -> Answer:
        return self.get(request.path)

    def get(self, path: str) -> Answer:
        path = f"{self.prefix}{path}"
        self._keep_alive()
        begin = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        response = self.connection.getresponse()
        body = response.read()
        self.used = time.perf_counter()
        seconds = self.used - begin
        if response.status != 200:
            raise RuntimeError(f"{self.name} {path}: {response.status} {body[:2000]!r}")
        return Answer(seconds, int(response.headers[HEADER]), orjson.loads(body))

    def _keep_alive(self) -> None:
        """A server closes a connection that waited long for a slow rival; a new one is not part of the time."""
        if time.perf_counter() - self.used > IDLE:
            self.connection = connect(f"http://127.0.0.1:{self.port}")
            self.connection.request("GET", "/health/live")
            self.connection.getresponse().read()
