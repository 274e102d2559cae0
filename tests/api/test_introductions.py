"""Partner HR asks to meet a candidate, and nobody else knows."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.actions.consents import withdraw_consent
from crm.actions.introductions import accept_introduction, ask_introduction
from crm.errors import Invalid
from crm.models import (
    Disclosure,
    Introduction,
    Mail,
    StageChange,
    Student,
    Touchpoint,
)
from tests import cast
from tests.api.conftest import World, client_of
from tests.api.introducing import MESSAGE, PATH, Client, ask, move

pytest_plugins = ("tests.api.introducing",)


def test_a_partner_asks_and_the_student_gets_a_mail(client: Client, world: World, nora: Student) -> None:
    answer = ask(client("partner"), nora.public_id)
    made = answer.json()
    assert answer.status_code == 201
    assert (made["state"], made["message"], made["partner"]["slug"]) == ("asked", MESSAGE, "biofirm")
    assert made["student"] == {"id": str(nora.public_id), "name": "Nora Nightly"}
    assert made["asked_by"]["name"] == "Hanna Brook"
    record = Introduction.objects.get(public_id=made["id"])
    assert record.expires - record.asked_at == timedelta(days=14)
    assert Mail.objects.get(record=record.public_id).student == nora
    assert StageChange.objects.get(record=record.public_id).to_state == "asked"
    assert not Touchpoint.objects.filter(record=record.public_id).exists()
    assert Disclosure.objects.filter(student=nora, viewer=world.users["partner"]).exists()


def test_whom_one_may_not_see_and_who_is_not_there_are_refused_alike(client: Client, world: World) -> None:
    hidden = (world.nikita.public_id, world.vera.public_id)
    missing = "6f1e7a4e-3b1c-4c55-9d0e-0a6f4a9d7c11"
    answers = [ask(client("partner"), candidate) for candidate in (*hidden, missing, "S-77", "S-2", "nobody")]
    assert {answer.status_code for answer in answers} == {400}
    for answer, candidate in zip(answers, (*hidden, missing), strict=False):
        assert answer.json()["error"]["fields"] == {"candidate": [f"Unknown: '{candidate}'."]}
    rival = ask(client("rival"), world.sonya.public_id)
    assert rival.json()["error"]["fields"] == {"candidate": [f"Unknown: '{world.sonya.public_id}'."]}
    assert not Introduction.objects.exists()


def test_a_candidate_who_hides_while_one_asks_is_refused_as_one_who_is_not_there(world: World, nora: Student) -> None:
    withdraw_consent(consent=nora.consents.get(), by=cast.BY)
    with pytest.raises(Invalid) as refused:
        ask_introduction(student=nora, message=MESSAGE, by=world.users["partner"])
    assert refused.value.fields == {"candidate": [f"Unknown: '{nora.public_id}'."]}


@pytest.mark.parametrize("body", [{}, {"message": "Hi"}, {"candidate": 5, "message": "x"}, {"candidate": "\x00"}])
def test_a_body_that_cannot_be_taken_names_the_field(client: Client, body: dict[str, Any], nora: Student) -> None:
    assert client("partner").post(PATH, body).status_code == 400
    for message in ("", " ", "x" * 2001, None):
        answer = client("partner").post(PATH, {"candidate": str(nora.public_id), "message": message})
        assert list(answer.json()["error"]["fields"]) == ["message"]


def test_filters_do_not_tell_who_a_candidate_is(
    client: Client, world: World, nora: Student, asked: Introduction
) -> None:
    partner = client("partner")
    assert len(partner.get(f"{PATH}?student={nora.public_id}").json()["results"]) == 1
    assert partner.get(f"{PATH}?student=S-77").status_code == 400
    nora.memberships.create(lab=world.lab)
    assert len(partner.get(f"{PATH}?lab={world.lab.slug}").json()["results"]) == 1
    withdraw_consent(consent=nora.consents.get(), by=cast.BY)
    assert partner.get(f"{PATH}?student={nora.public_id}").status_code == 400
    assert partner.get(f"{PATH}?lab={world.lab.slug}").json()["results"] == []
    assert len(client("office").get(f"{PATH}?lab={world.lab.slug}&student=S-77").json()["results"]) == 1


def test_nobody_but_the_student_that_partner_and_the_university_sees_it(client: Client, asked: Introduction) -> None:
    path = f"{PATH}{asked.public_id}/"
    for role, status in {
        "admin": 200,
        "office": 200,
        "partner": 200,
        "nora": 200,
        "rival": 404,
        "stranger": 404,
        "student": 404,
        "professor": 403,
    }.items():
        answers = [client(role).get(path), client(role).get(f"{path}moves/")]
        # A professor sees no introduction at all, so the record answers as one that is not there.
        assert {a.status_code for a in answers} <= {status, 404 if status == 403 else status}, role
        if status != 200:
            assert MESSAGE not in client(role).get(PATH).content.decode()
    hidden = client("rival").get(path)
    missing = client("rival").get(f"{PATH}6f1e7a4e-3b1c-4c55-9d0e-0a6f4a9d7c11/")
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
    assert client("rival").get(PATH).json()["results"] == []


def test_another_partner_may_ask_too_and_learns_nothing(client: Client, nora: Student, asked: Introduction) -> None:
    answer = ask(client("rival"), nora.public_id, "Other words")
    assert answer.status_code == 201
    assert "Canary" not in client("rival").get(PATH).content.decode()
    assert len(client("nora").get(PATH).json()["results"]) == 2
    assert len(client("rival").get(PATH).json()["results"]) == 1


def test_a_professor_of_the_student_finds_nothing_of_it(client: Client, world: World, asked: Introduction) -> None:
    asked.student.memberships.create(lab=world.lab)
    accept_introduction(introduction=asked, by=world.users["nora"])
    professor = client("professor")
    assert professor.get(PATH).status_code == 403
    found = professor.get(f"/api/v1/timeline/?student={asked.student.public_id}")
    assert found.json()["results"] == []


def test_asking_twice_is_a_conflict_while_one_is_open(client: Client, nora: Student, asked: Introduction) -> None:
    partner = client("partner")
    assert ask(partner, nora.public_id).status_code == 409
    move(client("nora"), asked, "accepted")
    assert ask(partner, nora.public_id).status_code == 409
    move(partner, asked, "closed")
    assert ask(partner, nora.public_id).status_code == 201


def test_a_colleague_of_the_asker_sees_and_withdraws_it(world: World, asked: Introduction) -> None:
    colleague = client_of(cast.representative(world.partner, "Helga Brand"))
    assert colleague.get(f"{PATH}{asked.public_id}/").json()["asked_by"]["name"] == "Hanna Brook"
    assert move(colleague, asked, "withdrawn").json()["state"] == "withdrawn"


def test_a_list_costs_the_same_whatever_its_length(client: Client, world: World, asked: Introduction) -> None:
    def cost(role: str) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            answer = client(role).get(PATH)
        return len(queries) - 1, len(answer.json()["results"])

    for role in ("partner", "office"):
        before, count = cost(role)
        for n in range(3):
            person = cast.student(f"Mora More{n}")
            cast.consent(person)
            ask_introduction(student=person, message=MESSAGE, by=world.users["partner"])
        assert cost(role) == (before, count + 3)


def test_the_student_reads_it_in_the_export(client: Client, asked: Introduction) -> None:
    held = client("nora").get("/api/v1/me/export/").json()["introductions"]
    assert [(row["message"], row["state"], row["partner"]["slug"]) for row in held] == [(MESSAGE, "asked", "biofirm")]
