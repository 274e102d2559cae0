"""Follow-ups: overdue ones on top until they are done, and one reminder in the morning of the owner's day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from crm.actions.accounts import update_account
from crm.actions.reference import save_professor
from crm.models import FollowUp, Mail, MailState, StageChange
from tests import cast
from tests.api.conftest import World
from tests.cast import BY

Client = Callable[[str], APIClient]
STEPS = "/api/v1/follow-ups/"


def whats(client: APIClient, query: str = "") -> list[str]:
    return [row["what"] for row in client.get(f"{STEPS}{query}").json()["results"]]


def reminders(step: FollowUp) -> list[tuple[str, datetime, str]]:
    rows = Mail.objects.filter(template="follow_up_due", record=step.public_id).order_by("id")
    return [(row.user.email, row.due_at, row.state) for row in rows if row.user]


def test_overdue_ones_stay_on_top_until_they_are_done(client: Client, world: World) -> None:
    office = client("office")
    late = cast.follow_up(world.users["office"], what="Late", due_in=-3, partner=world.partner)
    cast.follow_up(world.users["office"], what="Later", due_in=-1, lab=world.lab)
    cast.follow_up(world.users["office"], what="Today", due_in=0, lab=world.lab)
    assert whats(office) == ["Late", "Later", "Today", "Send the protocol"]
    assert whats(office, "?overdue=true") == ["Late", "Later"]
    rows = office.get(STEPS).json()["results"]
    assert [row["overdue"] for row in rows] == [True, True, False, False]
    closed = office.post(f"{STEPS}{late.public_id}/moves/", {"to": "done"}).json()
    assert (closed["state"], closed["overdue"], closed["closed_at"] is None) == ("done", False, False)
    assert whats(office) == ["Later", "Today", "Send the protocol"]
    assert whats(office, "?state=done") == ["Late"]
    assert whats(office, "?state=any") == ["Later", "Today", "Send the protocol", "Late"]
    first = office.get(f"{STEPS}?state=any&page_size=3").json()
    assert [row["what"] for row in office.get(first["next"]).json()["results"]] == ["Late"]


def test_who_drops_one_says_why(client: Client, world: World) -> None:
    office, path = client("office"), f"{STEPS}{world.follow_up.public_id}/moves/"
    assert office.get(path).json()["moves"] == ["done", "dropped"]
    refused = office.post(path, {"to": "dropped", "reason": " "})
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, ["reason"])
    assert (
        office.post(path, {"to": "dropped", "reason": "They closed the site"}).json()["reason"]
        == "They closed the site"
    )
    assert office.post(path, {"to": "done"}).status_code == 409
    opened = office.post(path, {"to": "open"}).json()
    assert (opened["state"], opened["closed_at"]) == ("open", None)
    moves = StageChange.objects.filter(kind="follow-up", record=world.follow_up.public_id).order_by("id")
    assert list(moves.values_list("from_state", "to_state")) == [
        ("", "open"),
        ("open", "dropped"),
        ("dropped", "open"),
    ]


def test_one_that_is_opened_again_is_reminded_of_again(client: Client, world: World) -> None:
    step = cast.follow_up(world.users["office"], due_in=1, partner=world.partner)
    path = f"{STEPS}{step.public_id}/moves/"
    Mail.objects.filter(record=step.public_id).update(state=MailState.SENT)
    for states in (["sent", "waiting"], ["sent", "waiting"]):
        for to in ("done", "open"):
            assert client("office").post(path, {"to": to}).status_code == 200
        assert [state for *_, state in reminders(step)] == states
        assert reminders(step)[0][:2] == reminders(step)[1][:2]


def test_a_professor_closes_the_own_ones_and_sees_no_other(client: Client, world: World) -> None:
    cast.follow_up(world.users["office"], what="Of the office", partner=world.partner)
    professor = client("professor")
    assert whats(professor) == ["Send the protocol"]
    assert professor.post(f"{STEPS}{world.follow_up.public_id}/moves/", {"to": "done"}).status_code == 200
    assert professor.get(f"{STEPS}?owner=olga@university.example").status_code == 400
    assert professor.get(f"{STEPS}?owner=me&state=done").json()["results"][0]["what"] == "Send the protocol"


@pytest.mark.parametrize(
    ("body", "partner", "lab"),
    [
        ({"contact": "{contact}"}, "biofirm", "test-enzymes-lab"),
        ({"partner": "rivalfirm"}, "rivalfirm", None),
        ({"lab": "test-photonics-lab", "owner": "PAVEL@university.example"}, None, "test-photonics-lab"),
        ({"contact": "{contact}", "lab": "test-photonics-lab", "partner": "biofirm"}, "biofirm", "test-photonics-lab"),
    ],
)
def test_one_is_added_to_a_contact_a_partner_or_a_lab(
    client: Client, world: World, body: dict[str, str], partner: str | None, lab: str | None
) -> None:
    about = {name: text.format(contact=world.contact.public_id) for name, text in body.items()}
    response = client("office").post(STEPS, {"what": "Call", "due": "2027-01-15", **about})
    assert response.status_code == 201, response.content
    made = response.json()
    assert [made[name] and made[name]["slug"] for name in ("partner", "lab")] == [partner, lab]
    assert made["owner"]["name"] == ("Pavel Lesnoy" if "owner" in body else "olga@university.example")
    assert (made["contact"] or {}).get("id") == about.get("contact")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "contact"),
        ({"contact": "{contact}", "partner": "rivalfirm"}, "partner"),
        ({"partner": "biofirm", "owner": "hanna@biofirm.example"}, "owner"),
        ({"partner": "biofirm", "owner": "{student}"}, "owner"),
        ({"partner": "biofirm", "due": "0001-01-01"}, "due"),
        ({"partner": "biofirm", "due": "soon"}, "due"),
        ({"partner": "biofirm", "what": ""}, "what"),
        ({"partner": "biofirm", "state": "done"}, "state"),
    ],
    ids=str,
)
def test_what_cannot_be_added_is_named(client: Client, world: World, body: dict[str, str], field: str) -> None:
    ids = {"contact": world.contact.public_id, "student": world.users["student"].public_id}
    about = {name: text.format(**ids) for name, text in body.items()}
    response = client("office").post(STEPS, {"what": "Call", "due": "2027-01-15", **about})
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, [field])


def test_a_closed_one_is_opened_before_it_is_changed(client: Client, world: World) -> None:
    office, path = client("office"), f"{STEPS}{world.follow_up.public_id}/"
    office.post(f"{path}moves/", {"to": "done"})
    assert office.patch(path, {"due": "2027-02-01"}).status_code == 409
    office.post(f"{path}moves/", {"to": "open"})
    assert office.patch(path, {"due": "2027-02-01"}).json()["due"] == "2027-02-01"


def test_one_reminder_waits_for_eight_in_the_morning_where_the_owner_is(client: Client, world: World) -> None:
    pavel, olga = world.users["professor"], world.users["office"]
    update_account(user=pavel, time_zone="Asia/Vladivostok", by=BY)
    path = f"{STEPS}{world.follow_up.public_id}/"
    client("office").patch(path, {"due": "2027-01-15"})
    vladivostok = (pavel.email, datetime(2027, 1, 14, 22, tzinfo=UTC), "waiting")
    assert reminders(world.follow_up) == [vladivostok]
    client("office").patch(path, {"owner": olga.email})
    assert reminders(world.follow_up) == [(olga.email, datetime(2027, 1, 15, 8, tzinfo=UTC), "waiting")]
    client("office").patch(path, {"owner": str(pavel.public_id), "what": "Send both"})
    assert reminders(world.follow_up) == [vladivostok]


def test_the_reminder_of_a_day_is_queued_once(client: Client, world: World) -> None:
    path, due = f"{STEPS}{world.follow_up.public_id}/", str(world.follow_up.due)
    Mail.objects.filter(template="follow_up_due").update(state=MailState.SENT)
    client("office").patch(path, {"due": "2027-01-15"})
    assert [state for *_, state in reminders(world.follow_up)] == ["sent", "waiting"]
    client("office").patch(path, {"due": due})
    assert [state for *_, state in reminders(world.follow_up)] == ["sent"]


def test_reminders_move_with_the_time_zone_of_their_owner(client: Client, world: World) -> None:
    before = reminders(world.follow_up)
    answer = client("professor").patch("/api/v1/me/", {"time_zone": "America/New_York"}).json()
    assert (answer["time_zone"], answer["wants_digest"]) == ("America/New_York", False)
    ((_, due_at, _),) = reminders(world.follow_up)
    assert due_at > before[0][1]
    client("professor").patch("/api/v1/me/", {"time_zone": ""})
    assert reminders(world.follow_up) == before


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("owner=me", ["Of the office"]),
        ("owner=olga@university.example", ["Of the office"]),
        ("owner={pavel}", ["Send the protocol"]),
        ("partner=biofirm", ["Send the protocol"]),
        ("lab=test-enzymes-lab", ["Send the protocol"]),
        ("contact={contact}", ["Send the protocol"]),
        ("overdue=false", ["Send the protocol", "Of the office"]),
        ("state=dropped", []),
    ],
)
def test_follow_ups_are_filtered(client: Client, world: World, query: str, found: list[str]) -> None:
    cast.follow_up(world.users["office"], what="Of the office", due_in=9, partner=world.rival_partner)
    ids = {"pavel": world.users["professor"].public_id, "contact": world.contact.public_id}
    assert whats(client("office"), f"?{query.format(**ids)}") == found


@pytest.mark.parametrize("query", ["owner=nobody", "owner=hanna@biofirm.example", "state=late", "overdue=perhaps"])
def test_unknown_filter_values_are_named(client: Client, query: str) -> None:
    response = client("office").get(f"{STEPS}?{query}")
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, [query.partition("=")[0]])


# Relationship health


HEALTH = "/api/v1/reports/relationships/"


def health(client: APIClient, query: str = "") -> dict[str, Any]:
    """Slug -> (last day, what is next, whether it is stale), in the order of the report."""
    rows = client.get(f"{HEALTH}{query}").json()["results"]
    return {
        row["subject"]["slug"]: (
            row["last_contact"] and row["last_contact"]["day"],
            row["next_step"] and row["next_step"]["what"],
            row["stale"],
        )
        for row in rows
    }


def days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def test_the_stalest_relationship_stands_first(client: Client, world: World) -> None:
    fresh, stale = cast.partner("freshfirm"), cast.partner("stalefirm")
    for partner, days in ((fresh, 0), (stale, 91), (stale, 120)):
        cast.contact(partner=partner, at=timezone.now() - timedelta(days=days))
    cast.follow_up(world.users["office"], what="Earlier", due_in=2, partner=world.partner)
    assert health(client("office")) == {
        "rivalfirm": (None, None, True),
        "stalefirm": (str(days_ago(91)), None, True),
        "biofirm": (str(days_ago(10)), "Earlier", False),
        "freshfirm": (str(days_ago(0)), None, False),
    }
    assert [stale for *_, stale in health(client("admin"), "?stale_after=5").values()] == [True, True, True, False]
    assert [stale for *_, stale in health(client("admin"), "?stale_after=91").values()] == [True, False, False, False]


def test_a_lab_has_the_next_step_of_any_contact_that_it_took_part_in(client: Client, world: World) -> None:
    both = cast.contact(world.lab, world.other_lab, world.representative)
    cast.follow_up(world.users["office"], what="For both", due_in=3, contact=both)
    cast.follow_up(world.users["office"], what="Done", due_in=1, lab=world.other_lab)
    FollowUp.objects.filter(what="Done").update(state="done", closed_at=timezone.now())
    found = health(client("office"), "?of=lab")
    assert found["test-enzymes-lab"] == found["test-photonics-lab"] == (str(days_ago(0)), "For both", False)


def test_a_lab_is_met_in_those_who_head_it_or_belong_to_it_on_that_day(client: Client, world: World) -> None:
    polly = cast.professor(name="Polly Berg").professor
    save_professor(professor=polly, by=BY, memberships=[{"lab": world.other_lab, "starts": days_ago(20)}])
    world.professor.headships.update(ends=days_ago(5), starts=days_ago(50))
    office = client("office")
    assert health(office, "?of=lab")["test-photonics-lab"][0] is None
    for person, days in ((polly, 30), (polly, 20), (world.professor, 5), (world.professor, 4)):
        contact = cast.contact(person, world.representative, at=timezone.now() - timedelta(days=days))
    found = health(office, "?of=lab")
    assert (found["test-photonics-lab"][0], found["test-enzymes-lab"][0]) == (str(days_ago(20)), str(days_ago(5)))
    cast.contact(world.lab, world.representative)
    assert health(office, "?of=lab")["test-enzymes-lab"][0] == str(days_ago(0))
    assert contact.day == days_ago(4)


def test_relationships_come_by_cursor_and_bad_parameters_are_named(client: Client, world: World) -> None:
    office, seen, address = client("office"), [], f"{HEALTH}?page_size=1"
    while address and len(seen) < 9:
        page = office.get(address).json()
        seen, address = [*seen, *(row["subject"]["slug"] for row in page["results"])], page["next"]
    assert seen == ["rivalfirm", "biofirm"]
    for wrong in ("of=student", "stale_after=0", "stale_after=x", "stale_after=999999999", "colour=red"):
        assert list(office.get(f"{HEALTH}?{wrong}").json()["error"]["fields"]) == [wrong.partition("=")[0]]


@pytest.mark.parametrize("of", ["partner", "lab"])
def test_relationships_cost_the_same_however_many_there_are(
    client: Client, world: World, of: str, django_assert_num_queries: Any
) -> None:
    office, queries = client("office"), 4 if of == "partner" else 5
    for n in range(3):
        with django_assert_num_queries(queries):
            assert office.get(f"{HEALTH}?of={of}").status_code == 200
        partner = cast.partner(f"more-{n}")
        contact = cast.contact(partner=partner, labs=[cast.lab(f"More {n}")])
        cast.follow_up(world.users["office"], contact=contact)
