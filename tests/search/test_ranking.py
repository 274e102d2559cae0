"""Scenarios of relevance on both engines: who comes before whom, never a score."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from search.engines.contract import Engine, SearchRequest, StudentDocuments
from search.filters import Between, Terms
from search.projections import _finish
from search.sorting import SORTS
from search.words import parse_words
from tests.search.contract.asking import ENGINES, OFFICE, audience, build, engine_of
from tests.search.contract.corpus import documents, people

FILLER = "about methods for work on many other matters of study"
USUAL = {
    "names": ["Some Body"],
    "headline": ["student of many things"],
    "skills": ["python", "statistics"],
    "thesis_title": ["on the methods of other things"],
    "affiliation": ["another place"],
    "texts": [FILLER],
    "number": ["N"],
}
"""What stands in a field of which a scenario says nothing."""

SCENARIOS: list[tuple[str, str, list[dict[str, str]]]] = [
    ("a name before a text", "Lesnoy", [{"names": "Pavel Lesnoy"}, {"texts": f"Lesnoy {FILLER}"}]),
    ("a skill before a text", "crispr", [{"skills": "CRISPR"}, {"texts": f"crispr {FILLER}"}]),
    (
        "a headline before a text",
        "proteomics",
        [{"headline": f"proteomics {FILLER}"}, {"texts": f"proteomics {FILLER}"}],
    ),
    (
        "a thesis title before a text",
        "graphene",
        [{"thesis_title": f"graphene {FILLER}"}, {"texts": f"graphene {FILLER}"}],
    ),
    ("a lab before a text", "photonics", [{"affiliation": "photonics lab"}, {"texts": f"photonics {FILLER}"}]),
    (
        "often before once",
        "enzyme",
        [{"texts": f"enzyme enzyme enzyme {FILLER}"}, {"texts": f"enzyme other word {FILLER}"}],
    ),
    ("a short text before a long one", "laser", [{"texts": f"laser {FILLER}"}, {"texts": f"laser {FILLER * 9}"}]),
    (
        "both of two alternatives before one",
        "virus OR vaccine",
        [{"texts": f"virus and vaccine {FILLER}"}, {"texts": f"virus and virology {FILLER}"}],
    ),
    (
        "the rare word before the frequent one",
        "quasar OR matters",
        [{"headline": f"quasar {FILLER[:20]}"}, {"headline": f"matters {FILLER[:20]}"}],
    ),
    (
        "several fields before one",
        "neuron",
        [{"skills": "neuron", "texts": f"neuron {FILLER}"}, {"skills": "neuron", "texts": f"absent {FILLER}"}],
    ),
    ("Russian like English", "фермент", [{"skills": "ферменты"}, {"texts": f"ферменты {FILLER}"}]),
    ("a NOT does not count", "polymer NOT absent", [{"headline": "polymer"}, {"texts": f"polymer {FILLER}"}]),
]


def stored(pk: int, fields: dict[str, str]) -> StudentDocuments:
    document: dict[str, Any] = dict(documents(replace(people()[0], placed=False)).families["full"][0] or {})
    kept = {name: value for name, value in document.items() if name not in {*USUAL, "digest"}}
    words = {name: [text] for name, text in fields.items()}
    made = _finish({}, {**kept, **USUAL, **words, "student": pk, "id": f"{1000 - pk:032x}"})
    return StudentDocuments(pk, 1, {"full": {0: made}})


@pytest.fixture(scope="module", params=ENGINES)
def ranked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """By public id alone the order would be the wrong one everywhere."""
    shelf = [fields for *_, order in SCENARIOS for fields in order] + [{"texts": FILLER}] * 30
    with engine_of(request.param, tmp_path_factory.mktemp("ranked")) as engine:
        build(engine, [stored(pk, fields) for pk, fields in enumerate(shelf, start=1)])
        yield engine


@pytest.mark.parametrize("scenario", range(len(SCENARIOS)), ids=[name for name, *_ in SCENARIOS])
def test_the_better_match_comes_first(ranked: Engine, scenario: int) -> None:
    _, query, order = SCENARIOS[scenario]
    first = 1 + sum(len(before) for *_, before in SCENARIOS[:scenario])
    wanted = list(range(first, first + len(order)))
    asked = SearchRequest(audience(OFFICE), parse_words(query), sort=SORTS["relevance"], limit=100)
    found = [hit.student_id for hit in ranked.search(asked).hits]
    assert [pk for pk in found if pk in wanted] == wanted


def test_filters_do_not_move_the_order(ranked: Engine) -> None:
    asked = SearchRequest(audience(OFFICE), parse_words("laser OR enzyme OR virus"), sort=SORTS["relevance"])
    before = [hit.student_id for hit in ranked.search(asked).hits]
    conditions = [
        ("placed", Terms("placed", ("false", "true"))),
        ("x", Between("updated", low=1)),
        ("x", Terms("placed", ("false",))),
    ]
    after = [hit.student_id for hit in ranked.search(replace(asked, conditions=conditions)).hits]
    assert before == after
    assert len(before) == 6
