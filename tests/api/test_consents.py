"""Granting, listing and withdrawing consent over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from crm.models import Consent
from tests import cast
from tests.api.conftest import World

Client = Callable[[str], APIClient]


def grant(client: APIClient, **body: Any) -> Any:
    return client.post("/api/v1/consents/", {"partner": "rivalfirm", "scopes": ["profile"], **body})


def test_a_student_grants_consent_with_the_own_statement_as_source(client: Client, world: World) -> None:
    response = grant(client("stranger"), scopes=["evaluations"])
    assert response.status_code == 201
    made = response.json()
    assert made["student"]["number"] == "S-2"
    assert made["partner"]["slug"] == "rivalfirm"
    assert made["scopes"] == ["profile", "evaluations"]
    assert (made["state"], made["source"]) == ("active", "the student's own statement")


def test_granting_twice_answers_the_consent_that_is_active(client: Client, world: World) -> None:
    first, second = (grant(client("stranger"), partner=None) for _ in range(2))
    assert first.json() == second.json()
    assert world.nikita.consents.count() == 1


def test_a_consent_for_a_blocked_partner_says_that_the_block_wins(client: Client, world: World) -> None:
    student = client("student")
    granted = {key: grant(student, partner=slug).json() for key, slug in (("one", "rivalfirm"), ("all", None))}
    assert "The student blocks this partner: while the block stands it wins" in granted["one"]["note"]
    assert "The student blocks some partners" in granted["all"]["note"]
    assert grant(student, partner="biofirm").json()["note"] == ""
    exported = {consent["id"]: consent["note"] for consent in student.get("/api/v1/me/export/").json()["consents"]}
    assert exported[granted["one"]["id"]] == granted["one"]["note"]
    student.delete(f"/api/v1/blocks/{world.block.public_id}/")
    assert student.get(f"/api/v1/consents/{granted['one']['id']}/").json()["note"] == ""


def test_null_means_all_partners(client: Client) -> None:
    assert grant(client("stranger"), partner=None).json()["partner"] is None


@pytest.mark.parametrize("student", ["S-3", "{id}"])
def test_the_office_names_the_student_by_number_or_id(client: Client, world: World, student: str) -> None:
    name = student.format(id=world.vera.public_id)
    assert grant(client("office"), student=name, source="paper form").status_code == 201
    assert world.vera.consents.filter(source="paper form").exists()


def test_a_date_ends_with_that_day_at_the_university(client: Client, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Vladivostok"
    made = grant(client("stranger"), expires="2030-05-01").json()
    assert Consent.objects.get(public_id=made["id"]).expires.isoformat() == "2030-05-01T14:00:00+00:00"
    made = grant(client("stranger"), expires="2030-05-01T12:00:00+02:00").json()
    assert Consent.objects.get(public_id=made["id"]).expires.isoformat() == "2030-05-01T10:00:00+00:00"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": ["profile", 7, None, ["contact"], "all"]}, "scopes"),
        ({"scopes": ["profile"] * 11}, "scopes"),
        ({"scopes": "profile"}, "scopes"),
        ({"partner": "nobody"}, "partner"),
        ({"expires": "2020-01-01"}, "expires"),
        ({"expires": "tomorrow"}, "expires"),
        ({"expires": "9999-12-31"}, "expires"),
        ({"student": "S-404"}, "student"),
        ({"student": None}, "student"),
    ],
)
def test_what_cannot_be_is_named(client: Client, body: dict[str, Any], field: str) -> None:
    response = grant(client("office"), **{"student": "S-3", "source": "form"} | body)
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == [field]


@pytest.mark.parametrize("end", ["x", "2027-13-01", "2027-02-30", "9999-12-31", 5, True])
def test_an_end_that_is_none_is_told_both_forms(client: Client, end: Any) -> None:
    [sentence] = grant(client("stranger"), expires=end).json()["error"]["fields"]["expires"]
    assert "a date as YYYY-MM-DD, or a date with a time as YYYY-MM-DDThh:mm" in sentence


def test_who_is_seen_without_contact_consent_has_not_released_it(client: Client, world: World) -> None:
    cast.consent(world.nikita, world.partner)
    path = f"/api/v1/candidates/{world.nikita.public_id}/contact/"
    refused = client("partner").get(path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_allowed")
    assert "has not released contact details to your organisation" in refused.json()["error"]["message"]
    assert "released" not in client("stranger").get(path).json()["error"]["message"]


def test_the_office_says_where_a_consent_comes_from(client: Client) -> None:
    assert list(grant(client("office"), student="S-3").json()["error"]["fields"]) == ["source"]


def test_a_student_cannot_speak_for_another(client: Client, world: World) -> None:
    for name in ("S-1", str(world.sonya.public_id)):
        response = grant(client("stranger"), student=name)
        assert list(response.json()["error"]["fields"]) == ["student"]


def test_withdrawing_is_a_move_that_can_be_made_once(client: Client, world: World) -> None:
    student, path = client("student"), f"/api/v1/consents/{world.consent.public_id}/moves/"
    assert student.get(path).json() == {"state": "active", "moves": ["withdrawn"], "missing_for_next_stage": {}}
    assert student.post(path, {"to": "withdrawn", "reason": "Enough."}).json()["state"] == "withdrawn"
    assert student.get(path).json() == {"state": "withdrawn", "moves": [], "missing_for_next_stage": {}}
    again = student.post(path, {"to": "withdrawn"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "invalid_move")


def test_an_unknown_move_says_which_there_are(client: Client, world: World) -> None:
    response = client("student").post(f"/api/v1/consents/{world.consent.public_id}/moves/", {"to": "eternal"})
    assert response.status_code == 409
    assert "withdrawn" in response.json()["error"]["message"]


def test_who_may_look_but_not_act_sees_no_open_moves(client: Client, world: World) -> None:
    path = f"/api/v1/consents/{world.consent.public_id}/moves/"
    shown = client("admin").get(path).json()
    del shown["history"]
    assert shown == {"state": "active", "moves": [], "missing_for_next_stage": {}}


@pytest.mark.parametrize(("state", "count"), [("active", 1), ("withdrawn", 1), ("expired", 0)])
def test_consents_are_filtered_by_state(client: Client, state: str, count: int) -> None:
    assert len(client("office").get(f"/api/v1/consents/?state={state}").json()["results"]) == count


def test_withdrawal_ends_the_view_of_the_partner_at_once(client: Client, world: World) -> None:
    hanna, path = client("partner"), f"/api/v1/candidates/{world.sonya.public_id}/"
    assert hanna.get(path).status_code == 200
    client("student").post(f"/api/v1/consents/{world.consent.public_id}/moves/", {"to": "withdrawn"})
    assert hanna.get(path).status_code == 404
    assert hanna.get(f"{path}contact/").status_code == 404
