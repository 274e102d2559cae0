"""Timelines: one entry a record and kind, the latest first, by cursor there and back, as far as each may see."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from crm import timeline
from crm.actions.consents import withdraw_consent
from crm.actions.erasure import erase_student
from crm.actions.hires import answer_hire, offer_hire
from crm.models import Hire, Student
from tests import cast
from tests.api.conftest import World
from tests.cast import BY

Client = Callable[[str], APIClient]
TIMELINE = "/api/v1/timeline/"


def hired_today(person: Student, world: World) -> Hire:
    offered = offer_hire(student=person, partner=world.partner, position="Analyst", by=BY)
    return answer_hire(hire=offered, accepted=True, by=BY)


def kinds(page: Any) -> list[str]:
    return [entry["kind"] for entry in page["results"]]


def read(one: APIClient, query: str) -> Any:
    response = one.get(query if query.startswith("http") else f"{TIMELINE}?{query}")
    assert response.status_code == 200, response.content
    return response.json()


def test_a_day_is_told_in_the_order_of_the_story(client: Client, world: World) -> None:
    hired_today(world.sonya, world)
    assert kinds(read(client("office"), "partner=biofirm")) == ["hire", "offer", "contact", "seminar"]


def test_a_page_of_one_holds_one_entry_there_and_back(client: Client, world: World) -> None:
    hired_today(world.sonya, world)
    office, pages, address = client("office"), [], "partner=biofirm&page_size=1"
    while address:
        pages.append(read(office, address))
        address = pages[-1]["next"]
    assert [kinds(page) for page in pages] == [["hire"], ["offer"], ["contact"], ["seminar"]]
    back = [read(office, pages[-1]["previous"])]
    while back[-1]["previous"]:
        back.append(read(office, back[-1]["previous"]))
    assert [page["results"] for page in back] == [page["results"] for page in pages[-2::-1]]


def test_an_entry_of_a_seminar_leads_to_it(client: Client, world: World) -> None:
    seminar = read(client("partner"), "partner=biofirm")["results"][-1]
    assert seminar["seminar"] == {"id": str(world.seminar.public_id), "title": world.seminar.title}
    assert seminar["record"] == str(world.attendance.public_id)
    contact = read(client("partner"), "partner=biofirm")["results"][0]
    assert contact["seminar"] is None


@pytest.mark.parametrize(
    ("role", "query", "found"),
    [
        ("office", "partner=biofirm", ["immersion", "introduction", "contact", "seminar"]),
        ("admin", "lab=test-enzymes-lab", ["contact", "seminar"]),
        ("professor", "partner=biofirm", ["immersion", "contact", "seminar"]),
        ("professor", "student=S-1", ["immersion", "contact"]),
        ("partner", "partner=biofirm", ["immersion", "introduction", "contact", "seminar"]),
        ("partner", "lab=test-enzymes-lab", ["contact", "seminar"]),
        ("partner", "student={sonya}", ["immersion", "introduction", "contact"]),
        ("rival", "partner=rivalfirm", []),
        ("rival", "lab=test-enzymes-lab", []),
        ("student", "student=S-1", ["immersion", "introduction", "contact"]),
        ("student", "partner=biofirm", ["immersion", "introduction", "contact"]),
        ("stranger", "partner=biofirm", []),
    ],
)
def test_each_reads_as_far_as_they_may_see(
    client: Client, world: World, role: str, query: str, found: list[str]
) -> None:
    cast.introduction(world.sonya, world.users["partner"], "accepted")
    cast.immersion(world.sonya, world.partner, "active", starts=timezone.localdate(), ends=timezone.localdate())
    page = read(client(role), query.format(sonya=world.sonya.public_id))
    assert kinds(page) == found
    assert page["next"] is page["previous"] is None


@pytest.mark.parametrize("role", ["office", "partner", "professor"])
def test_a_page_costs_the_same_however_long(client: Client, world: World, role: str) -> None:
    one, counts = client(role), []
    for n in range(2):
        for person in (world.sonya, cast.student("Mora More", labs=[world.lab])):
            cast.contact(person, world.professor, world.representative, seminar=world.seminar)
            cast.immersion(person, world.partner, "active")
            cast.hire(cast.student("Milo More", labs=[world.lab]), world.partner, "accepted")
        with CaptureQueriesContext(connection) as queries:
            assert len(read(one, "partner=biofirm")["results"]) > 6 * (n + 1)
        counts.append(len(queries))
    assert counts == [QUERIES[role]] * 2


QUERIES = {"office": 12, "partner": 14, "professor": 16}
"""The token, whom it is about, the places, the rows, the four kinds linked, what states allow, seminars, disclosures.

For partners consents and blocks besides, for professors what is theirs."""


# A student whom a process names ------------------------------------------------------------------------------------


def test_partner_hr_reads_of_a_student_whom_an_own_process_names(client: Client, world: World) -> None:
    vera, query = world.vera, f"student={world.vera.public_id}"
    assert client("partner").get(f"{TIMELINE}?{query}").status_code == 400
    hire = cast.hire(vera, world.partner, "started")
    page = read(client("partner"), query)
    assert kinds(page) == ["hire", "offer"]
    assert {entry["record"] for entry in page["results"]} == {str(hire.public_id)}
    assert {student["name"] for entry in page["results"] for student in entry["students"]} == {"Vera Volkova"}
    assert client("rival").get(f"{TIMELINE}?{query}").status_code == 400
    assert client("partner").get(f"{TIMELINE}?student=S-3").status_code == 400


def test_asking_about_one_student_does_not_tell_whose_a_closed_record_is(client: Client, world: World) -> None:
    consent = cast.consent(world.vera)
    closed = cast.introduction(world.vera, world.users["partner"], "closed")
    over = cast.immersion(world.vera, world.partner, "completed")
    cast.hire(world.vera, world.partner, "started")
    everything = ["evaluation", "immersion", "introduction", "hire", "offer"]
    query = f"student={world.vera.public_id}"
    assert sorted(kinds(read(client("partner"), query))) == sorted(everything)
    withdraw_consent(consent=consent, by=BY)
    assert kinds(read(client("partner"), query)) == ["hire", "offer"]
    assert read(client("partner"), f"{query}&page_size=2")["next"] is None
    records = {entry["record"] for entry in read(client("partner"), "partner=biofirm")["results"]}
    assert {str(closed.public_id), str(over.public_id)} < records


def test_whoever_is_erased_between_two_reads_is_not_half_shown(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.contact(world.sonya, world.professor, world.representative, seminar=world.seminar)
    read_linked = timeline._linked

    def late(*arguments: Any) -> Any:
        erase_student(student=world.sonya, by=cast.BY)
        return read_linked(*arguments)

    monkeypatch.setattr(timeline, "_linked", late)
    response = client("office").get("/api/v1/timeline/?partner=biofirm")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
