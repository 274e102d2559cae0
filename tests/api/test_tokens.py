"""Tokens: what they open, and when they stop."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from api.models import Token
from crm.actions.partners import update_partner, update_representative
from crm.actions.users import end_access, set_active
from tests.api.conftest import World, a_token
from tests.cast import BY

Client = Callable[[str], APIClient]


def status_with(header: str) -> int:
    return int(APIClient().get("/api/v1/labs/", HTTP_AUTHORIZATION=header).status_code)


def test_a_token_opens_what_its_owner_may(world: World) -> None:
    assert status_with(f"Token {a_token(world.users['partner'])}") == 200


@pytest.mark.parametrize(
    "header",
    [
        "Token",
        "Token x y",
        "Token nonsense",
        "Token \xff\xfe\x00",
        "Token " + "a" * 64,
        "Basic YTpi",
        "Bearer x",
        "\x00",
    ],
)
def test_garbage_is_401_with_one_answer(world: World, header: str) -> None:
    response = APIClient().get("/api/v1/labs/", HTTP_AUTHORIZATION=header)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Token"


def test_an_expired_token_is_401_and_others_stay(world: World) -> None:
    user = world.users["office"]
    expired, alive = a_token(user, expiry=timedelta(seconds=-1)), a_token(user)
    assert status_with(f"Token {expired}") == 401
    assert status_with(f"Token {alive}") == 200
    assert Token.objects.filter(user=user).count() == 2


def test_tokens_from_before_the_end_of_access_are_401(world: World) -> None:
    user = world.users["office"]
    old = a_token(user)
    end_access(user)
    assert status_with(f"Token {old}") == 401
    assert status_with(f"Token {a_token(user)}") == 200


def test_a_deactivated_user_is_401_with_the_next_request(client: Client, world: World) -> None:
    office = client("office")
    assert office.get("/api/v1/labs/").status_code == 200
    set_active(user=world.users["office"], active=False, by=BY)
    assert office.get("/api/v1/labs/").status_code == 401


def test_a_representative_who_left_is_401(client: Client, world: World) -> None:
    hanna = client("partner")
    yesterday = timezone.localdate() - timedelta(days=1)
    update_representative(representative=world.representative, ends=yesterday, by=BY)
    assert hanna.get("/api/v1/labs/").status_code == 401


def test_people_of_a_partner_that_is_no_longer_active_are_401(client: Client, world: World) -> None:
    hanna = client("partner")
    update_partner(partner=world.partner, state="prospect", by=BY)
    assert hanna.get("/api/v1/labs/").status_code == 401


def test_authentication_is_one_query(client: Client) -> None:
    hanna = client("partner")
    with CaptureQueriesContext(connection) as queries:
        assert hanna.get("/api/v1/candidates/no-such/").status_code == 404
    assert len(queries) == 1


def test_a_read_only_token_reads_and_makes_no_tokens(world: World) -> None:
    reader = APIClient()
    reader.credentials(HTTP_AUTHORIZATION=f"Token {a_token(world.users['office'], read_only=True)}")
    assert reader.get("/api/v1/students/").status_code == 200
    for path in ("tokens", "students", "labs"):
        response = reader.post(f"/api/v1/{path}/", {"name": "x"})
        assert response.status_code == 403
        assert response.json()["error"]["message"] == "This token may only read."


def test_a_token_is_shown_once_works_and_can_be_revoked(client: Client, world: World) -> None:
    office = client("office")
    made = office.post("/api/v1/tokens/", {"name": "script", "days": 7, "read_only": True}).json()
    assert status_with(f"Token {made['token']}") == 200
    listed = office.get("/api/v1/tokens/").json()["results"]
    assert all("token" not in row and "digest" not in row for row in listed)
    assert made["id"] in {row["id"] for row in listed}
    assert made["token"] not in str(Token.objects.values())
    assert office.delete(f"/api/v1/tokens/{made['id']}/").status_code == 204
    assert status_with(f"Token {made['token']}") == 401


def test_a_token_that_a_token_makes_does_not_outlive_it(world: World) -> None:
    office, maker = APIClient(), a_token(world.users["office"], expiry=timedelta(days=3), name="maker")
    office.credentials(HTTP_AUTHORIZATION=f"Token {maker}")
    longer, shorter = (office.post("/api/v1/tokens/", body).json() for body in ({}, {"days": 1}))
    ends = {str(token.public_id): token.expiry for token in Token.objects.all()}
    end = Token.objects.get(name="maker").expiry
    assert ends[longer["id"]] == end
    assert ends[shorter["id"]] < end
    assert datetime.fromisoformat(longer["expires"]) == end


def test_a_token_that_is_revoked_takes_those_along_that_it_made(world: World) -> None:
    office, maker, other = APIClient(), a_token(world.users["office"], name="maker"), a_token(world.users["office"])
    office.credentials(HTTP_AUTHORIZATION=f"Token {maker}")
    child = office.post("/api/v1/tokens/", {"days": 1}).json()["token"]
    office.credentials(HTTP_AUTHORIZATION=f"Token {child}")
    grandchild = office.post("/api/v1/tokens/", {"days": 1}).json()["token"]
    assert {status_with(f"Token {token}") for token in (maker, child, grandchild)} == {200}
    office.credentials(HTTP_AUTHORIZATION=f"Token {other}")
    assert office.delete(f"/api/v1/tokens/{Token.objects.get(name='maker').public_id}/").status_code == 204
    assert {status_with(f"Token {token}") for token in (maker, child, grandchild)} == {401}
    assert status_with(f"Token {other}") == 200


def test_a_session_makes_tokens_of_any_life(world: World) -> None:
    office = APIClient()
    office.force_login(world.users["office"])
    made = office.post("/api/v1/tokens/", {"days": 366}).json()
    assert datetime.fromisoformat(made["expires"]) > timezone.now() + timedelta(days=365)


def test_what_a_read_only_token_makes_is_read_only(world: World) -> None:
    """Over REST it makes none; wherever else tokens are issued, the law holds too."""
    maker, _ = Token.issue(world.users["office"], read_only=True)
    made, _ = Token.issue(world.users["office"], maker=maker)
    assert made.read_only


@pytest.mark.parametrize("days", [0, -1, 367, 10**12])
def test_a_token_lives_at_most_a_year(client: Client, days: int) -> None:
    response = client("office").post("/api/v1/tokens/", {"days": days})
    assert list(response.json()["error"]["fields"]) == ["days"]


def test_the_command_prints_the_token_alone(world: World) -> None:
    out = StringIO()
    call_command("create_token", "Olga@University.example", "--read-only", "--days", "3", stdout=out)
    assert status_with(f"Token {out.getvalue().strip()}") == 200
    assert Token.objects.get().read_only


@pytest.mark.parametrize("arguments", [["nobody@university.example"], ["olga@university.example", "--days", "0"]])
def test_the_command_refuses_what_cannot_be(world: World, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("create_token", *arguments)


def test_the_command_refuses_the_deactivated(world: World) -> None:
    set_active(user=world.users["office"], active=False, by=BY)
    with pytest.raises(CommandError, match="deactivated"):
        call_command("create_token", "olga@university.example")
