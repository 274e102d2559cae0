"""What an immersion is proposed with, and what the three sides accept of it: other terms are accepted anew."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.actions.acceptances import SIDES
from crm.actions.students import update_student
from crm.models import Immersion, Mail, StageChange
from tests import cast
from tests.api.conftest import World
from tests.api.test_immersions import Client, address, fields_of, propose
from tests.cast import BY

pytestmark = pytest.mark.once


def accepted_by_all(client: Client, stay: Immersion) -> None:
    for role, side in (("student", "student"), ("office", "university"), ("partner", "partner")):
        assert client(role).post(f"{address(stay)}acceptances/", {"by": side}).status_code == 200


@pytest.mark.parametrize(
    ("role", "field", "value"),
    [
        ("partner", "starts", "2026-07-02"),
        ("partner", "ends", "2026-08-30"),
        ("partner", "site", "Other"),
        ("partner", "city", "{city}"),
        ("partner", "project", "Other"),
        ("office", "kind", "industrial"),
        ("office", "thesis", "Other"),
    ],
)
def test_other_terms_are_accepted_anew(client: Client, world: World, role: str, field: str, value: str) -> None:
    stay = cast.immersion(world.sonya, world.partner, "accepted")
    accepted_by_all(client, stay)
    changed = client(role).patch(address(stay), {field: value.format(city=world.city.slug)})
    assert changed.status_code == 200, changed.content
    assert [changed.json()[f"accepted_by_{side}"] for side in SIDES] == [None] * 3
    last = StageChange.objects.filter(record=stay.public_id).latest("pk")
    assert (last.user, last.to_state) == (world.users[role], "accepted")
    assert last.reason == f"to be accepted anew by all sides: other {field}"
    assert list(fields_of(client("office").post(f"{address(stay)}moves/", {"to": "agreed"}))) == [
        *(f"accepted_by_{side}" for side in SIDES)
    ]
    accepted_by_all(client, stay)
    assert client("office").post(f"{address(stay)}moves/", {"to": "agreed"}).status_code == 200


def test_what_is_no_term_or_stays_as_it_is_leaves_acceptances_alone(client: Client, world: World) -> None:
    stay = cast.immersion(world.sonya, world.partner, "accepted", site="Campus")
    accepted_by_all(client, stay)
    changed = client("partner").patch(address(stay), {"site": "Campus", "starts": str(stay.starts), "housing": "Room"})
    assert all(changed.json()[f"accepted_by_{side}"] for side in SIDES)


@pytest.mark.parametrize("state", ["agreed", "active"])
def test_terms_that_are_agreed_are_changed_by_the_office_alone(client: Client, world: World, state: str) -> None:
    stay = cast.immersion(world.sonya, world.partner, state)
    for name, value in {"starts": "2026-07-02", "ends": "2026-08-30", "site": "Other", "project": "Other"}.items():
        assert client("partner").patch(address(stay), {name: value}).status_code == 409
        changed = client("office").patch(address(stay), {name: value})
        assert (changed.status_code, changed.json()[name]) == (200, value)
    assert all(changed.json()[f"accepted_by_{side}"] for side in SIDES)
    assert client("partner").patch(address(stay), {"housing": "Room", "site": "Other"}).status_code == 200


def test_an_acceptance_may_have_been_on_an_earlier_day_but_not_on_a_later_one(client: Client, world: World) -> None:
    stay, today = cast.immersion(world.sonya, world.partner, "applied"), timezone.localdate()
    body = {"by": "student", "date": str(today + timedelta(days=1))}
    refused = client("student").post(f"{address(stay)}acceptances/", body)
    assert (refused.status_code, list(fields_of(refused))) == (400, ["date"])
    body["date"] = str(today - timedelta(days=3))
    assert client("student").post(f"{address(stay)}acceptances/", body).json()["accepted_by_student"] == body["date"]


def test_days_that_overlap_are_not_agreed_without_a_reason(client: Client, world: World) -> None:
    stay = cast.immersion(world.sonya, world.partner, "accepted", overlap_reason="")
    other = cast.immersion(world.sonya, world.rival_partner, "applied", starts=stay.ends, ends=stay.ends)
    accepted_by_all(client, stay)
    moves = f"{address(stay)}moves/"
    refused = client("office").post(moves, {"to": "agreed"})
    assert (refused.status_code, list(fields_of(refused))) == (409, ["overlap_reason"])
    assert "Rivalfirm" in refused.json()["error"]["message"]
    assert Immersion.objects.get(pk=stay.pk).state == "accepted"
    assert client("office").post(moves, {"to": "agreed", "reason": "One day."}).status_code == 200
    Immersion.objects.filter(pk=stay.pk).update(state="accepted", overlap_reason="One day.")
    assert client("office").post(moves, {"to": "agreed"}).status_code == 200
    Immersion.objects.filter(pk=stay.pk).update(state="accepted", overlap_reason="")
    Immersion.objects.filter(pk=other.pk).update(state="rejected")
    assert client("office").post(moves, {"to": "agreed"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "thesis"),
    [
        ({"kind": "industrial"}, "Enzymes of cold lakes"),
        ({"kind": "industrial", "thesis": ""}, "Enzymes of cold lakes"),
        ({"kind": "industrial", "thesis": "Another"}, "Another"),
        ({"kind": "summer"}, ""),
    ],
)
def test_an_industrial_immersion_is_tied_to_the_students_thesis(
    client: Client, world: World, body: dict[str, str], thesis: str
) -> None:
    update_student(student=world.sonya, thesis_title="Enzymes of cold lakes", by=BY)
    assert propose(client("office"), world, **body).json()["thesis"] == thesis
    if "thesis" not in body:
        assert propose(client("partner"), world, **body).json()["thesis"] == thesis


def test_the_student_is_told_of_a_proposal(client: Client, world: World) -> None:
    made = propose(client("partner"), world).json()
    told = Mail.objects.get(template="immersion_proposed")
    assert (str(told.record), told.student) == (made["id"], world.sonya)
