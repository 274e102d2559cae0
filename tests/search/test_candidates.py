"""Candidate search as partner HR meets it."""

import pytest

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
