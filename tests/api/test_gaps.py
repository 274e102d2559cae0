"""The gap report: what is searched for and found too seldom, without a word of who searched."""

import csv
from collections.abc import Callable
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from rest_framework.test import APIClient

from crm.actions.wishes import count_wishes
from crm.models import WishCount
from search import outbox
from tests import cast
from tests.api.conftest import World

Client = Callable[[str], APIClient]
PATH = "/api/v1/reports/gaps/"
CANDIDATES = "/api/v1/candidates/"


def counted() -> dict[tuple[str, str], tuple[int, int]]:
    return {(row.kind, row.key): (row.searches, row.few) for row in WishCount.objects.all()}


def gaps(client: APIClient, query: str = "") -> list[tuple[Any, ...]]:
    answer = client.get(f"{PATH}{query}")
    assert answer.status_code == 200, answer.content
    return [(row["kind"], row["value"], row["searches"], row["few"]) for row in answer.json()["results"]]


def in_month(month: date, key: str, searches: int, few: int, kind: str = "skill") -> None:
    WishCount.objects.create(month=month, kind=kind, key=key, searches=searches, few=few)


MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


@pytest.mark.usefixtures("index")
def test_wishes_of_filters_and_of_words_are_counted(client: Client, world: World) -> None:
    hanna = client("partner")
    hanna.get(
        f"{CANDIDATES}?skill=test-pipetting:3&skill_any=python&skill_any=crispr&lab=test-enzymes-lab&language=en:B1"
    )
    hanna.get(f"{CANDIDATES}?q=CRISPR+-python")
    hanna.get(f"{CANDIDATES}?q=enzymes")
    assert counted() == {
        ("skill", "test-pipetting"): (1, 1),
        ("skill", "python"): (1, 1),
        ("skill", "crispr"): (2, 2),
        ("lab", "test-enzymes-lab"): (1, 1),
        ("language", "en"): (1, 1),
    }
    assert set(WishCount.objects.values_list("month", flat=True)) == {timezone.localdate().replace(day=1)}


@pytest.mark.usefixtures("index")
def test_few_are_fewer_than_five_or_nobody_with_all_that_was_asked_for(client: Client, world: World) -> None:
    for number in range(5):
        cast.consent(cast.student(f"Mora More{number}", skills={"python": 2}))
    outbox.drain_all()
    hanna = client("partner")
    hanna.get(f"{CANDIDATES}?q=python")
    assert counted() == {("skill", "python"): (1, 0)}
    relaxed = hanna.get(f"{CANDIDATES}?q=python+astronomy").json()
    assert (relaxed["count"], relaxed["understood"]["words_needed"]["at_least"]) == (5, 1)
    assert counted()["skill", "python"] == (2, 1)


@pytest.mark.usefixtures("index")
def test_who_turns_a_page_searches_no_more_and_others_do_not_count(client: Client, world: World) -> None:
    hanna = client("partner")
    hanna.get(f"{CANDIDATES}?skill=python&page=1")
    for other in ("admin", "office", "professor", "student"):
        client(other).get(f"{CANDIDATES}?skill=python")
    hanna.get(f"{CANDIDATES}{world.sonya.public_id}/similar/")
    hanna.get(f"{CANDIDATES}suggest/?prefix=py")
    assert counted() == {}
    client("rival").get(f"{CANDIDATES}?skill=python")
    assert counted() == {("skill", "python"): (1, 1)}


@pytest.mark.usefixtures("index")
def test_a_count_that_cannot_be_kept_breaks_no_search(client: Client, caplog: Any) -> None:
    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "crm_wishcount" in sql:
            raise DatabaseError("attempt to write a read-only database")
        return execute(sql, params, many, context)

    hanna = client("partner")
    with connection.execute_wrapper(fail):
        answer = hanna.get(f"{CANDIDATES}?skill=test-pipetting")
    assert (answer.status_code, answer.json()["count"]) == (200, 1)
    assert "wishes were not counted: DatabaseError" in caplog.text


