"""An expert's way: GIN indexes find the rows, one statement counts all facets from one materialised CTE.

Cards and explanations are the product's own, so the rivals differ in the search alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from crm.access import Reach, reach_of
from crm.actions.disclosures import record_disclosures
from crm.models import DisclosureKind, User
from search.analysis import plain, stem, tokens
from search.candidates import _facets
from search.cards import load_cards
from search.engines.contract import LARGEST_FACET
from search.fields import level_token, milliseconds
from search.matching import explain
from search.query import CandidateQuery
from search.suggestions import MOST, concepts
from search.understanding import Reading
from search.words import All, Node, Phrase, Word
from tests.bench.expert_table import EVERYBODY

RANK = "ts_rank_cd('{0.1, 0.3, 0.6, 1}', words, %s::tsquery)"
COLUMNS = {
    **{name: name for name in ("programme", "degree", "graduation_year", "city", "language")},
    "lab": "labs",
    "skill": "skills",
}
Conditions = list[tuple[str, Any]]


@dataclass
class Statement:
    """The parts of one statement. Conditions of facets that replace them become columns of the CTE."""

    where: Conditions
    flags: dict[str, Conditions] = field(default_factory=dict)

    def matching(self, rank: Conditions) -> tuple[str, list[Any]]:
        flags = [(f"{part} AS {name}_holds", value) for name, parts in self.flags.items() for part, value in parts]
        columns = ", ".join(["*", *(text for text, _ in (*flags, *rank))])
        conditions = " AND ".join(text for text, _ in self.where)
        arguments = [value for _, value in (*flags, *rank, *self.where) if value is not None]
        return f"WITH m AS MATERIALIZED (SELECT {columns} FROM bench_document WHERE {conditions})", arguments

    def all_but(self, *names: str) -> str:
        return " AND ".join([f"{flag}_holds" for flag in self.flags if flag not in names]) or "true"


def _open_to(reach: Reach) -> Conditions:
    return [
        ("valid_until > %s", milliseconds(timezone.now())),
        ("audience && %s::integer[]", [EVERYBODY, reach.partner_id]),
        ("NOT kept_out && %s::integer[]", [reach.partner_id]),
        ("NOT placed", None),
    ]


def _arguments(reach: Reach) -> list[Any]:
    return [value for _, value in _open_to(reach) if value is not None]


def _statement(reach: Reach, query: CandidateQuery) -> Statement:
    values = query.values
    statement = Statement(_open_to(reach))
    if skills := values.get("skill"):
        wanted = [level_token(wish.skill_id, wish.level) for wish in skills]
        statement.where.append(("tokens @> %s::text[]", wanted))
    if query.text:
        statement.where.append(("words @@ %s::tsquery", _tsquery(query.text)))
    if labs := values.get("lab"):
        statement.flags["lab"] = [("labs && %s::integer[]", list(labs))]
    if years := values.get("graduation_from"):
        statement.flags["graduation_year"] = [("graduation >= %s", date(years[0], 1, 1).toordinal())]
    return statement


def _tsquery(node: Node) -> str:
    match node:
        case All(parts):
            return " & ".join(f"({_tsquery(part)})" for part in parts)
        case Word(token):
            return f"'{plain(token)}':A | '{stem(token)}':BCD"
        case Phrase(parts):
            names, texts = (
                " <-> ".join(f"'{form(t)}':{w}" for t in parts) for form, w in ((plain, "A"), (stem, "BCD"))
            )
            return f"({names}) | ({texts})"
    raise ValueError(f"the bench asks for no {type(node).__name__}")


def _sql(reach: Reach, query: CandidateQuery) -> tuple[str, list[Any]]:
    statement = _statement(reach, query)
    rank = [(f"{RANK} AS rank", _tsquery(query.text))] if query.text else []
    head, arguments = statement.matching(rank)
    order = "rank DESC, public_id" if query.text else "updated DESC, public_id DESC"
    hits = f"SELECT '', student_id::text, 0::bigint FROM m WHERE {statement.all_but()} ORDER BY {order}"
    parts = [
        f"SELECT 'count' AS kind, '' AS token, count(*) AS count FROM m WHERE {statement.all_but()}",
        *(
            f"(SELECT '{f.name}', token::text, count(*) FROM m, unnest({COLUMNS[f.name]}) token"
            f" WHERE {statement.all_but(f.name)} GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT {LARGEST_FACET})"
            for f in query.facets
        ),
        f"({hits} LIMIT {query.page_size})",
    ]
    return f"{head} {' UNION ALL '.join(parts)}", arguments


def find(*, user: User, query: CandidateQuery, words: str) -> dict[str, Any]:
    reach = reach_of(user)
    assert reach is not None
    counts: dict[str, list[tuple[str, int]]] = {"count": [], "": [], **{facet.name: [] for facet in query.facets}}
    with connection.cursor() as cursor:
        cursor.execute(*_sql(reach, query))
        for kind, token, count in cursor:
            counts[kind].append((token, count))
    ((_, count),) = counts.pop("count")
    ids = [int(pk) for pk, _ in counts.pop("")]
    cards = load_cards(reach, ids, query.known, with_texts=query.text is not None) if ids else {}
    record_disclosures(student_ids=ids, kind=DisclosureKind.SEARCH_PAGE, by=user)
    return {
        "count": count,
        "results": [
            cards[pk].as_json(staff=False) | explain(cards[pk], query, query.text and Reading(query.text)) for pk in ids
        ],
        "facets": _facets(counts, query.known),
    }


def suggest(*, user: User, prefix: str) -> list[dict[str, Any]]:
    reach = reach_of(user)
    assert reach is not None
    people = list(_people(reach, prefix))
    record_disclosures(student_ids=[pk for pk, _, _ in people], kind=DisclosureKind.SUGGESTION, by=user)
    shown = ({"kind": "candidate", "value": str(public_id), "label": name} for _, public_id, name in people)
    return [*concepts(prefix, lambda wanted: {kind: _counts(reach, kind, pks) for kind, pks in wanted.items()}), *shown]


def _counts(reach: Reach, kind: str, wanted: Sequence[int]) -> dict[int, int]:
    if not wanted:
        return {}
    where, column = " AND ".join(text for text, _ in _open_to(reach)), f"{kind}s"
    statement = (
        f"SELECT token, count(*) FROM bench_document, unnest({column}) token WHERE {where}"
        f" AND {column} && %s::integer[] AND token = ANY(%s::integer[])"
        " GROUP BY 1 ORDER BY 2 DESC, token::text"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*_arguments(reach), list(wanted), list(wanted)])
        return dict(cursor.fetchall())


def _people(reach: Reach, prefix: str) -> Iterator[tuple[int, Any, str]]:
    where = " AND ".join(text for text, _ in _open_to(reach))
    statement = (
        "SELECT s.id, s.public_id, s.given_name || ' ' || s.family_name FROM ("
        f"SELECT student_id FROM bench_document WHERE {where} AND words @@ %s::tsquery"
        f' ORDER BY name COLLATE "C", public_id LIMIT {MOST}'
        ") d JOIN crm_student s ON s.id = d.student_id"
    )
    begins = " & ".join(f"'{plain(token)}':*A" for token in tokens(prefix))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*_arguments(reach), begins])
        yield from cursor.fetchall()
