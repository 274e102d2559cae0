"""Who was written to about what: for the university, without words and addresses; the words as they would be now."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from crm.actions.mails import send_due_mails
from crm.models import Mail, OneTimeLink, Representative, Student
from crm.notices import queue_mail
from tests import cast
from tests.api.conftest import World

Client = Callable[[str], APIClient]
PATH = "/api/v1/mails/"


@pytest.fixture
def mail(world: World) -> Mail:
    """Sonya is told of an offer; no other mail stands in the outbox."""
    hire = cast.hire(world.sonya, world.partner, position="Chemist", salary_band="CANARY")
    Mail.objects.exclude(template="hire_offered").delete()
    return Mail.objects.get(record=hire.public_id)


def test_the_list_names_people_and_tells_no_words_and_no_address(client: Client, world: World, mail: Mail) -> None:
    queue_mail("follow_up_digest", record=world.users["office"].public_id, to=world.users["office"])
    answer = client("office").get(PATH)
    digest, offer = answer.json()["results"]
    sonya = {"kind": "student", "id": str(world.sonya.public_id), "name": "Sonya Sokolova"}
    assert (offer["template"], offer["to"], offer["state"]) == ("hire_offered", sonya, "waiting")
    assert (digest["to"]["kind"], digest["to"]["name"]) == ("user", "career office")
    for word in ("@", "Chemist", "CANARY"):
        assert word not in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "count"),
    [("state=waiting", 1), ("state=sent", 0), ("template=hire_offered", 1), ("template=partner_joined", 0)],
)
def test_the_list_is_filtered(client: Client, mail: Mail, query: str, count: int) -> None:
    assert len(client("admin").get(f"{PATH}?{query}").json()["results"]) == count


@pytest.mark.parametrize("query", ["state=lost", "template=no-such", "to=x"])
def test_an_unknown_filter_is_400(client: Client, mail: Mail, query: str) -> None:
    assert client("office").get(f"{PATH}?{query}").status_code == 400


def test_the_list_costs_the_same_whatever_its_length(client: Client, world: World, mail: Mail) -> None:
    office = client("office")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert office.get(PATH).status_code == 200
        return len(captured)

    before = queries()
    for to in (world.users["partner"], world.users["office"], world.nikita, world.representative, world.professor):
        queue_mail("partner_joined", record=world.partner.public_id, to=to)
    assert queries() == before == 3


def test_a_preview_shows_the_words_and_sends_nothing(client: Client, world: World, mail: Mail, mailoutbox: Any) -> None:
    shown = client("office").get(f"{PATH}{mail.public_id}/preview/").json()
    assert shown["may_be_sent"] is True
    assert shown["subject"] == "An offer from Biofirm"
    assert "Chemist" in shown["text"]
    assert "<strong>Chemist</strong>" in shown["html"]
    assert "CANARY" not in str(shown)
    assert mailoutbox == []


def test_a_preview_of_a_mail_with_a_link_holds_a_placeholder(client: Client, world: World) -> None:
    hire = cast.hire(world.sonya, world.partner, "accepted")
    mail = Mail.objects.filter(template="hire_to_confirm", record=hire.public_id).latest("pk")
    shown = client("admin").get(f"{PATH}{mail.public_id}/preview/").json()
    assert "/links/TOKEN/" in shown["text"]
    assert not OneTimeLink.objects.exists()


def test_a_preview_says_that_it_would_not_be_sent(client: Client, world: World, mail: Mail) -> None:
    Student.objects.update(do_not_contact=True)
    shown = client("office").get(f"{PATH}{mail.public_id}/preview/").json()
    assert (shown["may_be_sent"], shown["subject"]) == (False, "An offer from Biofirm")


def test_what_it_was_about_is_gone(client: Client, world: World, mail: Mail) -> None:
    Mail.objects.update(record=world.lab.public_id)
    assert client("office").get(f"{PATH}{mail.public_id}/preview/").status_code == 409


def test_what_became_of_it_is_told(client: Client, world: World, mail: Mail, mailoutbox: Any) -> None:
    send_due_mails()
    shown = client("office").get(f"{PATH}{mail.public_id}/").json()
    assert (shown["state"], shown["attempts"], shown["problem"]) == ("sent", 1, "")
    assert shown["sent_at"]
    assert len(mailoutbox) == 1


def test_students_read_that_a_mail_named_them_to_somebody_without_an_account(
    client: Client, world: World, mailoutbox: Any
) -> None:
    person = {"given_name": "Ned", "family_name": "New", "email": "ned@biofirm.example"}
    mentor = Representative.objects.create(partner=world.partner, **person)
    stay = cast.immersion(world.sonya, world.partner, "active", mentor=mentor)
    Mail.objects.all().delete()
    queue_mail("evaluation_asked", record=stay.public_id, to=mentor, stage="mid")
    assert send_due_mails() == {"sent": 1}
    row = client("student").get("/api/v1/me/disclosures/").json()["results"][0]
    assert (row["kind"], row["partner"]["name"], row["viewer_role"]) == ("mail", "Biofirm", "partner")


def test_do_not_contact_is_set_by_the_student_and_by_the_office(client: Client, world: World, mail: Mail) -> None:
    assert client("student").patch("/api/v1/me/", {"do_not_contact": True}).status_code == 200
    for path in (f"representatives/{world.representative.public_id}", f"professors/{world.professor.public_id}"):
        answer = client("office").patch(f"/api/v1/{path}/", {"do_not_contact": True})
        assert (answer.status_code, answer.json()["do_not_contact"]) == (200, True)
    assert send_due_mails() == {"dropped": 1}


def test_what_was_sent_is_sent_again_as_a_new_mail(client: Client, world: World, mail: Mail, mailoutbox: Any) -> None:
    office, path = client("office"), f"{PATH}{mail.public_id}/resend/"
    waiting = office.post(path)
    assert (waiting.status_code, waiting.json()["error"]["code"]) == (409, "conflict")
    assert send_due_mails() == {"sent": 1}
    again = office.post(path)
    assert (again.status_code, again.json()["state"]) == (201, "waiting")
    assert again.json()["id"] != str(mail.public_id)
    assert again.json()["to"]["id"] == str(world.sonya.public_id)
    assert office.post(path).status_code == office.post(f"{PATH}{again.json()['id']}/resend/").status_code == 409
    assert send_due_mails() == {"sent": 1}
    assert [sent.subject for sent in mailoutbox] == ["An offer from Biofirm"] * 2


def test_a_notice_that_is_sent_again_asks_permission_again(client: Client, world: World, mail: Mail) -> None:
    Mail.objects.update(state="failed")
    cast.block(world.sonya, world.partner)
    assert client("admin").post(f"{PATH}{mail.public_id}/resend/").status_code == 201
    assert send_due_mails() == {"dropped": 1}
