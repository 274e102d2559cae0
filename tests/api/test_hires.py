"""Offers and hires over REST: who offers, answers and confirms; who reads what of them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from crm.actions.consents import withdraw_consent
from crm.actions.erasure import erase_student
from crm.actions.hires import confirm_hire, offer_hire
from crm.actions.partners import add_representative, update_representative
from crm.errors import Conflict
from crm.links import issue_link, using_link
from crm.models import Disclosure, Hire, LinkPurpose, Mail, OneTimeLink, StageChange, Student
from crm.notices.letters import draft, write
from crm.querysets.people import OWN_PROCESSES
from crm.stages import MACHINES
from crm.touchpoints import rebuild_touchpoints
from search import outbox
from tests import cast
from tests.api.conftest import World, client_of
from tests.api.test_permissions import TABLE, ids_of
from tests.cast import BY

Client = Callable[[str], APIClient]
HIRES = "/api/v1/hires/"
TODAY = timezone.localdate()
CANDIDATE = {"id": None, "name": "a candidate"}
CANARY = "canary band 77"


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


def offer(client: APIClient, **body: Any) -> Any:
    return client.post(HIRES, {"student": "S-1", "partner": "biofirm", "position": "Analyst", **body})


def move(client: APIClient, hire: Hire, to: str, **body: Any) -> Any:
    return client.post(f"{HIRES}{hire.public_id}/moves/", {"to": to, **body})


def fields_of(response: Any) -> list[str]:
    return list(response.json()["error"]["fields"])


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
    [("applied", 201), ("accepted", 201), ("agreed", 201), ("active", 201), ("completed", 403), ("declined", 403)],
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


def test_the_processes_that_name_a_student_are_those_of_the_machines() -> None:
    for model, condition in OWN_PROCESSES.items():
        [(_, states)] = condition.children
        named = {name for name, stage in MACHINES[model.lower()].states.items() if stage.own_process}
        assert named == ({states} if isinstance(states, str) else set(states))


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


# What partners read -------------------------------------------------------------------------------------------------


def test_an_offer_names_the_candidate_as_long_as_a_consent_holds_and_an_accepted_hire_for_ever(
    client: Client, world: World
) -> None:
    hanna, hire = client("partner"), cast.hire(world.sonya, world.partner)
    path = f"{HIRES}{hire.public_id}/"
    assert hanna.get(path).json()["student"] == {"id": str(world.sonya.public_id), "name": "Sonya Sokolova"}
    withdraw_consent(consent=world.consent, by=BY)
    assert hanna.get(path).json()["student"] == CANDIDATE
    for to, body in (("accepted", {}), ("started", {}), ("left", {"left_on": day(0)})):
        move(client("office"), hire, to, **body)
        assert hanna.get(path).json()["student"]["name"] == "Sonya Sokolova"


def test_a_declined_offer_shows_a_candidate_after_withdrawal(client: Client, world: World) -> None:
    hire = cast.hire(world.sonya, world.partner)
    move(client("student"), hire, "declined")
    withdraw_consent(consent=world.consent, by=BY)
    page = client("partner").get(HIRES).json()["results"]
    assert [row["student"] for row in page] == [CANDIDATE]


def test_filters_tell_a_partner_no_more_than_the_record(client: Client, world: World) -> None:
    hanna, hire = client("partner"), cast.hire(world.sonya, world.partner)
    asked = [f"student={world.sonya.public_id}", "lab=test-enzymes-lab", "programme=test-life-sciences"]
    for query in asked:
        assert len(hanna.get(f"{HIRES}?{query}").json()["results"]) == 1
    assert hanna.get(f"{HIRES}?student=S-1").status_code == 400
    withdraw_consent(consent=world.consent, by=BY)
    for query in asked[1:]:
        assert hanna.get(f"{HIRES}?{query}").json()["results"] == []
    assert hanna.get(f"{HIRES}?{asked[0]}").status_code == 400
    move(client("student"), hire, "accepted")
    for query in asked:
        assert len(hanna.get(f"{HIRES}?{query}").json()["results"]) == 1


def test_no_other_partner_sees_an_offer(client: Client, world: World) -> None:
    hire = cast.hire(world.nikita, world.partner, "accepted")
    rolf = client("rival")
    assert rolf.get(HIRES).json()["results"] == []
    assert rolf.get(f"{HIRES}{hire.public_id}/").status_code == 404


def test_whoever_reads_the_name_stands_in_the_disclosures(client: Client, world: World) -> None:
    hire, hanna = cast.hire(world.sonya, world.partner), client("partner")

    def told() -> list[tuple[str, int]]:
        rows = Disclosure.objects.filter(viewer=world.users["partner"])
        return list(rows.order_by("id").values_list("kind", "student_id"))

    hanna.get(HIRES)
    hanna.get(f"{HIRES}{hire.public_id}/")
    assert told() == [("search_page", world.sonya.pk), ("record", world.sonya.pk)]
    withdraw_consent(consent=world.consent, by=BY)
    hanna.get(HIRES)
    assert len(told()) == 2


def test_a_list_costs_the_same_whatever_its_length(client: Client, world: World) -> None:
    hanna = client("partner")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert hanna.get(HIRES).status_code == 200
        return len(captured)

    cast.hire(world.sonya, world.partner)
    before = queries()
    for _ in range(3):
        person = cast.student("Mora More")
        cast.consent(person, world.partner)
        cast.hire(person, world.partner)
    assert queries() == before


def test_hires_are_filtered(client: Client, world: World) -> None:
    office = client("office")
    cast.hire(world.sonya, world.partner, "started", offered_on=date(2024, 3, 1), starts=date(2024, 4, 1))
    cast.hire(world.nikita, world.rival_partner)

    def found(query: str) -> list[str]:
        return [row["student"]["number"] for row in office.get(f"{HIRES}?{query}").json()["results"]]

    assert found("partner=biofirm") == found("student=S-1") == found("lab=test-enzymes-lab") == ["S-1"]
    assert found("year=2024") == found("state=started,left") == found("check_due=true") == ["S-1"]
    assert found("state=offered") == found("check_due=false") == ["S-2"]
    assert found("state=offered,started") == ["S-2", "S-1"]
    for wrong in ("state=hired", "state=started,hired", "year=x", "partner=nobody", "colour=red"):
        response = office.get(f"{HIRES}?{wrong}")
        assert (response.status_code, fields_of(response)) == (400, [wrong.partition("=")[0]])


# The salary band ----------------------------------------------------------------------------------------------------


def test_only_office_and_admin_read_the_salary_band_and_only_the_office_writes_it(client: Client, world: World) -> None:
    hire = cast.hire(world.sonya, world.partner, salary_band=CANARY)
    path = f"{HIRES}{hire.public_id}/"
    for role in ("office", "admin"):
        assert client(role).get(path).json()["salary_band"] == CANARY
    for role in ("professor", "partner", "student"):
        assert "salary_band" not in client(role).get(path).json()
        assert "salary_band" not in client(role).get(HIRES).json()["results"][0]
    wrote = offer(client("partner"), student=str(world.sonya.public_id), salary_band="mine")
    assert wrote.status_code == 403
    assert client("office").patch(path, {"salary_band": "C"}).json()["salary_band"] == "C"


PATHS = [path for method, path, *_ in TABLE if method == "GET"]


@pytest.mark.parametrize("role", ["professor", "partner", "rival", "student", "stranger", "anonymous"])
def test_no_route_shows_the_salary_band_to_others(world: World, index: None, role: str) -> None:
    client_of(world.users["partner"])
    ids = ids_of(world)
    Hire.objects.update(salary_band=CANARY)
    client = client_of(world.users.get(role))
    answers = {path: client.get(f"/api/v1/{path.format(**ids)}").getvalue() for path in PATHS}
    assert [path for path, content in answers.items() if b"canary band" in content or b"salary" in content] == []


def test_no_mail_and_no_report_tells_the_salary_band(client: Client, world: World) -> None:
    cast.hire(world.sonya, world.partner, "started", salary_band=CANARY)
    Hire.objects.update(state="accepted")
    told = Mail.objects.filter(template__in=["hire_offered", "hire_to_confirm", "hire_check_due"])
    letters = [write(found, token="x") for mail in told if (found := draft(mail))]
    assert len(letters) >= 4
    assert not [letter for letter in letters if CANARY in f"{letter.subject}{letter.text}{letter.html}"]
    for path in ("reports/funnel/?format=csv", "reports/funnel/?by=partner", "reports/outcomes/"):
        assert CANARY not in client("office").get(f"/api/v1/{path}").content.decode()


# Confirmation -------------------------------------------------------------------------------------------------------


def test_the_partner_confirms_once_and_only_what_was_accepted(client: Client, world: World) -> None:
    hire, hanna = cast.hire(world.sonya, world.partner), client("partner")
    path = f"{HIRES}{hire.public_id}/confirm/"
    assert hanna.post(path).status_code == 409
    move(client("student"), hire, "accepted")
    assert hanna.post(path).status_code == 200
    assert Hire.objects.get(pk=hire.pk).confirmed_by == world.representative
    assert hanna.post(path).status_code == 409


def test_who_holds_the_link_confirms_as_the_person_it_was_issued_to(world: World) -> None:
    hire = cast.hire(world.sonya, world.partner, "accepted")
    token = issue_link(purpose=LinkPurpose.HIRE, record=hire.public_id, to=world.representative)
    with using_link(token) as bearer:
        confirm_hire(hire=hire, by=bearer)
    assert Hire.objects.get(pk=hire.pk).confirmed_by == world.representative


@pytest.mark.parametrize("role", ["partner", "office"])
def test_links_end_with_what_they_were_for(client: Client, world: World, role: str) -> None:
    hire = cast.hire(world.sonya, world.partner, "accepted")
    issue_link(purpose=LinkPurpose.HIRE, record=hire.public_id, to=world.representative)
    if role == "partner":
        client(role).post(f"{HIRES}{hire.public_id}/confirm/")
    else:
        move(client(role), hire, "rescinded", reason="The site was closed.")
    assert not OneTimeLink.objects.filter(used_at__isnull=True).exists()


# Notices ------------------------------------------------------------------------------------------------------------


def mails(template: str) -> list[Mail]:
    return list(Mail.objects.filter(template=template).order_by("id"))


def test_the_student_hears_of_an_offer_and_the_offerer_of_its_acceptance(client: Client, world: World) -> None:
    add_representative(partner=world.partner, given_name="Ned", family_name="New", by=BY)
    made = offer(client("partner"), student=str(world.sonya.public_id)).json()
    assert [mail.student for mail in mails("hire_offered")] == [world.sonya]
    move(client("student"), Hire.objects.get(public_id=made["id"]), "accepted")
    assert [mail.representative for mail in mails("hire_to_confirm")] == [world.representative]


def test_where_the_office_noted_the_offer_all_present_representatives_are_asked(client: Client, world: World) -> None:
    ned = add_representative(partner=world.partner, given_name="Ned", family_name="New", by=BY)
    past = {"ends": TODAY - timedelta(days=1)}
    add_representative(partner=world.partner, given_name="Pia", family_name="Past", by=BY, **past)
    move(client("student"), cast.hire(world.sonya, world.partner), "accepted")
    assert {mail.representative for mail in mails("hire_to_confirm")} == {world.representative, ned}


def test_who_offered_and_left_the_partner_is_not_asked(client: Client, world: World) -> None:
    hire = offer_hire(student=world.sonya, partner=world.partner, position="Analyst", by=world.users["partner"])
    ned = add_representative(partner=world.partner, given_name="Ned", family_name="New", by=BY)
    update_representative(representative=world.representative, by=BY, ends=TODAY - timedelta(days=1))
    move(client("student"), hire, "accepted")
    assert [mail.representative for mail in mails("hire_to_confirm")] == [ned]


def test_the_office_is_reminded_when_a_check_falls_due(world: World) -> None:
    hire = cast.hire(world.sonya, world.partner, "started", starts=date(2026, 8, 31))
    due = [(mail.record, timezone.localtime(mail.due_at).date(), mail.user) for mail in mails("hire_check_due")]
    olga, checks = world.users["office"], list(hire.checks.order_by("months"))
    assert due == [(check.public_id, check.due, olga) for check in checks]
    assert [check.due for check in checks] == [date(2027, 2, 28), date(2027, 8, 31)]


# Checks -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def started(world: World) -> Hire:
    return cast.hire(world.sonya, world.partner, "started")


def test_the_office_writes_down_what_a_check_found(client: Client, started: Hire) -> None:
    office, path = client("office"), f"{HIRES}{started.public_id}/checks/"
    first, second = office.get(path).json()
    assert (first["months"], second["months"], first["done_on"]) == (6, 12, None)
    done = office.patch(f"{path}{first['id']}/", {"still_there": True, "notes": "Promoted."}).json()
    assert (done["done_on"], done["still_there"], done["notes"]) == (day(0), True, "Promoted.")
    back = office.patch(f"{path}{first['id']}/", {"still_there": None}).json()
    assert (back["done_on"], back["still_there"]) == (None, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"done_on": "2026-01-01"}, "still_there"),
        ({"still_there": True, "done_on": "2999-01-01"}, "done_on"),
        ({"still_there": None, "done_on": "2026-01-01"}, "still_there"),
        ({"due": "2026-01-01"}, "due"),
        ({"months": 9}, "months"),
        ({"notes": "x" * 501}, "notes"),
    ],
)
def test_half_a_check_is_none(client: Client, started: Hire, body: dict[str, Any], field: str) -> None:
    path = f"{HIRES}{started.public_id}/checks/{started.checks.first().public_id}/"  # type: ignore[union-attr] # made
    response = client("office").patch(path, body)
    assert (response.status_code, fields_of(response)) == (400, [field])


def test_checks_of_another_hire_are_not_found(client: Client, world: World, started: Hire) -> None:
    other = cast.hire(world.nikita, world.partner, "started")
    check = other.checks.get(months=6).public_id
    assert client("office").patch(f"{HIRES}{started.public_id}/checks/{check}/", {}).status_code == 404


def test_leaving_answers_the_checks_that_were_not_done(client: Client, world: World) -> None:
    starts = TODAY - timedelta(days=400)
    hire = cast.hire(world.sonya, world.partner, "started", starts=starts, offered_on=starts)
    move(client("office"), hire, "left", left_on=(starts + timedelta(days=300)).isoformat())
    assert list(hire.checks.order_by("months").values_list("still_there", flat=True)) == [True, False]
    assert not hire.checks.filter(done_on__isnull=True).exists()


def test_a_corrected_first_day_moves_the_checks_that_are_not_done(client: Client, started: Hire) -> None:
    client("office").patch(f"{HIRES}{started.public_id}/", {"starts": "2026-01-31"})
    assert list(started.checks.order_by("months").values_list("due", flat=True)) == [
        date(2026, 7, 31),
        date(2027, 1, 31),
    ]
    assert Mail.objects.filter(template="hire_check_due").count() == 4


# Erasure and history ------------------------------------------------------------------------------------------------


def test_moves_are_kept_and_an_erased_student_takes_the_words_along(client: Client, world: World) -> None:
    hire = cast.hire(world.sonya, world.partner)
    move(client("office"), hire, "rescinded", reason="Sonya moved away.")
    history = StageChange.objects.filter(kind="hire").order_by("id")
    assert list(history.values_list("from_state", "to_state", "reason")) == [
        ("", "offered", ""),
        ("offered", "rescinded", "Sonya moved away."),
    ]
    issue_link(purpose=LinkPurpose.HIRE, record=hire.public_id, to=world.representative)
    erase_student(student=world.sonya, by=BY)
    assert not Hire.objects.exists()
    assert [change.reason for change in history.all()] == ["", ""]
    assert not history.filter(record=hire.public_id).exists()
    assert not OneTimeLink.objects.exists()


def test_the_export_of_a_student_holds_the_hires_without_the_salary(client: Client, world: World) -> None:
    cast.hire(world.sonya, world.partner, salary_band=CANARY)
    export = client("student").get("/api/v1/me/export/")
    assert [hire["position"] for hire in export.json()["hires"]] == ["Analyst"]
    assert CANARY not in export.content.decode()


def test_nobody_confirms_what_was_rescinded(world: World) -> None:
    hire = cast.hire(world.sonya, world.partner)
    with pytest.raises(Conflict):
        confirm_hire(hire=hire, by=world.users["partner"])


def test_a_professor_reads_the_hires_of_own_students_alone(client: Client, world: World) -> None:
    cast.hire(world.sonya, world.partner)
    cast.hire(world.nikita, world.partner)
    numbers = [row["student"]["number"] for row in client("professor").get(HIRES).json()["results"]]
    assert numbers == ["S-1"]
    assert client_of(world.users["stranger"]).get(HIRES).json()["results"][0]["student"]["number"] == "S-2"
