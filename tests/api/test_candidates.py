"""What a page of candidates costs the database."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from search import outbox
from tests import cast
from tests.api.conftest import World
from tests.api.test_lists import count, fill, queries_of

FILTERS = "lab=test-enzymes-lab&skill=test-pipetting:2&language=en&placed=any&facets=all"
QUERIES = {
    ("partner", FILTERS): 10,
    ("partner", f"{FILTERS}&q=enzymes"): 12,
    ("office", FILTERS): 7,
    ("office", f"{FILTERS}&q=enzymes"): 9,
}
"""The token, the stamp of the reference data, who is left out, the students, their claims and memberships (with words
their publications and languages too), the disclosures, and for partners the count of what was wished for: within the transaction of a
test a savepoint and its release besides."""


SUGGESTIONS = {"sok": 8, "m": 8, "te": 3, "zzz": 3}
"""Beginnings of names, for which cards are read and disclosed; of a lab and a skill; of nothing."""
OPENINGS = {"partner": 23, "office": 21}
"""The record, which is held, and whatever hangs on it, the consents, the card, and the disclosure."""


@pytest.fixture
def crowd(world: World, index: None) -> None:
    for n in range(110):
        person = cast.student(
            "Mora More",
            labs=[world.lab, world.other_lab],
            skills={world.skill.slug: 2 + n % 4, "python": 1},
            languages=[{"code": "en", "level": "C1"}],
            publications=[{"title": f"Enzymes, part {n}"}],
        )
        cast.consent(person)
    outbox.drain_all()


@pytest.mark.once
@pytest.mark.usefixtures("crowd")
def test_a_search_costs_the_same_whatever_the_size_of_its_page(client: Callable[[str], APIClient]) -> None:
    sizes = (1, 20, 100)
    found = {
        (role, asked): [count(client(role), f"/api/v1/candidates/?{asked}&page_size={size}") for size in sizes]
        for role, asked in QUERIES
    }
    assert found == {key: [(queries, size) for size in sizes] for key, queries in QUERIES.items()}


@pytest.mark.once
@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("role", ["partner", "office"])
def test_suggestions_cost_the_same_however_many_there_are(client: Callable[[str], APIClient], role: str) -> None:
    asked = client(role)
    costs = {prefix: queries_of(asked, f"/api/v1/candidates/suggest/?prefix={prefix}") for prefix in SUGGESTIONS}
    assert costs == SUGGESTIONS


@pytest.mark.once
@pytest.mark.parametrize("role", OPENINGS)
def test_an_opened_candidate_costs_the_same_whatever_the_record_holds(
    client: Callable[[str], APIClient], world: World, role: str
) -> None:
    asked, path = client(role), f"/api/v1/candidates/{world.sonya.public_id}/"
    before = queries_of(asked, path)
    fill(world.sonya, world.lab)
    assert (before, queries_of(asked, path)) == (OPENINGS[role], OPENINGS[role])
