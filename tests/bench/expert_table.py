"""The expert's table in PostgreSQL: one row a document for partners, token arrays and words with GIN indexes."""

import uuid
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from django.db import connection

from search.analysis import GAP
from search.audiences import ALL_PARTNERS
from search.engines.contract import StudentDocuments
from search.fields import PARTNERS

WEIGHTS = {"names": "A", "skills": "B", "headline": "B", "thesis_title": "C", "affiliation": "C", "texts": "D"}
"""PostgreSQL knows four weights; the product's table of weights has as many steps for what partners read."""
LAST_POSITION = 16_383
TABLE = """
DROP TABLE IF EXISTS bench_document;
CREATE UNLOGGED TABLE bench_document (
    student_id integer, public_id uuid, name text, valid_until bigint, audience integer[], kept_out integer[],
    placed boolean, tokens text[], labs integer[], skills integer[], programme integer[], degree text[],
    graduation_year text[], graduation integer, city integer[], language text[], updated bigint, words tsvector
)"""
INDEXES = """
CREATE INDEX ON bench_document USING gin (tokens) WITH (fastupdate = off);
CREATE INDEX ON bench_document USING gin (words) WITH (fastupdate = off);
CREATE INDEX ON bench_document USING gin (labs) WITH (fastupdate = off);
ALTER TABLE bench_document ALTER tokens SET STATISTICS 1000;
ANALYZE bench_document"""
EVERYBODY = 0
Document = Mapping[str, Any]


class ExpertTable:
    """Filled by COPY with the documents that the product made, so that words are the same."""

    def __enter__(self) -> "ExpertTable":
        self.cursor = connection.cursor()
        self.cursor.execute(TABLE)
        return self

    def add(self, batch: Iterable[StudentDocuments]) -> None:
        with self.cursor.cursor.copy("COPY bench_document FROM STDIN") as copy:
            for item in batch:
                for document in item.families.get(PARTNERS, {}).values():
                    if document is not None:
                        copy.write_row(_row(document))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.cursor.execute(INDEXES)
        self.cursor.close()


def _row(d: Document) -> tuple[Any, ...]:
    numbers = {name: [int(token) for token in d[name]] for name in ("lab", "skill", "programme", "city", "kept_out")}
    audience = [EVERYBODY if token == ALL_PARTNERS else int(token) for token in d["audience"]]
    return (
        *(d["student"], uuid.UUID(d["id"]), d["name"], d["valid_until"], audience, numbers["kept_out"]),
        *(d["placed"] == ["true"], d["skill_level"], numbers["lab"], numbers["skill"], numbers["programme"]),
        *(d["degree"], d["graduation_year"], d["graduation"], numbers["city"], d["language"], d["updated"], _words(d)),
    )


def _words(document: Document) -> str:
    """A tsvector of the terms that the product analysed; phrases reach across neither fields nor texts."""
    places: dict[str, list[str]] = {}
    position = 0
    for field, weight in WEIGHTS.items():
        for term in document[field].split():
            position = min(position + 1, LAST_POSITION)
            if term != GAP:
                places.setdefault(term, []).append(f"{position}{weight}")
        position += 1
    return " ".join(f"'{term}':{','.join(found[:255])}" for term, found in places.items())
