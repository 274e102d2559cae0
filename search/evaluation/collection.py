"""A judged collection: documents, and queries with the ids of the documents that are relevant."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm.errors import Invalid


@dataclass(frozen=True)
class Profile:
    """A document. A mere text has no more than that; a profile has what a student's has."""

    id: str
    texts: Sequence[str] = ()
    names: Sequence[str] = ()
    headline: str = ""
    thesis_title: str = ""
    claims: Mapping[str, int] = field(default_factory=dict)
    """Slug of a skill -> level."""
    evidenced: Sequence[str] = ()

    @property
    def whole(self) -> str:
        """All its words, for the plain search."""
        return "\n".join([*self.names, self.headline, self.thesis_title, *self.texts])


@dataclass(frozen=True)
class JudgedQuery:
    text: str
    relevant: Mapping[str, float]
    kind: str = "all"


@dataclass(frozen=True)
class Collection:
    profiles: Sequence[Profile]
    queries: Sequence[JudgedQuery]


def read_collection(path: Path) -> Collection:
    """JSON lines: `{"id", "lang", "text"}` is a document, `{"query", "relevant": [ids], "kind"}` a query.

    `relevant` may also be an object of ids and grades; `text` stands for `query` where there is `relevant`. Raises
    Invalid that names the line.
    """
    profiles: dict[str, Profile] = {}
    queries: list[JudgedQuery] = []
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                _read(_row(line, number), number, profiles, queries)
    if not profiles or not queries:
        raise Invalid(f"{path.name} holds {len(profiles)} documents and {len(queries)} queries; both are needed.")
    _check(queries, profiles)
    return Collection(list(profiles.values()), queries)


def _row(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise Invalid(f"Line {number} is no JSON: {error}.") from error
    if not isinstance(row, dict):
        raise Invalid(f"Line {number} is no object.")
    return row


def _read(row: dict[str, Any], number: int, profiles: dict[str, Profile], queries: list[JudgedQuery]) -> None:
    relevant = row.get("relevant", row.get("relevant_ids"))
    text = row.get("query", row.get("text"))
    if not isinstance(text, str):
        raise Invalid(f"Line {number} has no text.")
    if relevant is not None:
        queries.append(JudgedQuery(text, _grades(relevant, number), str(row.get("kind", "all"))))
    elif "id" in row:
        title = row.get("title")
        profiles[str(row["id"])] = Profile(str(row["id"]), [text], thesis_title=title if isinstance(title, str) else "")
    else:
        raise Invalid(f"Line {number} is neither a document (no id) nor a query (no relevant).")


def _grades(relevant: Any, number: int) -> dict[str, float]:
    pairs: Iterable[tuple[Any, Any]] = []
    if isinstance(relevant, dict):
        pairs = relevant.items()
    elif isinstance(relevant, list):
        pairs = [(one, 1.0) for one in relevant]
    try:
        grades = {str(one): float(grade) for one, grade in pairs if float(grade) > 0}
    except (TypeError, ValueError) as error:
        raise Invalid(f"Line {number}: a grade is no number.") from error
    if not grades:
        raise Invalid(f"Line {number} names no relevant document.")
    return grades


def _check(queries: Sequence[JudgedQuery], profiles: Mapping[str, Profile]) -> None:
    for query in queries:
        if not query.relevant.keys() & profiles.keys():
            raise Invalid(f"None of the documents that are relevant to {query.text[:80]!r} is there.")
