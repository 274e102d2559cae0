"""Multi-select facets: a value's count is the count that choosing it gives."""

from dataclasses import replace

import pytest

from search.engines.contract import Engine, FacetRequest, StudentDocuments
from tests.search.contract.asking import OFFICE, request, write
from tests.search.contract.corpus import documents, people
from tests.search.contract.facts import CITIES, LABS, PROGRAMMES, SKILLS, VERESK
from tests.search.contract.oracle import Params, Viewer

SLUGS = {"lab": list(LABS), "programme": list(PROGRAMMES), "city": list(CITIES), "skill": list(SKILLS)}
ADDED = {"skill", "language"}
"""Facets whose values are added to those chosen; in the others any one of the chosen will do."""

ASKED: list[tuple[Viewer, Params]] = [
    (OFFICE, {}),
    (OFFICE, {"lab": ["lab-1", "lab-2"], "city": ["kazan"], "placed": ["any"]}),
    (OFFICE, {"q": ["networks OR cell"], "degree": ["phd", "master"], "graduation_from": ["2025"]}),
    (Viewer("partner", VERESK), {"skill": ["programming:2"], "language": ["en"], "evidenced": ["true"]}),
    # What choosing a value would replace is counted by a query of its own: it has an audience too.
    (Viewer("partner", VERESK), {"lab": ["lab-1", "lab-2"], "degree": ["phd", "master"]}),
    (Viewer("professor", 21), {"lab": ["lab-1"], "degree": ["phd", "master"], "graduation_from": ["2025"]}),
]


def choosing(asked: Params, facet: str, token: str) -> Params:
    if facet == "graduation_year":
        return {**asked, "graduation_from": [token], "graduation_to": [token]}
    value = SLUGS[facet][int(token) - 1] if facet in SLUGS else token
    before = asked.get(facet, []) if facet in ADDED else []
    return {**asked, facet: [*before, value]}


@pytest.mark.parametrize(("viewer", "asked"), ASKED)
def test_the_count_of_a_value_is_the_count_that_choosing_it_gives(
    loaded: Engine, viewer: Viewer, asked: Params
) -> None:
    facets = loaded.search(request(viewer, asked)).facets
    counts = {(name, token): count for name, pairs in facets.items() for token, count in pairs}
    assert len({name for name, _ in counts}) == 7
    chosen = {
        (name, token): loaded.search(
            request(viewer, {**choosing(asked, name, token), "facets": ["none"], "page_size": ["1"]})
        ).count
        for name, token in counts
    }
    assert counts == chosen


def test_only_the_facets_asked_for_are_counted(loaded: Engine) -> None:
    assert loaded.search(request(params={"facets": ["none"]})).facets == {}
    assert set(loaded.search(request(params={"facets": ["lab,city"], "lab": ["lab-1"]})).facets) == {"lab", "city"}


def tokens(pk: int, **fields: object) -> StudentDocuments:
    item = documents(people()[pk - 1])
    return replace(item, families={"full": {0: {**(item.families["full"][0] or {}), **fields}}})


def test_a_facet_lists_the_hundred_most_frequent_values_and_equal_ones_by_token(engine: Engine) -> None:
    codes = [f"{n:03}" for n in range(150, 0, -1)]
    write(engine, tokens(1, language=codes), tokens(2, language=codes[:10]), tokens(3, language=["999"]))
    found = engine.search(request(params={"placed": ["any"]})).facets["language"]
    assert found == [(code, 2) for code in sorted(codes[:10])] + [(code, 1) for code in sorted(codes[10:])[:90]]


def test_the_token_of_any_evidence_is_never_listed_and_takes_no_place(engine: Engine) -> None:
    for frequent in (98, 99, 100):
        skills = [f"{n:03}" for n in range(260, 0, -1)]
        often, rarely = sorted(skills[:frequent]), sorted(skills[frequent:])
        write(
            engine,
            tokens(1, evidenced=[*skills, "any"]),
            tokens(2, evidenced=[*often, "any"]),
            tokens(3, evidenced=["any"]),
        )
        asked = replace(request(params={"placed": ["any"]}), facets=[FacetRequest("skill", "evidenced")])
        wanted = [*((token, 2) for token in often), *((token, 1) for token in rarely)]
        assert engine.search(asked).facets["skill"] == wanted[:100]


def test_a_facet_that_names_its_values_counts_no_others(loaded: Engine) -> None:
    everything = dict(loaded.search(request()).facets["lab"])
    facets = [
        FacetRequest("lab", "lab", only=frozenset({"3", "7", "404"})),
        FacetRequest("none", "lab", only=frozenset()),
    ]
    found = loaded.search(replace(request(), facets=facets, limit=0))
    assert dict(found.facets["lab"]) == {token: everything[token] for token in ("3", "7")}
    assert found.facets["none"] == []
    assert (found.count, found.hits, found.more) == (0, [], False)
