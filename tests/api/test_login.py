"""Login for people, by session; what it tells a stranger; and what protects it."""

import re
import threading
from typing import Any

import pytest
from allauth.core.internal.ratelimit import get_rates
from django.core import mail
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from api.accounts import LONGEST_LIMIT, MAILS
from crm.actions.users import set_active, set_password
from tests.api.conftest import World, a_token
from tests.cast import BY

PASSWORD = "a long pass phrase 17"
LOGIN = "/accounts/login/"


@pytest.fixture
def olga(world: World) -> str:
    set_password(user=world.users["office"], password=PASSWORD, by=BY)
    return "olga@university.example"


def log_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": email, "password": password})


def text_of(response: Any) -> str:
    """The page without what differs in every answer or repeats the input."""
    page = re.sub(r'(csrfmiddlewaretoken" value=")[^"]*', r"\1", response.content.decode())
    return re.sub(r'value="[^"]*@[^"]*"', "", page)


def sent() -> list[mail.EmailMessage]:
    """The mails, once those that wait have left."""
    MAILS.submit(int).result(timeout=60)
    return mail.outbox


def test_a_session_opens_the_api_and_the_docs_follow(olga: str) -> None:
    client = Client()
    response = log_in(client, olga)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/api/v1/me/").json()["email"] == olga


def test_a_write_by_session_needs_the_csrf_token(olga: str) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.get(LOGIN)
    token = client.cookies["csrftoken"].value
    client.post(LOGIN, {"login": olga, "password": PASSWORD, "csrfmiddlewaretoken": token}, format="multipart")
    body = {"number": "S-8", "given_name": "A", "family_name": "B"}
    refused = client.post("/api/v1/students/", body)
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "not_allowed"
    assert "CSRF" in refused.json()["error"]["message"]
    token = client.cookies["csrftoken"].value
    assert client.post("/api/v1/students/", body, headers={"X-CSRFToken": token}).status_code == 201


def test_five_failures_lock_for_a_while_even_with_the_right_password(olga: str) -> None:
    client = Client()
    for _ in range(5):
        assert log_in(client, olga, "wrong").status_code == 200
    locked = log_in(client, olga)
    assert locked.status_code == 200
    assert "Too many failed login attempts" in locked.content.decode()


def test_too_many_logins_are_told_when_to_come_back(db: None, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    client = Client()
    assert [log_in(client, f"n{n}@university.example").status_code for n in range(2)] == [200, 200]
    refused = log_in(client, "n3@university.example")
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert "Wait a minute" in refused.content.decode()


def test_no_limit_that_ends_in_429_looks_back_further_than_a_minute() -> None:
    own = {"login", "login_failed", "reset_password", "reset_password_from_key", "change_password"}
    rates = [rate for action in own for rate in get_rates(app="allauth.account", action=action)]
    assert {rate.duration for rate in rates if rate.per != "key"} == {LONGEST_LIMIT}


def test_another_host_name_does_not_unlock(olga: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    for n in range(5):
        Client(headers={"Host": f"h{n}.example.org"}).post(LOGIN, {"login": olga, "password": "wrong"})
    assert log_in(Client(headers={"Host": "other.example.org"}), olga).status_code == 200


def test_a_stranger_learns_nothing_from_failures_or_the_lock(olga: str, world: World) -> None:
    set_password(user=world.users["student"], password=PASSWORD, by=BY)
    set_active(user=world.users["student"], active=False, by=BY)
    answers = [
        [text_of(log_in(Client(), email, password)) for _ in range(6)]
        for email, password in (
            (olga, "wrong"),
            ("nobody@university.example", "wrong"),
            (world.users["student"].email, PASSWORD),
        )
    ]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] != answers[0][5]


def test_a_password_reset_says_the_same_whether_the_account_exists(olga: str) -> None:
    answers = []
    for email in (olga, "nobody@university.example"):
        response = Client().post("/accounts/password/reset/", {"email": email})
        answers.append((response.status_code, response["Location"], response.content))
    assert answers[0] == answers[1]
    assert [message.to for message in sent()] == [[olga]]


def test_the_answer_to_a_password_reset_does_not_wait_for_the_mail(olga: str) -> None:
    free = threading.Event()
    MAILS.submit(free.wait, 60)
    Client().post("/accounts/password/reset/", {"email": olga})
    assert mail.outbox == []
    free.set()
    assert [message.to for message in sent()] == [[olga]]


@pytest.mark.parametrize("error", [OSError, ValueError])
def test_a_mail_that_fails_is_logged_without_its_address(
    olga: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(self: object, messages: object) -> None:
        raise error(f"{olga} cannot be reached")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    assert Client().post("/accounts/password/reset/", {"email": olga}).status_code == 302
    assert sent() == []
    assert f"a mail could not be sent: {error.__name__}" in caplog.text
    assert olga not in caplog.text


def test_a_reset_password_ends_sessions_and_tokens(olga: str, world: World) -> None:
    session, token = Client(), a_token(world.users["office"])
    log_in(session, olga)
    other = Client()
    other.post("/accounts/password/reset/", {"email": olga})
    address = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", str(sent()[0].body))
    assert address
    form = other.get(address[1], follow=True).redirect_chain[-1][0]
    changed = other.post(form, {"password1": "another long phrase 18", "password2": "another long phrase 18"})
    assert changed.status_code == 302
    assert session.get("/api/v1/me/").status_code == 401
    assert APIClient().get("/api/v1/me/", HTTP_AUTHORIZATION=f"Token {token}").status_code == 401
    assert log_in(Client(), olga, "another long phrase 18").status_code == 302


def test_a_session_of_a_deactivated_user_is_401(olga: str, world: World) -> None:
    client = Client()
    log_in(client, olga)
    set_active(user=world.users["office"], active=False, by=BY)
    assert client.get("/api/v1/me/").status_code == 401


@pytest.mark.parametrize("path", ["signup/", "email/", "inactive/", "confirm-email/", "password/set/", "login/code/"])
def test_pages_of_registration_are_closed(db: None, path: str) -> None:
    assert Client().get(f"/accounts/{path}").status_code == 404


@pytest.mark.parametrize("path", ["login/", "password/reset/", "password/reset/done/", "password/reset/key/done/"])
def test_pages_ask_no_other_host(db: None, path: str) -> None:
    response = Client().get(f"/accounts/{path}")
    assert response.status_code == 200
    assert not re.search(r'(src|href)="(https?:)?//', response.content.decode())


def test_the_admin_logs_in_by_the_same_page(world: World) -> None:
    response = Client().get("/admin/login/?next=/admin/")
    assert (response.status_code, response["Location"]) == (302, f"{LOGIN}?next=%2Fadmin%2F")


def test_only_admins_enter_the_admin(olga: str) -> None:
    client = Client()
    log_in(client, olga)
    assert client.get("/admin/", follow=True).status_code == 403


def test_changing_the_own_password_in_the_admin_leads_to_the_same_page(world: World) -> None:
    client = Client()
    set_password(user=world.users["admin"], password=PASSWORD, by=BY)
    log_in(client, "ada.admin@university.example")
    assert client.get("/admin/password_change/")["Location"] == reverse("account_change_password")
