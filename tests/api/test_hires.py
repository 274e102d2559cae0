"""Offers and hires over REST: who offers, answers, starts and leaves, and on which days."""

from datetime import timedelta
from typing import Any

import pytest

from crm.models import Hire, Student
from crm.touchpoints import rebuild_touchpoints
from search import outbox
from tests import cast
from tests.api.conftest import World
from tests.api.hiring import CANDIDATE, HIRES, TODAY, Client, day, fields_of, move, offer

pytestmark = pytest.mark.once

# From offer to leaving ----------------------------------------------------------------------------------------------


def test_an_offer_goes_all_the_way(client: Client, world: World) -> None:
    made = offer(client("partner"), student=str(world.sonya.public_id), answer_by=day(14), starts=day(0)).json()
    assert (made["state"], made["offered_on"], made["student"]["name"]) == ("offered", day(0), "Sonya Sokolova")
    hire = Hire.objects.get(public_id=made["id"])
    accepted = move(client("student"), hire, "accepted").json()
    assert (accepted["state"], accepted["answered_on"]) == ("accepted", day(0))
    assert client("partner").post(f"{HIRES}{made['id']}/confirm/").json()["confirmed_at"]
    assert move(client("partner"), hire, "started").json()["state"] == "started"
    assert Student.objects.get(pk=world.sonya.pk).placed
    left = move(client("office"), hire, "left", left_on=day(0)).json()
    assert (left["state"], left["left_on"]) == ("left", day(0))
    assert not Student.objects.get(pk=world.sonya.pk).placed
    assert rebuild_touchpoints(verify=True) == 0


def test_an_accepted_student_leaves_candidate_search_unless_placed_asks(
    client: Client, world: World, index: None
) -> None:
    hanna, hire = client("partner"), cast.hire(world.sonya, world.partner)

    def found(query: str = "") -> int:
        outbox.drain_all()
        return int(hanna.get(f"/api/v1/candidates/{query}").json()["count"])

    assert found() == 1
    move(client("student"), hire, "accepted")
    assert (found(), found("?placed=true"), found("?placed=any")) == (0, 1, 1)
    move(client("office"), hire, "rescinded", reason="The site was closed.")
    assert found() == 1


def test_the_start_may_be_another_day_than_agreed(client: Client, world: World) -> None:
    hire = cast.hire(world.sonya, world.partner, "accepted")
    assert move(client("partner"), hire, "started", starts=day(-3)).json()["starts"] == day(-3)


@pytest.mark.parametrize("state", ["accepted", "started", "left"])
def test_placed_follows_the_hires_that_hold(world: World, state: str) -> None:
    cast.hire(world.sonya, world.partner, state)
    assert Student.objects.get(pk=world.sonya.pk).placed is (state != "left")


def test_one_of_two_hires_that_ends_leaves_the_student_placed(client: Client, world: World) -> None:
    first = cast.hire(world.sonya, world.partner, "started")
    second = cast.hire(world.sonya, world.rival_partner, "accepted")
    move(client("office"), second, "rescinded", reason="Overbooked.")
    assert Student.objects.get(pk=world.sonya.pk).placed
    move(client("office"), first, "left", left_on=day(0))
    assert not Student.objects.get(pk=world.sonya.pk).placed


def test_the_office_cannot_call_a_hired_student_free(client: Client, world: World) -> None:
    cast.hire(world.sonya, world.partner, "accepted")
    response = client("office").patch(f"/api/v1/students/{world.sonya.public_id}/", {"placed": False})
    assert (response.status_code, fields_of(response)) == (400, ["placed"])


# Who may offer ------------------------------------------------------------------------------------------------------


def test_partner_hr_offers_to_whom_it_sees_by_consent_alone(client: Client, world: World) -> None:
    hanna = client("partner")
    assert offer(hanna, student=str(world.sonya.public_id)).status_code == 201
    hidden = offer(hanna, student=str(world.nikita.public_id))
    assert (hidden.status_code, fields_of(hidden)) == (400, ["student"])
    foreign = offer(hanna, student=str(world.sonya.public_id), partner="rivalfirm")
    assert (foreign.status_code, fields_of(foreign)) == (400, ["partner"])


