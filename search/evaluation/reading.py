"""Reads a collection from one file or from several: documents, queries, and what is relevant to which."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crm.errors import Invalid
from search.evaluation.collection import Collection, JudgedQuery, Profile
from search.evaluation.rows import GRADE, Row, judgements_of, rows_of

TABLES = {".tsv", ".qrels", ".txt", ".trec"}
"""Endings of files that hold judgements as a table; all others hold JSON lines."""


@dataclass(frozen=True)
class Documents:
    """The documents of files, read anew each time they are gone through; of one id, the first."""

    paths: Sequence[Path]
    queries: frozenset[str]
    """Places of the lines that are none."""

    def __iter__(self) -> Iterator[Profile]:
        seen: set[str] = set()
        for path in self.paths:
            for row in rows_of(path):
                if row.place not in self.queries and str(row.id) not in seen:
                    seen.add(str(row.id))
                    yield row.profile()


@dataclass
class _Found:
    """What was met so far."""

    judged: dict[str, dict[str, float]] = field(default_factory=dict)
    """Id of a query -> id of a document -> grade, from tables or lines of their own."""
    queries: list[JudgedQuery] = field(default_factory=list)
    documents: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    """Places of the lines that are no documents."""
    unjudged: int = 0

    def judge(self, query: str, document: str, grade: float) -> None:
        own = self.judged.setdefault(query, {})
        if grade > 0:
            own[document] = grade


def read_collection(*paths: Path) -> Collection:
    """Takes one file or several, each of JSON lines.

    `{"id", "text"}` is a document, `{"query", "relevant": [ids]}` a query; `relevant` may be an object of ids and
    grades too. Judgements may also stand apart, as lines `{"query_id", "doc_id", "score"}` or in a table of TREC's
    kind; then the files after the first hold queries with ids. Raises Invalid that names the line.
    """
    found, lines = _Found(), [path for path in paths if path.suffix.lower() not in TABLES]
    for path in paths:
        if path not in lines:
            for query, document, grade in judgements_of(path):
                found.judge(query, document, grade)
    for row in _all_rows(lines):
        if row.is_judgement and not row.is_judged:
            _take_judgement(row, found)
    for place, path in enumerate(lines):
        for row in rows_of(path):
            _take(row, found, is_first=place == 0)
    return _collection(lines, found)


def _all_rows(paths: Sequence[Path]) -> Iterator[Row]:
    for path in paths:
        yield from rows_of(path)


def _take_judgement(row: Row, found: _Found) -> None:
    query, document = row.query_id, row.id
    grade = row.first(GRADE)
    try:
        found.judge(str(query), str(document), 1.0 if grade is None else float(grade))
    except (TypeError, ValueError) as error:
        raise Invalid(f"{row.place}: the grade is no number.") from error
    found.others.add(row.place)


def _take(row: Row, found: _Found, *, is_first: bool) -> None:
    if row.place in found.others:
        return
    if row.is_judged:
        _take_query(row, row.grades(), found)
    elif found.judged and (not is_first or row.query_id in found.judged) and _may_be_query(row, is_first=is_first):
        _take_query(row, found.judged.get(str(row.query_id), {}), found)
    elif row.id is None:
        raise Invalid(f"{row.place} is neither a document (no id) nor a query (nothing that is relevant).")
    else:
        row.profile()
        found.documents.add(row.id)


def _may_be_query(row: Row, *, is_first: bool) -> bool:
    """In the first file only what says so itself."""
    return not is_first or "query" in row.content or "question" in row.content


def _take_query(row: Row, grades: dict[str, float], found: _Found) -> None:
    found.others.add(row.place)
    if grades:
        found.queries.append(JudgedQuery(row.query_text(), grades, row.kind()))
    else:
        found.unjudged += 1


def _collection(paths: Sequence[Path], found: _Found) -> Collection:
    names = ", ".join(path.name for path in paths)
    if not found.documents or not found.queries:
        raise Invalid(
            f"{names}: {len(found.documents)} documents and {len(found.queries)} judged queries; both are needed."
        )
    missing = [query for query in found.queries if not query.relevant.keys() & found.documents]
    kept = [query for query in found.queries if query.relevant.keys() & found.documents]
    if not kept:
        raise Invalid(f"{names}: none of the documents that are relevant is there.")
    notes = [
        f"{number} queries are left out: {why}."
        for number, why in (
            (found.unjudged, "nothing is relevant to them"),
            (len(missing), "none of the documents that are relevant to them is there"),
        )
        if number
    ]
    return Collection(Documents(paths, frozenset(found.others)), len(found.documents), kept, notes)
