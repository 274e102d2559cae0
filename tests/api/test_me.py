"""The student's side: own profile, own audience, who saw what, everything that is held."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from crm.models import Disclosure
from tests import cast
from tests.api.conftest import World

Client = Callable[[str], APIClient]


def test_everybody_sees_the_account_and_the_person(client: Client, world: World) -> None:
    me = client("partner").get("/api/v1/me/").json()
    assert (me["role"], me["representative"]["name"], me["partner"]["slug"]) == ("partner", "Hanna Brook", "biofirm")
    assert me["student"] is me["audience"] is None
    assert client("professor").get("/api/v1/me/").json()["professor"]["name"] == "Pavel Lesnoy"


def test_a_student_sees_who_sees_them_and_how_much(client: Client, world: World) -> None:
    cast.consent(world.sonya)
    cast.partner("newfirm")
    cast.partner("prospect", state="prospect")
    audience = client("student").get("/api/v1/me/").json()["audience"]
    assert [(row["partner"]["slug"], row["level"], row["contact"]) for row in audience] == [
        ("biofirm", "evaluated", True),
        ("newfirm", "profile", False),
    ]
    assert client("stranger").get("/api/v1/me/").json()["audience"] == []


def test_a_student_changes_the_own_profile(client: Client, world: World) -> None:
    body = {
        "headline": "New",
        "claims": [{"skill": "test-pipetting", "level": 1}, {"skill": "python", "level": 5}],
        "languages": [{"code": "ru", "level": "C2"}],
        "work_cities": [],
        "home_city": None,
        "willing_to_travel": True,
    }
    response = client("student").patch("/api/v1/me/", body)
    assert response.status_code == 200
    profile = response.json()["student"]
    levels = {claim["skill"]["slug"]: claim["level"] for claim in profile["claims"]}
    assert (profile["headline"], levels, profile["work_cities"]) == ("New", {"python": 5, "test-pipetting": 1}, [])
    assert profile["claims"][1]["evidence"][0]["title"] == "Master's thesis"
    assert profile["languages"] == [{"code": "ru", "level": "C2"}]


@pytest.mark.parametrize("claims", [[], [{"skill": "test-pipetting", "level": 5}]])
def test_a_student_neither_drops_nor_raises_what_evidence_backs(
    claims: list[Any], client: Client, world: World
) -> None:
    response = client("student").patch("/api/v1/me/", {"claims": claims})
    assert response.status_code == 400
    assert "evidence" in response.json()["error"]["fields"]["claims"][0]


def test_what_the_university_keeps_is_refused(client: Client, world: World) -> None:
    for path in ("me/", f"students/{world.sonya.public_id}/"):
        response = client("student").patch(f"/api/v1/{path}", {"thesis_title": "Mine", "headline": "x"})
        assert response.status_code == 403
        assert "thesis_title" in response.json()["error"]["message"]


@pytest.mark.parametrize("role", ["admin", "office", "professor", "partner", "student"])
def test_everybody_sets_the_own_time_zone_and_digest(client: Client, role: str) -> None:
    one = client(role)
    assert one.patch("/api/v1/me/", {"time_zone": "Asia/Omsk", "wants_digest": True}).status_code == 200
    me = one.get("/api/v1/me/").json()
    assert (me["time_zone"], me["wants_digest"]) == ("Asia/Omsk", True)
    for wrong in ("Nowhere", "Europe", "../../etc/passwd", "a" * 60, 5, None):
        refused = one.patch("/api/v1/me/", {"time_zone": wrong})
        assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, ["time_zone"]), wrong
    assert one.patch("/api/v1/me/", {"time_zone": ""}).json()["time_zone"] == ""


def test_a_student_changes_account_and_profile_at_once_or_not_at_all(client: Client) -> None:
    student = client("student")
    both = student.patch("/api/v1/me/", {"headline": "New", "time_zone": "Asia/Omsk"}).json()
    assert (both["student"]["headline"], both["time_zone"]) == ("New", "Asia/Omsk")
    assert student.patch("/api/v1/me/", {"headline": "Newer", "time_zone": "Nowhere"}).status_code == 400
    assert student.get("/api/v1/me/").json()["student"]["headline"] == "New"


def test_others_have_no_profile_to_change(client: Client) -> None:
    for body in ({"headline": "x"}, {"role": "admin"}, {"email": "x@example.org"}, ["time_zone"]):
        assert client("office").patch("/api/v1/me/", body).status_code == 400


def test_disclosures_say_when_how_and_to_whom(client: Client, world: World) -> None:
    client("professor").get(f"/api/v1/students/{world.sonya.public_id}/")
    client("partner").get(f"/api/v1/candidates/{world.sonya.public_id}/")
    client("partner").get(f"/api/v1/candidates/{world.sonya.public_id}/contact/")
    client("student").get(f"/api/v1/students/{world.sonya.public_id}/")
    rows = client("student").get("/api/v1/me/disclosures/").json()["results"]
    told = [(row["kind"], row["viewer_role"], row["partner"] and row["partner"]["slug"]) for row in rows]
    assert told == [
        ("contact", "partner", "biofirm"),
        ("candidate", "partner", "biofirm"),
        ("record", "professor", None),
    ]


def test_a_listed_page_is_disclosed_in_one_insert(client: Client, world: World) -> None:
    client("office").get("/api/v1/students/")
    assert Disclosure.objects.filter(kind="search_page").count() == 3
    client("student").get("/api/v1/students/")
    assert Disclosure.objects.count() == 3


def test_the_export_holds_everything(client: Client, world: World) -> None:
    client("professor").get(f"/api/v1/students/{world.sonya.public_id}/")
    response = client("student").get("/api/v1/me/export/")
    assert response["Content-Disposition"] == 'attachment; filename="my-data.json"'
    held = response.json()
    assert held["account"] == world.users["student"].email
    assert held["student"]["phone"] == "+1"
    assert held["student"]["publications"][0]["title"] == "On tests"
    assert held["consents"][0]["partner"]["slug"] == "biofirm"
    assert held["consent_moves"][0]["to_state"] == "active"
    assert held["blocks"][0]["partner"]["slug"] == "rivalfirm"
    assert held["disclosures"][0]["kind"] == "record"
    assert held["contacts"][0]["partner"]["slug"] == "biofirm"
    assert "On enzymes" not in response.content.decode()
    assert "Nikita" not in response.content.decode()


def test_a_student_shares_evidence_and_takes_it_back(client: Client, world: World) -> None:
    student = client("student")
    (row,) = student.get("/api/v1/me/evidence/").json()["results"]
    assert (row["skill"]["slug"], row["shared"]) == ("test-pipetting", False)
    for shared in (True, False):
        answer = student.patch(f"/api/v1/me/evidence/{row['id']}/", {"shared": shared}).json()
        assert answer["shared"] is shared