def test_a_count_names_nobody() -> None:
    assert {field.name for field in WishCount._meta.get_fields()} == {"id", "month", "kind", "key", "searches", "few"}


def test_wishes_add_up_within_a_month(db: None, django_assert_num_queries: Any) -> None:
    count_wishes([("skill", "python"), ("lab", "optics")], few=True)
    with django_assert_num_queries(3):  # With the savepoint that the test itself brings about.
        count_wishes([("skill", "python"), ("skill", "crispr"), ("skill", "python")], few=False)
    with django_assert_num_queries(0):
        count_wishes([], few=True)
    assert counted() == {("skill", "python"): (2, 1), ("lab", "optics"): (1, 1), ("skill", "crispr"): (1, 0)}


# The report


def test_what_was_missed_most_often_stands_first(client: Client, world: World) -> None:
    in_month(MAY, "python", 9, 5)
    in_month(JUNE, "python", 5, 1)
    in_month(MAY, "test-enzymes-lab", 30, 7, kind="lab")
    in_month(JUNE, "de", 6, 6, kind="language")
    in_month(JUNE, "crispr", 50, 0)
    office = client("office")
    assert gaps(office) == [("lab", "test-enzymes-lab", 30, 7), ("language", "de", 6, 6), ("skill", "python", 14, 6)]
    row = office.get(PATH).json()["results"][0]
    assert (row["name"], row["share"]) == ("Test Enzymes Lab", 0.2333)


def test_cells_under_five_are_in_no_number(client: Client, world: World) -> None:
    """Also not in a sum: else two reports would differ by them."""
    in_month(MAY, "python", 5, 3)
    in_month(JUNE, "python", 4, 4)
    in_month(JUNE, "crispr", 4, 4)
    in_month(JUNE, "de", 1, 1, kind="language")
    assert gaps(client("admin")) == gaps(client("admin"), "?to=2026-05") == [("skill", "python", 5, 3)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?from=2026-06", ["crispr"]),
        ("?from=2026-05-31", ["python", "crispr"]),
        ("?to=2026-05-01", ["python"]),
        ("?from=2026-05&to=2026-06", ["python", "crispr"]),
        ("?from=2026-05-20&to=2026-05-10", ["python"]),
        ("?from=2026-07", []),
    ],
)
def test_it_is_of_whole_months(client: Client, world: World, query: str, found: list[str]) -> None:
    in_month(MAY, "python", 8, 6)
    in_month(JUNE, "crispr", 5, 5)
    assert [value for _, value, *_ in gaps(client("office"), query)] == found


def test_csv_holds_the_same_lines(client: Client, world: World) -> None:
    in_month(MAY, "python", 8, 6)
    in_month(MAY, "=1+1", 6, 6)
    answer = client("office").get(f"{PATH}?format=csv&from=2026-05")
    assert answer["Content-Disposition"] == 'attachment; filename="gaps.csv"'
    head, *lines = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
    assert head == ["kind", "value", "name", "searches", "few", "share"]
    assert lines == [["skill", "'=1+1", "'=1+1", "6", "6", "1.0"], ["skill", "python", "Python", "8", "6", "0.75"]]


@pytest.mark.parametrize("wrong", ["from=May", "to=2026-13", "from=2026-06&to=2026-05", "by=year", "format=xml"])
def test_wrong_parameters_are_named(client: Client, wrong: str) -> None:
    answer = client("office").get(f"{PATH}?{wrong}")
    field = "to" if "&" in wrong else wrong.partition("=")[0]
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])


def test_the_months_stand_in_the_answer(client: Client) -> None:
    body = client("office").get(f"{PATH}?from=2026-05-20").json()
    assert (body["from"], body["to"], body["results"]) == ("2026-05", None, [])


def test_what_is_no_month_is_told_what_is_meant(client: Client) -> None:
    answer = client("office").get(f"{PATH}?from=2026-13")
    assert answer.json()["error"]["fields"] == {"from": ["Give a month as YYYY-MM, or a day in it as YYYY-MM-DD."]}
