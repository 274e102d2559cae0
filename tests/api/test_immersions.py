"""Immersions over REST: proposed, changed, accepted by three sides, and led to an offer."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from crm.actions.acceptances import SIDES
from crm.actions.immersions import propose_immersion
from crm.errors import Invalid, NotAllowed
from crm.models import Disclosure, Immersion, ImmersionState, StageChange, Touchpoint
from tests import cast
from tests.api.conftest import World

pytestmark = pytest.mark.once

Client = Callable[[str], APIClient]
PATH = "/api/v1/immersions/"
SUMMER = {"starts": "2030-07-01", "ends": "2030-08-31"}


def propose(client: APIClient, world: World, **body: Any) -> Any:
    wish = {"kind": "summer", "student": str(world.sonya.public_id), "partner": "biofirm", **body}
    return client.post(PATH, {name: value for name, value in wish.items() if value is not None})


def address(immersion: Immersion) -> str:
    return f"{PATH}{immersion.public_id}/"


def fields_of(response: Any) -> dict[str, list[str]]:
    return response.json()["error"]["fields"]


def test_the_office_proposes_for_any_student_with_all_that_is_known(client: Client, world: World) -> None:
    made = propose(
        client("office"),
        world,
        student="S-3",
        kind="industrial",
        lab=world.lab.slug,
        academic_supervisor=str(world.professor.public_id),
        mentor=str(world.representative.public_id),
        thesis="On enzymes",
        city=world.city.slug,
        **SUMMER,
    )
    assert made.status_code == 201
    shown = made.json()
    assert (shown["state"], shown["student"]["name"], shown["thesis"]) == ("proposed", "Vera Volkova", "On enzymes")
    assert shown["mentor"]["name"] == "Hanna Brook"
    assert shown["missing_for_next_stage"] == {}
    assert StageChange.objects.get(kind="immersion").user == world.users["office"]


def test_a_partner_proposes_to_a_candidate_that_it_sees_and_to_nobody_else(client: Client, world: World) -> None:
    hanna = client("partner")
    made = propose(hanna, world, partner=None, site="Main campus", mentor=str(world.representative.public_id))
    assert (made.status_code, made.json()["partner"]["slug"]) == (201, "biofirm")
    for student in (world.nikita, world.vera):
        refused = propose(hanna, world, student=str(student.public_id))
        assert (refused.status_code, list(fields_of(refused))) == (400, ["student"])
    assert list(fields_of(propose(hanna, world, partner="rivalfirm"))) == ["partner"]
    assert list(fields_of(propose(hanna, world, student="S-1"))) == ["student"]


def test_consent_is_asked_again_where_it_may_have_ended_since_the_student_was_found(world: World) -> None:
    with pytest.raises(Invalid):
        propose_immersion(student=world.nikita, partner=world.partner, kind="summer", by=world.users["partner"])
    with pytest.raises(NotAllowed):
        propose_immersion(student=world.sonya, partner=world.rival_partner, kind="summer", by=world.users["partner"])


@pytest.mark.parametrize("field", ["thesis", "lab", "academic_supervisor", "kind"])
def test_a_partner_changes_what_is_its_own_alone(client: Client, world: World, field: str) -> None:
    stay = cast.immersion(world.sonya, world.partner)
    value = {"lab": world.lab.slug, "academic_supervisor": str(world.professor.public_id), "kind": "industrial"}
    hanna = client("partner")
    assert hanna.patch(address(stay), {field: value.get(field, "Other")}).status_code == 403
    changed = hanna.patch(address(stay), {"host_group": "Assays", "housing": "Campus", "city": world.city.slug})
    assert (changed.status_code, changed.json()["host_group"]) == (200, "Assays")


def test_what_is_over_is_corrected_by_the_office_alone(client: Client, world: World) -> None:
    stay = cast.immersion(world.sonya, world.partner, "cancelled")
    assert client("partner").patch(address(stay), {"site": "Other"}).status_code == 409
    assert client("office").patch(address(stay), {"site": "Other"}).json()["site"] == "Other"


def test_student_and_partner_are_fixed(client: Client, world: World) -> None:
    stay = cast.immersion(world.sonya, world.partner)
    for name, value in (("student", "S-2"), ("partner", "rivalfirm"), ("state", "active")):
        assert list(fields_of(client("office").patch(address(stay), {name: value}))) == [name]


def test_what_cannot_be_is_named(client: Client, world: World) -> None:
    stay = cast.immersion(world.sonya, world.partner)
    rolf = world.users["rival"].representative
    gone = cast.representative(world.partner, "Gina Past", ends=date(2020, 1, 1)).representative
    olga = client("office")
    for name, value in (
        ("ends", "2026-06-30"),
        ("starts", "soon"),
        ("mentor", str(rolf.public_id)),
        ("mentor", str(gone.public_id)),
        ("kind", "winter"),
        ("project", "x" * 20_001),
    ):
        refused = olga.patch(address(stay), {name: value})
        assert (refused.status_code, list(fields_of(refused))) == (400, [name])


@pytest.mark.parametrize(
    ("state", "field", "status"),
    [
        *(("accepted", field, 200) for field in ("starts", "ends", "mentor")),
        *(("agreed", field, status) for field, status in (("starts", 400), ("ends", 400), ("mentor", 200))),
        *((state, field, 400) for state in ("active", "completed") for field in ("starts", "ends", "mentor")),
        ("rejected", "mentor", 200),
    ],
)
def test_what_a_stage_required_is_not_taken_away(
    client: Client, world: World, state: str, field: str, status: int
) -> None:
    stay = cast.immersion(world.sonya, world.partner, state)
    response = client("office").patch(address(stay), {field: None})
    assert response.status_code == status
    assert status == 200 or list(fields_of(response)) == [field]


@pytest.mark.parametrize(
    ("role", "side", "source", "status"),
    [
        ("student", "student", "", 200),
        ("student", "university", "", 403),
        ("student", "partner", "", 403),
        ("partner", "partner", "", 200),
        ("partner", "student", "paper", 403),
        ("partner", "university", "", 403),
        ("office", "university", "", 200),
        ("office", "student", "", 400),
        ("office", "student", "signed paper of 1 May", 200),
        ("office", "partner", " ", 400),
        ("office", "partner", "signed paper of 2 May", 200),
        ("office", "nobody", "", 400),
        ("admin", "university", "", 403),
        ("professor", "university", "", 403),
        ("rival", "partner", "", 404),
        ("stranger", "student", "", 404),
    ],
)
def test_each_side_accepts_for_itself_and_the_office_records_papers(
    client: Client, world: World, role: str, side: str, source: str, status: int
) -> None:
    stay = cast.immersion(world.sonya, world.partner, "accepted")
    response = client(role).post(f"{address(stay)}acceptances/", {"by": side, "source": source})
    assert response.status_code == status
    stay.refresh_from_db()
    accepted = {name: getattr(stay, f"accepted_by_{name}") for name in SIDES}
    assert accepted == {name: timezone.localdate() if (name, status) == (side, 200) else None for name in SIDES}
    if status == 200:
        assert response.json()[f"accepted_by_{side}"] == str(timezone.localdate())
        assert StageChange.objects.filter(user=world.users[role], reason__contains=source or side).exists()
        seen = client("office").get(address(stay)).json().get(f"{side}_acceptance_source", "")
        assert seen == source


def test_a_side_accepts_once_and_before_it_is_agreed(client: Client, world: World) -> None:
    stay = cast.immersion(world.sonya, world.partner, "applied")
    sonya = client("student")
    assert sonya.post(f"{address(stay)}acceptances/", {"by": "student"}).status_code == 200
    again = sonya.post(f"{address(stay)}acceptances/", {"by": "student"})
    assert (again.status_code, str(timezone.localdate()) in again.json()["error"]["message"]) == (409, True)
    over = cast.immersion(world.sonya, world.partner, "declined")
    assert sonya.post(f"{address(over)}acceptances/", {"by": "student"}).status_code == 409


def test_the_record_says_what_the_next_stage_lacks(client: Client, world: World) -> None:
    stay = cast.immersion(world.sonya, world.partner, "accepted", mentor=None, starts=None)
    olga = client("office")
    missing = olga.get(address(stay)).json()["missing_for_next_stage"]
    assert set(missing["agreed"]) == {"accepted_by_student", "accepted_by_university", "accepted_by_partner", "starts"}
    refused = olga.post(f"{address(stay)}moves/", {"to": "agreed"})
    assert (refused.status_code, set(fields_of(refused))) == (400, set(missing["agreed"]))
    agreed = cast.immersion(world.sonya, world.partner, "agreed", mentor=None)
    olga.post(f"{address(agreed)}trainings/", {"kind": "gxp", "name": "GMP basics"})
    shown = olga.get(address(agreed)).json()
    assert set(shown["missing_for_next_stage"]["active"]) == {"mentor", "trainings"}


def test_it_is_completed_once_the_final_evaluation_is_given(client: Client, world: World) -> None:
    stay, olga = cast.immersion(world.sonya, world.partner, "active"), client("office")
    cast.evaluation(stay, "mid")
    done = {"to": "completed"}
    assert list(fields_of(olga.post(f"{address(stay)}moves/", done))) == ["evaluations"]
    cast.evaluation(stay, "final")
    assert olga.post(f"{address(stay)}moves/", done).json()["state"] == "completed"


def test_it_begins_once_each_training_is_passed(client: Client, world: World) -> None:
    stay, olga = cast.immersion(world.sonya, world.partner, "agreed"), client("office")
    trainings = f"{address(stay)}trainings/"
    added = olga.post(trainings, {"kind": "safety", "name": "Fire safety"})
    assert added.status_code == 201
    [training] = added.json()["trainings"]
    begin = {"to": "active"}
    assert list(fields_of(olga.post(f"{address(stay)}moves/", begin))) == ["trainings"]
    ahead = str(timezone.localdate() + timedelta(days=1))
    assert list(fields_of(olga.patch(f"{trainings}{training['id']}/", {"passed_on": ahead}))) == ["passed_on"]
    passed = olga.patch(f"{trainings}{training['id']}/", {"passed_on": str(timezone.localdate())})
    assert passed.json()["missing_for_next_stage"] == {}
    assert olga.post(f"{address(stay)}moves/", begin).json()["state"] == "active"
    assert Touchpoint.objects.filter(record=stay.public_id, student=world.sonya, date=stay.starts).exists()


def test_a_training_stands_once_is_renamed_and_taken_back(client: Client, world: World) -> None:
    stay, olga = cast.immersion(world.sonya, world.partner), client("office")
    trainings, safety = f"{address(stay)}trainings/", {"kind": "safety", "name": "Fire safety"}
    [first] = olga.post(trainings, safety).json()["trainings"]
    assert olga.post(trainings, safety).status_code == 409
    [_, second] = olga.post(trainings, {"kind": "gxp", "name": "GMP basics"}).json()["trainings"]
    assert olga.patch(f"{trainings}{second['id']}/", {"name": "Fire safety"}).status_code == 409
    assert olga.patch(f"{trainings}{second['id']}/", {"name": "GMP"}).status_code == 200
    assert olga.delete(f"{trainings}{first['id']}/").status_code == 204
    other = cast.immersion(world.sonya, world.partner, "declined")
    assert olga.patch(f"{address(other)}trainings/{second['id']}/", {"name": "GMP"}).status_code == 404
    assert olga.post(f"{address(other)}trainings/", safety).status_code == 409


def test_an_offer_is_made_in_one_request_and_says_where_it_comes_from(client: Client, world: World) -> None:
    stay = cast.immersion(world.sonya, world.partner, "active")
    made = client("partner").post(f"{address(stay)}offer/", {"position": "Assay developer", "place": "Campus"})
    assert made.status_code == 201
    assert made.json()["immersion"]["id"] == str(stay.public_id)
    assert (made.json()["state"], made.json()["partner"]["slug"]) == ("offered", "biofirm")
    assert client("office").post(f"{address(stay)}offer/", {"position": "Assay developer"}).status_code == 409


def test_immersions_are_filtered(client: Client, world: World) -> None:
    stay = cast.immersion(world.sonya, world.partner, "active", starts=date(2026, 7, 1))
    other = cast.immersion(world.nikita, world.rival_partner, kind="industrial", starts=date(2027, 7, 1), ends=None)
    for query, found in (
        ("student=S-1", {stay}),
        ("partner=rivalfirm", {other}),
        (f"lab={world.lab.slug}", {stay}),
        (f"programme={world.programme.slug}", {stay}),
        ("kind=industrial", {other}),
        ("state=active", {stay}),
        ("state=active,proposed", {stay, other}),
        ("year=2027", {other}),
        ("year=2027&state=active", set()),
    ):
        results = client("office").get(f"{PATH}?{query}").json()["results"]
        assert {row["id"] for row in results} == {str(record.public_id) for record in found}, query
    assert client("office").get(f"{PATH}?state=unknown").status_code == 400


def test_a_page_takes_the_same_number_of_queries_however_long(client: Client, world: World) -> None:
    hanna, counts = client("partner"), []
    for pages in (1, 2):
        for state in ImmersionState.values:
            stay = cast.immersion(world.sonya, world.partner, state)
            if state == "active":
                cast.evaluation(stay, shown_skills=[{"skill": world.skill, "level": 3}])
        with CaptureQueriesContext(connection) as queries:
            assert len(hanna.get(PATH).json()["results"]) == 9 * pages
        counts.append(len(queries))
    assert counts == [9, 9]


def test_who_reads_the_name_stands_in_the_disclosures(client: Client, world: World) -> None:
    named = cast.immersion(world.sonya, world.partner)
    nameless = cast.immersion(world.nikita, world.partner)
    hanna = client("partner")
    hanna.get(PATH)
    hanna.get(address(named))
    hanna.get(address(nameless))
    shown = Disclosure.objects.filter(viewer=world.users["partner"]).order_by("pk")
    assert [(row.student, row.kind) for row in shown] == [(world.sonya, "search_page"), (world.sonya, "record")]
    client("student").get(address(named))
    assert shown.count() == 2