def test_the_office_offers_for_anybody(client: Client) -> None:
    made = offer(client("office"), student="S-2", partner="rivalfirm", offered_on=day(-9), salary_band="B").json()
    assert (made["student"]["number"], made["offered_on"], made["salary_band"]) == ("S-2", day(-9), "B")


@pytest.mark.parametrize(
    ("state", "status"),
    [("applied", 201), ("accepted", 201), ("agreed", 201), ("active", 201), ("completed", 400), ("declined", 400)],
)
def test_an_own_immersion_that_names_the_student_is_enough(
    client: Client, world: World, state: str, status: int
) -> None:
    stay = cast.immersion(world.nikita, world.partner, state)
    response = client("partner").post(HIRES, {"immersion": str(stay.public_id), "position": "Analyst"})
    assert response.status_code == status
    if status == 201:
        assert response.json()["immersion"] == {"id": str(stay.public_id), "name": "Summer immersion"}
        assert response.json()["student"] == CANDIDATE


def test_an_immersion_of_others_or_that_came_to_nothing_is_no_origin(client: Client, world: World) -> None:
    office, stay = client("office"), cast.immersion(world.sonya, world.partner, "declined")
    assert fields_of(offer(office, immersion=str(stay.public_id))) == ["immersion"]
    other = cast.immersion(world.nikita, world.partner, "active")
    assert fields_of(offer(office, immersion=str(other.public_id))) == ["immersion"]


def test_a_second_offer_of_the_same_partner_waits_for_the_first(client: Client, world: World) -> None:
    office, first = client("office"), cast.hire(world.sonya, world.partner)
    assert offer(office).status_code == 409
    assert offer(office, partner="rivalfirm").status_code == 201
    move(client("student"), first, "declined")
    assert offer(office).status_code == 201


# Answers ------------------------------------------------------------------------------------------------------------


def test_the_answer_to_an_offer_comes_in_time_or_through_the_office(client: Client, world: World) -> None:
    hire = cast.hire(world.sonya, world.partner, answer_by=TODAY - timedelta(days=1))
    assert move(client("student"), hire, "accepted").status_code == 409
    response = move(client("office"), hire, "accepted", answered_on=day(-2))
    assert (response.status_code, response.json()["answered_on"]) == (200, day(-2))


def test_an_answer_that_came_too_late_can_still_be_no(client: Client, world: World) -> None:
    hire = cast.hire(world.sonya, world.partner, answer_by=TODAY - timedelta(days=1))
    assert move(client("student"), hire, "declined").status_code == 200


def test_only_the_office_passes_a_second_acceptance_and_names_another_day(client: Client, world: World) -> None:
    cast.hire(world.sonya, world.rival_partner, "started")
    hire = cast.hire(world.sonya, world.partner)
    refused = move(client("student"), hire, "accepted")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    assert "rival" not in refused.content.decode().lower()
    for more in ({"force": True}, {"answered_on": day(-1)}):
        assert move(client("student"), hire, "accepted", **more).status_code == 403
    assert move(client("office"), hire, "accepted").status_code == 409
    assert move(client("office"), hire, "accepted", force=True).status_code == 200


@pytest.mark.parametrize(
    ("to", "body", "fields"),
    [
        ("accepted", {"starts": "2026-01-01"}, ["starts"]),
        ("declined", {"force": True}, ["force"]),
        ("accepted", {"answered_on": "2020-01-01"}, ["answered_on"]),
        ("accepted", {"answered_on": "2999-01-01"}, ["answered_on"]),
        ("rescinded", {}, ["reason"]),
        ("rescinded", {"left_on": "2026-01-01"}, ["left_on"]),
    ],
)
def test_what_does_not_go_with_a_move_is_named(
    client: Client, world: World, to: str, body: dict[str, Any], fields: list[str]
) -> None:
    response = move(client("office"), cast.hire(world.sonya, world.partner), to, **body)
    assert (response.status_code, fields_of(response)) == (400, fields)


def test_first_and_last_days_must_be_and_be_past(client: Client, world: World) -> None:
    office, hire = client("office"), cast.hire(world.sonya, world.partner, "accepted", starts=None)
    assert fields_of(move(office, hire, "started")) == ["starts"]
    assert fields_of(move(office, hire, "started", starts=day(1))) == ["starts"]
    assert move(office, hire, "started", starts=day(-10)).status_code == 200
    for wrong in ({}, {"left_on": day(1)}, {"left_on": day(-11)}):
        assert fields_of(move(office, hire, "left", **wrong)) == ["left_on"]
    assert move(office, hire, "left", left_on=day(-10)).status_code == 200


