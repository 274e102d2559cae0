"""Both engines through the product's own rebuild, timed beside what the engine alone takes for ready documents."""

import http.client
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from tqdm import tqdm

from search import rebuild
from search.engines.contract import Engine, StudentDocuments, Writer
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.embedded import EmbeddedEngine
from search.fields import FAMILIES
from search.processes import as_many_as_help
from tests.bench.expert_table import ExpertTable

SAMPLE = 20_000
"""Students whose ready documents show the floor."""
BULK = 1_000


@dataclass
class Listening:
    """An engine whose rebuild is listened to; what the listener takes is not counted."""

    engine: Engine
    table: ExpertTable | None = None
    documents: list[StudentDocuments] = field(default_factory=list)
    apart: float = 0.0
    count: int = 0
    writer: Writer | None = None

    @contextmanager
    def rebuilding(self) -> Iterator["Listening"]:
        with self.engine.rebuilding() as self.writer:
            yield self

    def write(self, batch: Sequence[StudentDocuments]) -> set[int]:
        assert self.writer is not None
        confirmed = self.writer.write(batch)
        begin = time.perf_counter()
        self.count += sum(len(_ready(item, family)) for item in batch for family in FAMILIES)
        if self.table:
            self.table.add(batch)
            if len(self.documents) < SAMPLE:
                self.documents += batch
        self.apart += time.perf_counter() - begin
        return confirmed


def _ready(item: StudentDocuments, family: str) -> list[tuple[int, dict[str, object]]]:
    levels = item.families.get(family, {})
    return [
        (level, {**{name: value for name, value in document.items() if value is not None}, "version": item.version})
        for level, document in levels.items()
        if document is not None
    ]


def rebuild_with(listening: Listening, students: int) -> dict[str, float]:
    """Seconds, and students and documents a second, of `manage.py reindex` on this engine."""
    rebuild.engine = lambda: listening  # type: ignore[assignment, attr-defined] # the bench listens in
    begin = time.perf_counter()
    with tqdm(total=students, unit=" students", desc=listening.engine.name, mininterval=1) as bar:
        rebuild.rebuild(bar.update, processes=as_many_as_help(students))
    seconds = time.perf_counter() - begin - listening.apart
    return {
        "seconds": seconds,
        "students_a_second": students / seconds,
        "documents_a_second": listening.count / seconds,
    }


def embedded_floor(documents: Sequence[StudentDocuments]) -> float:
    """Ready documents a second into a new index, one writer with one thread as in the product."""
    with tempfile.TemporaryDirectory() as folder:
        with EmbeddedEngine(Path(folder)).rebuilding() as writer:
            prepared = [made for item in documents if (made := writer._prepare(item))]
            count = sum(len(family) for item in prepared for family in item.values())
            begin = time.perf_counter()
            for item in prepared:
                for family, ready in item.items():
                    for document in ready:
                        writer.writers[family].add_document(document)
        return count / (time.perf_counter() - begin)


def elasticsearch_floor(engine: ElasticsearchEngine, documents: Sequence[StudentDocuments]) -> float:
    """Documents a second of plain bulk requests, serialised beforehand, into new indices of the same definition."""
    bodies = {family: list(_bodies(documents, family)) for family in FAMILIES}
    address = urlsplit(str(engine.client.transport.node_pool.get().base_url))
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    made = {family: engine._create(family) for family in FAMILIES}
    begin, count = time.perf_counter(), 0
    for family, index in made.items():
        for documents_in, body in bodies[family]:
            connection.request("POST", f"/{index}/_bulk", body, {"Content-Type": "application/x-ndjson"})
            answer = orjson.loads(connection.getresponse().read())
            assert not answer["errors"], answer
            count += documents_in
        engine.client.indices.refresh(index=index)
    seconds = time.perf_counter() - begin
    engine._delete(made.values())
    return count / seconds


def _bodies(documents: Sequence[StudentDocuments], family: str) -> Iterator[tuple[int, bytes]]:
    lines: list[bytes] = []
    for item in documents:
        for level, document in _ready(item, family):
            action = {"_id": f"{item.student_id}:{level}", "version": item.version, "version_type": "external_gte"}
            lines += [orjson.dumps({"index": action}), orjson.dumps(document)]
        if len(lines) >= 2 * BULK:
            yield len(lines) // 2, b"\n".join(lines) + b"\n"
            lines = []
    if lines:
        yield len(lines) // 2, b"\n".join(lines) + b"\n"
