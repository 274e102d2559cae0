"""The funnel: equal to a plain recount, each number equal to the rows that it links to."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from crm.actions.partners import update_partner
from crm.waiting import median_of
from tests import cast
from tests.api.conftest import client_of
from tests.api.funnel_world import FunnelWorld, Recount

FUNNEL = "/api/v1/reports/funnel/"
DIMENSIONS = ("partner", "lab", "programme", "year")
FILTERS: list[dict[str, Any]] = [
    {},
    {"partner": "birch"},
    {"lab": "fungi"},
    {"programme": "chemistry"},
    {"year": 2024},
    {"partner": "alder", "year": 2025},
    {"lab": "genes", "programme": "life-sciences", "partner": "cedar"},
    {"lab": "enzymes", "year": 2024},
]


@pytest.fixture
def office(db: None) -> APIClient:
    return client_of(cast.office())


def ask(office: APIClient, **parameters: Any) -> list[dict[str, Any]]:
    response = office.get(FUNNEL, parameters)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def figures(row: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(s["step"], s["count"], s["conversion"], s["median_days"]) for s in row["steps"]]


@pytest.mark.parametrize("seed", range(3))
def test_the_funnel_equals_a_plain_recount(office: APIClient, seed: int, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Vladivostok"
    FunnelWorld(seed)
    recount = Recount()
    for filters in FILTERS:
        [row] = ask(office, **filters)
        assert figures(row) == recount.figures(filters), filters
        for by in set(DIMENSIONS) - set(filters):
            rows = {row["group"]["value"]: figures(row) for row in ask(office, by=by, **filters)}
            wanted = {str(value): recount.figures({**filters, by: value}) for value in recount.values(by)}
            wanted = {value: found for value, found in wanted.items() if any(count for _, count, *_ in found)}
            assert rows == wanted, (by, filters)


@pytest.mark.parametrize("by", [None, *DIMENSIONS])
def test_each_number_equals_the_rows_that_it_links_to(office: APIClient, by: str | None) -> None:
    FunnelWorld(seed=9, records=60)
    for filters in ({}, {"year": 2024}, {"partner": "birch"}, {"lab": "fungi", "programme": "chemistry"}):
        if by in filters:
            continue
        for row in ask(office, **filters, **({"by": by} if by else {})):
            for step in row["steps"]:
                assert len(set(all_rows(office, step["rows"]))) == step["count"], step


def all_rows(office: APIClient, address: str) -> list[str]:
    ids: list[str] = []
    following: str | None = address
    while following:
        page = office.get(following)
        assert page.status_code == 200, (following, page.content)
        ids += [record["id"] for record in page.json()["results"]]
        following = page.json()["next"]
    return ids


@pytest.mark.once
@pytest.mark.parametrize("query", ["", "?by=partner", "?by=lab", "?by=programme&lab=fungi", "?by=year"])
def test_the_number_of_queries_is_the_same_whatever_the_number_of_groups(office: APIClient, query: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert office.get(f"{FUNNEL}{query}").status_code == 200
        return len(captured)

    FunnelWorld(1, students=8, records=15)
    few = queries()
    FunnelWorld(2)
    assert queries() == few <= 12


def test_an_empty_world_has_an_empty_funnel(office: APIClient) -> None:
    [row] = ask(office)
    assert row["group"] is None
    assert figures(row)[1] == ("introduction", 0, None, None)
    assert ask(office, by="partner") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("by=colour", "by"),
        ("by=lab&by=year", "by"),
        ("by=lab&lab=fungi", "by"),
        ("lab=nowhere", "lab"),
        ("partner=%00", "partner"),
        ("year=20x4", "year"),
        ("year=1", "year"),
        ("year=2024.5", "year"),
        ("format=xml", "format"),
        ("page_size=5", "page_size"),
        ("colour=red", "colour"),
    ],
)
def test_wrong_parameters_are_named(office: APIClient, query: str, field: str) -> None:
    cast.lab("Fungi")
    response = office.get(f"{FUNNEL}?{query}", HTTP_ACCEPT="text/csv")
    assert (response.status_code, response["Content-Type"]) == (400, "application/json")
    assert list(response.json()["error"]["fields"]) == [field]


# CSV ----------------------------------------------------------------------------------------------------------------


def read_csv(response: Any) -> list[list[str]]:
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="funnel.csv"'
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(response.content.decode("utf-8-sig"))))


def test_csv_holds_the_same_numbers(office: APIClient) -> None:
    FunnelWorld(3)
    rows = ask(office, by="lab")
    wanted = [
        [row["group"]["value"], row["group"]["name"], *("" if cell is None else str(cell) for cell in step.values())]
        for row in rows
        for step in row["steps"]
    ]
    head, *lines = read_csv(office.get(f"{FUNNEL}?by=lab&format=csv"))
    assert head == ["value", "name", "step", "count", "conversion", "median_days", "rows"]
    asked_by_header = read_csv(office.get(f"{FUNNEL}?by=lab", HTTP_ACCEPT="text/csv"))[1:]
    assert [line[:-1] for line in lines] == [line[:-1] for line in asked_by_header] == [w[:-1] for w in wanted]


@pytest.mark.once
@pytest.mark.parametrize("name", ["=1+1", "+7", "-7", "@SUM(A1)", "\t=1", 'Ёлка, "quoted"'])
def test_no_cell_is_taken_for_a_formula(office: APIClient, name: str) -> None:
    world = FunnelWorld(4)
    update_partner(partner=world.partners[0], name=name, by=cast.BY)
    names = {line[1] for line in read_csv(office.get(f"{FUNNEL}?by=partner&format=csv"))}
    assert name in names if name.startswith("Ё") else f"'{name}" in names


def test_json_is_the_default_and_errors_are_json_for_whoever_may_not_ask(db: None) -> None:
    hanna = client_of(cast.representative(cast.partner()))
    response = hanna.get(f"{FUNNEL}?format=csv", HTTP_ACCEPT="text/csv")
    assert (response.status_code, response.json()["error"]["code"]) == (403, "not_allowed")
    assert client_of(cast.office()).get(FUNNEL, HTTP_ACCEPT="*/*")["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("counts", "middle"), [({3: 1}, 3), ({1: 1, 4: 1}, 2.5), ({0: 2, 9: 1}, 0), ({1: 2, 2: 2}, 1.5), ({1: 1, 2: 2}, 2)]
)
def test_the_middle_of_values_with_their_numbers(counts: dict[int, int], middle: float) -> None:
    assert median_of(counts) == middle
