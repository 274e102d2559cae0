"""Candidate search as partner HR meets it."""

import pytest

from crm.actions.evidence import add_evidence, share_evidence
from search.candidates import find_candidates
from search.query import parse_query
from tests import cast

pytestmark = pytest.mark.django_db


def names(user, **params):
    page = find_candidates(
        user=user, query=parse_query({k: v if isinstance(v, list) else [v] for k, v in params.items()})
    )
    return [result["name"] for result in page.results]


def test_hr_finds_by_lab_and_skill_whoever_consented(index):
    people = cast.Cast()
    index.catch_up()
    assert sorted(names(people.hanna, lab="genome-editing", skill="crispr:3")) == ["Lev Moss", "Oona Birch"]
    assert sorted(names(people.rolf, lab="genome-editing", skill="crispr:3")) == ["Oona Birch", "Wera Fern"]
    assert len(names(people.olga, skill="crispr")) == 5
    assert len(names(people.pavel, q="crispr python")) == 5
    assert names(people.rolf, q='"wera fern"') == ["Wera Fern"]


@pytest.mark.parametrize("sort", ["name", "updated"])
def test_past_the_last_hit_the_way_back_leads_to_the_last_page(index, sort):
    people = cast.Cast()
    index.catch_up()

    def previous(**params):
        asked = {name: [value] for name, value in {"sort": sort, "page_size": "2", **params}.items()}
        return find_candidates(user=people.olga, query=parse_query(asked)).previous

    assert [previous(page=page) for page in ("4", "9", "5000")] == [{"page": "3"}] * 3
    assert previous(page="9", q="nobody") == {"page": "1"}
    assert previous(page="1", q="nobody") is None


def test_a_match_tells_of_evidence_no_more_than_the_viewer_may_read(index):
    people = cast.Cast()
    for person in (people.open, people.loyal):
        back(person)
    index.catch_up()
    for user, expected in (
        (people.hanna, {"Oona Birch": [False, False], "Lev Moss": [True, False]}),
        (people.rolf, {"Oona Birch": [False, False]}),
        (people.olga, {"Oona Birch": [True, True], "Lev Moss": [True, True]}),
        (people.pavel, {"Oona Birch": [True, True], "Lev Moss": [True, True]}),
    ):
        query = parse_query({"skill": ["crispr", "python"], "q": ["birch OR moss"]})
        results = find_candidates(user=user, query=query).results
        assert {one["name"]: [skill["evidenced"] for skill in one["match"]["skills"]] for one in results} == expected


def back(person):
    """Evidence for both skills; the student shares that for the first."""
    own = cast.student_account(person)
    for slug in ("crispr", "python"):
        claim = person.claims.get(skill__slug=slug)
        evidence = add_evidence(claim=claim, kind="defence", title=f"On {slug}", by=cast.BY)
        share_evidence(evidence=evidence, shared=slug == "crispr", by=own)