@pytest.mark.parametrize("path", [HIRES, "/api/v1/immersions/{}/offer/"])
def test_a_partner_offers_no_first_day_long_past_and_the_office_may(client: Client, world: World, path: str) -> None:
    stay = cast.immersion(world.sonya, world.partner, "applied")
    address, more = path.format(stay.public_id), {"immersion": str(stay.public_id)} if path == HIRES else {}
    for days in ({"starts": day(-32)}, {"starts": "2015-01-01", "offered_on": "2015-01-01"}):
        refused = client("partner").post(address, {"position": "Analyst", **more, **days})
        assert (refused.status_code, fields_of(refused)) == (400, ["starts"])
    assert client("partner").post(address, {"position": "Analyst", **more, "starts": day(-31)}).status_code == 201
    Hire.objects.all().delete()
    assert client("office").post(address, {"position": "Analyst", **more, "starts": day(-400)}).status_code == 201


def test_a_partner_starts_no_hire_on_a_day_long_before_it_was_offered(client: Client, world: World) -> None:
    hire = cast.hire(world.sonya, world.partner, "accepted")
    refused = move(client("partner"), hire, "started", starts="2015-01-01")
    assert (refused.status_code, fields_of(refused)) == (400, ["starts"])
    assert not hire.checks.exists()
    assert move(client("office"), hire, "started", starts=day(-400)).status_code == 200


def test_a_move_that_does_not_exist_is_named_in_plain_words(client: Client, world: World) -> None:
    refused = move(client("office"), cast.hire(world.sonya, world.partner), "started")
    assert "cannot become 'started'; allowed from here: accepted" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"student": "S-404"}, "student"),
        ({"student": None}, "student"),
        ({"partner": "nobody"}, "partner"),
        ({"position": ""}, "position"),
        ({"position": "  "}, "position"),
        ({"position": "x" * 201}, "position"),
        ({"offered_on": "2999-01-01"}, "offered_on"),
        ({"answer_by": "2020-01-01"}, "answer_by"),
        ({"immersion": "none"}, "immersion"),
        ({"left_on": "2026-01-01"}, "left_on"),
        ({"answered_on": "2026-01-01"}, "answered_on"),
        ({"state": "accepted"}, "state"),
    ],
)
def test_what_cannot_be_offered_is_named(client: Client, body: dict[str, Any], field: str) -> None:
    response = offer(client("office"), **body)
    assert (response.status_code, fields_of(response)) == (400, [field])


def test_an_offer_needs_somebody(client: Client) -> None:
    response = client("office").post(HIRES, {"position": "Analyst"})
    assert fields_of(response) == ["student", "partner"]


def test_the_office_corrects_what_is_known(client: Client, world: World) -> None:
    office, hire = client("office"), cast.hire(world.sonya, world.partner, "accepted")
    path = f"{HIRES}{hire.public_id}/"
    changed = office.patch(path, {"position": "Senior analyst", "answered_on": day(-300), "place": "Campus"}).json()
    assert (changed["position"], changed["answered_on"], changed["place"]) == ("Senior analyst", day(-300), "Campus")
    assert rebuild_touchpoints(verify=True) == 0
    wrong: list[dict[str, Any]] = [
        {"left_on": day(0)},
        {"answered_on": day(-400)},
        {"answered_on": None},
        {"offered_on": day(1)},
        {"student": "S-2"},
        {"partner": "rivalfirm"},
    ]
    for body in wrong:
        response = office.patch(path, body)
        assert response.status_code == 400
        assert set(body) <= set(fields_of(response)), body


def test_a_day_that_nobody_gave_yet_cannot_be_corrected(client: Client, world: World) -> None:
    path = f"{HIRES}{cast.hire(world.sonya, world.partner).public_id}/"
    assert fields_of(client("office").patch(path, {"answered_on": day(0)})) == ["answered_on"]
    started = cast.hire(world.nikita, world.partner, "started")
    assert fields_of(client("office").patch(f"{HIRES}{started.public_id}/", {"starts": None})) == ["starts"]
