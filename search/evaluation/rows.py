"""Lines of collections as they are found: under which keys an id, a text, a title and the judgements stand."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.errors import Invalid
from search.evaluation.collection import Profile

DOCUMENT_ID = ("id", "_id", "docid", "doc_id", "doc-id", "document_id", "corpus-id", "corpus_id", "pid")
QUERY_ID = ("query_id", "query-id", "qid", "topic")
TEXT = ("text", "contents", "content", "body", "abstract", "passage", "document")
TITLE = ("title", "thesis_title", "name")
QUERY = ("query", "q", "question", "text", "contents", "title")
RELEVANT = ("relevant", "relevant_ids", "relevant_docs", "qrels", "relevance_judgements", "judgements", "judgments")
GRADE = ("grade", "score", "relevance", "rel", "label")
KIND = ("kind", "type", "category")


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a file; `place` says where, for errors."""

    content: dict[str, Any]
    place: str

    def first(self, keys: Iterable[str]) -> Any:
        """What stands under the first of the keys that is there; None without one."""
        return next((self.content[key] for key in keys if self.content.get(key) is not None), None)

    @property
    def id(self) -> str | None:
        found = self.first(DOCUMENT_ID)
        return None if found is None else str(found)

    @property
    def query_id(self) -> str | None:
        found = self.first(QUERY_ID)
        return self.id if found is None else str(found)

    @property
    def is_judged(self) -> bool:
        return any(key in self.content for key in RELEVANT)

    @property
    def is_judgement(self) -> bool:
        """A line of the kind that joins a query's id with a document's."""
        has = [any(key in self.content for key in keys) for keys in (QUERY_ID, DOCUMENT_ID, TEXT, ("query",))]
        return has == [True, True, False, False]

    def query_text(self) -> str:
        found = self.first(QUERY)
        if not isinstance(found, str) or not found.strip():
            raise Invalid(f"{self.place} is a query without text.")
        return found

    def kind(self) -> str:
        return str(self.first(KIND) or "all")

    def profile(self) -> Profile:
        found = self.first(TEXT)
        texts = found if isinstance(found, list) else [found or ""]
        title = self.first(TITLE)
        if not all(isinstance(text, str) for text in texts) or (found is None and not isinstance(title, str)):
            raise Invalid(f"{self.place} has no text: none of {', '.join(TEXT)} holds one.")
        claims, names = self.content.get("claims"), self.content.get("names")
        return Profile(
            str(self.id),
            [*texts, *map(str, self.content.get("texts") or ())],
            names=list(map(str, names)) if isinstance(names, list) else (),
            headline=str(self.content.get("headline") or ""),
            thesis_title=title if isinstance(title, str) else "",
            claims={str(slug): int(level) for slug, level in claims.items()} if isinstance(claims, dict) else {},
        )

    def grades(self) -> dict[str, float]:
        """Id of a document -> its grade, above 0: of a list of ids or of pairs, an object, or a list of objects."""
        found = self.first(RELEVANT)
        rows = found.items() if isinstance(found, dict) else found if isinstance(found, list) else [found]
        try:
            graded = [_graded(row) for row in rows if row is not None]
        except (TypeError, ValueError, KeyError, IndexError) as error:
            raise Invalid(f"{self.place} names what is relevant in a way that is not known.") from error
        return {one: grade for one, grade in graded if grade > 0}


def _graded(row: Any) -> tuple[str, float]:
    if isinstance(row, Mapping):
        one = next(row[key] for key in DOCUMENT_ID if key in row)
        return str(one), float(next((row[key] for key in GRADE if key in row), 1))
    if isinstance(row, list | tuple):
        return str(row[0]), float(row[1])
    if not isinstance(row, str | int):
        raise TypeError(row)
    return str(row), 1.0


def rows_of(path: Path) -> Iterator[Row]:
    """The objects of a file of JSON lines, one after the other; blank lines do not count."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            place = f"Line {number} of {path}"
            if text := _decoded(line, place).strip("\ufeff \t\r\n"):
                yield Row(_object(text, place), place)


def _decoded(line: bytes, place: str) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise Invalid(f"{place} is not UTF-8.") from error


def _object(text: str, place: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{place} is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise Invalid(f"{place} is no object.")
    return found


def judgements_of(path: Path) -> Iterator[tuple[str, str, float]]:
    """(query, document, grade) of a table: three columns, or four with an unused second one, as in TREC's qrels."""
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            columns = line.split()
            if not columns or (number == 1 and not _is_number(columns[-1])):
                continue
            if len(columns) not in (3, 4) or not _is_number(columns[-1]):
                raise Invalid(f"Line {number} of {path} is no judgement: query, document and grade are needed.")
            yield columns[0], columns[-2], float(columns[-1])


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False
