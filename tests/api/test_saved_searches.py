"""Searches that somebody keeps: their own alone, run as candidate search runs them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from crm.actions import saved_searches
from crm.models import AnnouncedCandidate, Disclosure, SavedSearch
from search import outbox
from tests import cast
from tests.api.conftest import World

Client = Callable[[str], APIClient]
PATH = "/api/v1/saved-searches/"
SKILLED = "skill=test-pipetting%3A3&q=enzymes"


def save(client: APIClient, parameters: str = SKILLED, **fields: Any) -> Any:
    return client.post(PATH, {"name": "Pipettes", "parameters": parameters, **fields})


def test_one_is_saved_read_changed_and_deleted(client: Client, world: World) -> None:
    hanna = client("partner")
    made = save(hanna).json()
    assert (made["name"], made["parameters"], made["alert"], made["next_alert"]) == ("Pipettes", SKILLED, "none", None)
    assert made["address"] == f"http://testserver/api/v1/candidates/?{SKILLED}"
    assert [row["id"] for row in hanna.get(PATH).json()["results"]] == [made["id"]]
    path = f"{PATH}{made['id']}/"
    assert hanna.patch(path, {"name": "Enzymes", "parameters": ""}).json()["address"].endswith("/candidates/")
    assert hanna.get(path).json()["name"] == "Enzymes"
    assert hanna.delete(path).status_code == 204
    assert hanna.get(path).status_code == 404


@pytest.mark.usefixtures("index")
def test_it_answers_as_candidate_search_does(client: Client, world: World) -> None:
    hanna = client("partner")
    made = save(hanna, "?lab=test-enzymes-lab&skill=test-pipetting&facets=lab,skill").json()
    found = hanna.get(f"{PATH}{made['id']}/candidates/").json()
    assert found == hanna.get(made["address"]).json()
    assert [row["name"] for row in found["results"]] == ["Sonya Sokolova"]
    assert (
        Disclosure.objects.filter(student=world.sonya, kind="search_page", viewer=world.users["partner"]).count() == 2
    )


@pytest.mark.usefixtures("index")
def test_parameters_of_the_page_may_be_added_and_no_others(client: Client, world: World) -> None:
    for name in ("Oona Birch", "Lev Moss"):
        cast.consent(cast.student(name))
    outbox.drain_all()
    hanna = client("partner")
    path = f"{PATH}{save(hanna, 'sort=name&page_size=2&page=2').json()['id']}/candidates/"
    pages = [hanna.get(f"{path}?{more}").json() for more in ("", "page=2", "page_size=1&page=3")]
    names = [[row["name"].split()[0] for row in page["results"]] for page in pages]
    assert names == [["Lev", "Oona"], ["Sonya"], ["Sonya"]]
    assert pages[0]["next"] == f"http://testserver{path}?page=2"
    for wrong in ("q=enzymes", "lab=nowhere", "sort=name", "page=0", "cursor=x", "page=1&page=2"):
        answer = hanna.get(f"{path}?{wrong}")
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [wrong.partition("=")[0]]), wrong


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ("skill=no-such-skill", "skill"),
        ("q=%22open", "q"),
        ("colour=red", "colour"),
        ("degree=duke", "degree"),
        ("graduation_from=2027&graduation_to=2020", "graduation_to"),
        ("page=0", "page"),
        ("q=" + "x" * 4_000, "parameters"),
        (None, "parameters"),
        (["q=x"], "parameters"),
    ],
)
def test_what_search_would_not_take_is_not_saved(client: Client, parameters: Any, field: str) -> None:
    hanna = client("partner")
    answer = save(hanna, parameters)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])
    good = save(hanna).json()["id"]
    assert hanna.patch(f"{PATH}{good}/", {"parameters": parameters}).status_code == 400
    assert SavedSearch.objects.get().parameters == SKILLED


@pytest.mark.parametrize(
    ("body", "field"), [({"name": ""}, "name"), ({"alert": "hourly"}, "alert"), ({"owner": "x"}, "owner")]
)
def test_wrong_fields_are_named(client: Client, body: dict[str, str], field: str) -> None:
    answer = save(client("office"), **body)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])


def test_where_a_page_was_saved_the_page_is_left_out(client: Client, world: World) -> None:
    made = save(client("partner"), "?q=gene+editing&page=3&skill=test-pipetting&skill=python&page_size=5").json()
    assert made["parameters"] == "q=gene+editing&skill=test-pipetting&skill=python&page_size=5"


def test_a_search_is_its_owner_s_alone(client: Client, world: World) -> None:
    made = save(client("partner"), alert="none").json()
    for role in ("admin", "office", "professor", "rival"):
        assert client(role).get(PATH).json()["results"] == []
        answers = [client(role).get(f"{PATH}{made['id']}/{more}") for more in ("", "candidates/")]
        assert {answer.status_code for answer in answers} == {404}
    world.users["colleague"] = cast.representative(world.partner, "Helga Brand")
    assert client("colleague").get(PATH).json()["results"] == []


@pytest.mark.usefixtures("index")
def test_with_an_alert_whom_it_finds_now_is_no_news(client: Client, world: World) -> None:
    hanna = client("partner")
    made = save(hanna, "skill=test-pipetting", alert="daily").json()
    assert made["next_alert"]
    assert list(AnnouncedCandidate.objects.values_list("student", flat=True)) == [world.sonya.pk]
    assert not Disclosure.objects.filter(viewer=world.users["partner"]).exists()
    stopped = hanna.patch(f"{PATH}{made['id']}/", {"alert": "none"}).json()
    assert (stopped["alert"], stopped["next_alert"]) == ("none", None)


def test_an_account_keeps_so_many_and_no_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_searches, "MOST_KEPT", 2)
    assert [save(client("partner")).status_code for _ in range(3)] == [201, 201, 409]
    assert save(client("office")).status_code == 201


def test_what_was_asked_for_may_be_no_more(client: Client) -> None:
    made = save(client("partner")).json()
    assert made["problem"] is None
    SavedSearch.objects.update(parameters="skill=no-such-skill")
    (shown,) = client("partner").get(PATH).json()["results"]
    assert shown["problem"] == "Unknown skill 'no-such-skill'."
    answer = client("partner").get(f"{PATH}{made['id']}/candidates/")
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["skill"])


def test_a_list_costs_the_same_whatever_its_length(client: Client) -> None:
    hanna = client("partner")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert hanna.get(PATH).status_code == 200
        return len(captured)

    save(hanna)
    before = queries()
    for _ in range(3):
        save(hanna)
    assert queries() == before == 3
