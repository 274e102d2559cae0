"""tantivy, in the process: one index a family, in a directory named by the hash of its definition.

One writer at a time over all processes, held by a file lock. A directory counts only once its first build is complete.
"""

import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from tantivy import Document as TantivyDocument
from tantivy import Index, IndexWriter, Query, Schema, SchemaBuilder, Searcher, TextAnalyzerBuilder, Tokenizer

from crm.errors import Unavailable
from search.audiences import SearchAudience
from search.engines.contract import Document, Found, SearchRequest, Stored, StudentDocuments
from search.engines.embedded_query import Compiler, count_and_hits, count_of, facet_counts, id_high, position_key
from search.fields import FAMILIES, Kind, definition_hash, fields_of
from search.sorting import SORTS
from search.words import Node

log = logging.getLogger(__name__)
HEAP = 50_000_000
"""Bytes a writer may collect before it makes a segment."""
COMPLETE = "complete"
"""A file of this name says that a directory's first build was finished."""
CURSOR_FIELDS = [sort.field for sort in SORTS.values() if sort.has_cursor and sort.field]


def make_schema(family: str) -> Schema:
    builder = SchemaBuilder()
    for field in fields_of(family):
        match field.kind:
            case Kind.NAMES | Kind.SOUNDS | Kind.TEXT:
                builder.add_text_field(field.name, tokenizer_name="terms", index_option="position")
            case Kind.MENTIONS:
                builder.add_text_field(field.name, tokenizer_name="terms", index_option="freq")
            case Kind.TOKENS:
                builder.add_text_field(field.name, tokenizer_name="raw", index_option="basic", fast=True)
            case Kind.NUMBER:
                builder.add_unsigned_field(field.name, indexed=True, fast=True)
            case Kind.SORT_KEY:
                builder.add_text_field(f"{field.name}_key", tokenizer_name="raw", index_option="basic", fast=True)
    # A text: deleting by an unsigned term finds nothing.
    builder.add_text_field("student_key", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("id_high", fast=True)
    for name in CURSOR_FIELDS:
        builder.add_unsigned_field(f"{name}_key", indexed=True, fast=True)
    return builder.build()


def _prepared(family: str, document: Document, version: int) -> dict[str, object]:
    """The document with the keys that only this engine needs; unknown values are left out."""
    public_id, name = str(document["id"]), str(document["name"])
    keys: dict[str, object] = {field: position_key(int(document[field]), public_id) for field in CURSOR_FIELDS}
    known = {field.name for field in fields_of(family) if field.kind is not Kind.SORT_KEY}
    return {
        **{field: value for field, value in document.items() if field in known and value is not None},
        **{f"{field}_key": key for field, key in keys.items()},
        "version": version,
        "student_key": str(document["student"]),
        "id_high": id_high(public_id),
        "id_key": public_id,
        "name_key": f"{name}\0{public_id}",
    }


@dataclass
class EmbeddedWriter:
    writers: dict[str, IndexWriter]
    schemas: dict[str, Schema]

    def write(self, batch: Sequence[StudentDocuments]) -> set[int]:
        """One commit a family. A document that cannot be taken leaves its student unconfirmed, and all as it was."""
        confirmed = self.add(batch)
        self.commit()
        return confirmed

    def commit(self) -> None:
        for writer in self.writers.values():
            writer.commit()

    def add(self, batch: Sequence[StudentDocuments]) -> set[int]:
        prepared = {item.student_id: made for item in batch if (made := self._prepare(item)) is not None}
        for family, writer in self.writers.items():
            for student_id, documents in prepared.items():
                if family in documents:
                    writer.delete_documents_by_term("student_key", str(student_id))
                for document in documents.get(family, ()):
                    writer.add_document(document)
        return set(prepared)

    def _prepare(self, item: StudentDocuments) -> dict[str, list[TantivyDocument]] | None:
        try:
            return {
                family: [
                    TantivyDocument.from_dict(_prepared(family, document, item.version), self.schemas[family])
                    for document in levels.values()
                    if document is not None
                ]
                for family, levels in item.families.items()
            }
        except (ValueError, TypeError, KeyError, OverflowError):
            log.exception("the documents of student %s cannot be taken", item.student_id)
            return None


class EmbeddedRebuild(EmbeddedWriter):
    """Begins with nothing; readers see none of it before the one commit at the end."""

    def begin(self) -> None:
        for writer in self.writers.values():
            writer.delete_all_documents()

    def write(self, batch: Sequence[StudentDocuments]) -> set[int]:
        return self.add(batch)


class EmbeddedEngine:
    name = "embedded"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.schemas = {family: make_schema(family) for family in FAMILIES}
        self.paths = {family: folder / f"{family}-{definition_hash(family, 'tantivy 1')}" for family in FAMILIES}
        self._open: dict[str, Index] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.lock = FileLock(folder / "writer.lock")

    def search(self, request: SearchRequest) -> Found:
        family = request.audience.family
        searcher, schema = self._searcher(family), self.schemas[family]
        compiler = Compiler(schema, family)
        query = compiler.request(request)
        count, hits, more = count_and_hits(searcher, query, request, schema)
        active = {name for name, _ in request.conditions}
        own = [facet for facet in request.facets if facet.replaces & active]
        facets = facet_counts(searcher, query, [facet for facet in request.facets if facet not in own])
        for facet in own:
            facets |= facet_counts(searcher, compiler.request(request, without=facet.replaces), [facet])
        return Found(count, hits, more, facets)

    def counts(self, audience: SearchAudience, texts: Sequence[Node], excluded: frozenset[int]) -> list[int]:
        searcher, compiler = self._searcher(audience.family), Compiler(self.schemas[audience.family], audience.family)
        return [
            count_of(searcher, compiler.request(SearchRequest(audience, text, excluded=excluded))) for text in texts
        ]

    def _searcher(self, family: str) -> Searcher:
        if not self.is_built():
            raise Unavailable("The search index is being built.")
        index = self._index(family)
        index.reload()
        return index.searcher()

    def _index(self, family: str) -> Index:
        path = self.paths[family]
        # A directory may be removed under a running process; what was opened there can then not be written.
        if family not in self._open or not (path / "meta.json").exists():
            path.mkdir(parents=True, exist_ok=True)
            index = Index(self.schemas[family], path=str(path))
            index.register_tokenizer("terms", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
            self._open[family] = index
        return self._open[family]

    def is_built(self) -> bool:
        return all((path / COMPLETE).exists() for path in self.paths.values())

    @contextmanager
    def writing(self) -> Iterator[EmbeddedWriter]:
        with self.lock, self._writers() as writers:
            yield EmbeddedWriter(writers, self.schemas)

    @contextmanager
    def rebuilding(self) -> Iterator["EmbeddedRebuild"]:
        """Readers see the old index until the one commit at the end."""
        with self.lock:
            self._drop_what_cannot_be_opened()
            with self._writers() as writers:
                rebuild = EmbeddedRebuild(writers, self.schemas)
                rebuild.begin()
                yield rebuild
                rebuild.commit()
            for path in self.paths.values():
                (path / COMPLETE).touch()

    @contextmanager
    def _writers(self) -> Iterator[dict[str, IndexWriter]]:
        """What was not committed when an error comes is thrown away."""
        writers = {family: self._index(family).writer(HEAP, 1) for family in FAMILIES}
        try:
            yield writers
        except BaseException:
            for writer in writers.values():
                writer.rollback()
            raise
        finally:
            for writer in writers.values():
                writer.wait_merging_threads()

    def _drop_what_cannot_be_opened(self) -> None:
        for family in FAMILIES:
            try:
                self._index(family)
            except ValueError:
                log.exception("the %s index cannot be opened and is made anew", family)
                shutil.rmtree(self.paths[family])

    def remove_older(self) -> None:
        for path in self.folder.iterdir():
            if path.is_dir() and path not in self.paths.values():
                shutil.rmtree(path, ignore_errors=True)

    def stored(self, family: str) -> Iterator[Stored]:
        searcher = self._searcher(family)
        if not searcher.num_docs:
            return
        addresses = [address for _, address in searcher.search(Query.all_query(), searcher.num_docs, count=False).hits]
        columns = [searcher.fast_field_values(name, addresses) for name in ("student", "level", "version", "digest")]
        for student, level, version, digest in zip(*columns, strict=True):
            yield Stored(int(student or 0), int(level or 0), int(version or 0), int(digest or 0))

    def problem(self) -> str | None:
        return None if self.is_built() else "the index is not built"
