"""One error shape, whatever goes wrong and wherever."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from rest_framework.test import APIClient

from api.throttles import StrangerThrottle
from crm.links import issue_link
from crm.models import Block, LinkPurpose
from tests import cast
from tests.api.conftest import World

pytestmark = pytest.mark.once

Client = Callable[[str], APIClient]


def error_of(response: Any) -> dict[str, Any]:
    body = response.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message", "fields"]
    return dict(body["error"])


@pytest.mark.parametrize(
    ("role", "method", "path", "status", "code"),
    [
        ("anonymous", "get", "/api/v1/labs/", 401, "not_authenticated"),
        ("office", "get", "/api/v1/no-such-thing/", 404, "not_found"),
        ("office", "get", "/api/nowhere", 404, "not_found"),
        ("office", "delete", "/api/v1/labs/", 405, "method_not_allowed"),
        ("office", "options", "/api/v1/labs/", 405, "method_not_allowed"),
        ("office", "put", "/api/v1/labs/test-enzymes-lab/", 405, "method_not_allowed"),
        ("student", "post", "/api/v1/labs/", 403, "not_allowed"),
        ("office", "get", "/api/v1/labs/?colour=red", 400, "invalid"),
        ("office", "get", "/api/v1/candidates/?colour=red", 400, "invalid"),
        ("office", "get", "/api/v1/candidates/suggest/?colour=red", 400, "invalid"),
        ("office", "get", "/api/v1/students/?" + "&".join(f"p{n}=1" for n in range(2000)), 400, "invalid"),
    ],
)
def test_errors_have_one_shape(client: Client, role: str, method: str, path: str, status: int, code: str) -> None:
    response = getattr(client(role), method)(path)
    assert response.status_code == status
    assert error_of(response)["code"] == code


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        ("office", "post", "contacts/"),
        ("office", "patch", "contacts/{contact}/"),
        ("student", "delete", "blocks/{block}/"),
        ("student", "put", "immersions/{stay}/final-report/"),
        ("office", "post", "seminars/{seminar}/attendances/import/"),
        ("student", "patch", "me/"),
        ("anonymous", "post", "links/{link}/"),
    ],
)
def test_a_write_names_the_parameters_that_it_does_not_take(
    client: Client, world: World, role: str, method: str, path: str
) -> None:
    stay = cast.immersion(world.sonya, world.partner, "active")
    link = issue_link(purpose=LinkPurpose.EVALUATION, record=stay.public_id, stage="mid", to=world.representative)
    ids = {name: getattr(world, name).public_id for name in ("contact", "block", "seminar")}
    address = f"/api/v1/{path.format(**ids, stay=stay.public_id, link=link)}?force=true&x=1"
    response = getattr(client(role), method)(address)
    assert (response.status_code, list(error_of(response)["fields"])) == (400, ["force", "x"])
    assert Block.objects.filter(pk=world.block.pk).exists()


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("student", "me/"),
        ("student", "me/export/"),
        ("partner", "candidates/{sonya}/"),
        ("partner", "candidates/{sonya}/contact/"),
        ("partner", "candidates/{sonya}/similar/"),
        ("partner", "immersions/{stay}/"),
        ("partner", "immersions/{stay}/moves/"),
        ("office", "contacts/{contact}/"),
        ("office", "contacts/{contact}/revisions/"),
        ("office", "contacts/{contact}/followed/"),
        ("office", "students/S-404/"),
        ("office", "labs/test-enzymes-lab/"),
        ("anonymous", "links/{link}/"),
    ],
)
def test_a_read_names_the_parameters_that_it_does_not_take(client: Client, world: World, role: str, path: str) -> None:
    stay = cast.immersion(world.sonya, world.partner, "active")
    link = issue_link(purpose=LinkPurpose.EVALUATION, record=stay.public_id, stage="mid", to=world.representative)
    ids = {"sonya": world.sonya.public_id, "contact": world.contact.public_id, "stay": stay.public_id, "link": link}
    response = client(role).get(f"/api/v1/{path.format(**ids)}?x=1")
    assert (response.status_code, list(error_of(response)["fields"])) == (400, ["x"])
    assert not world.sonya.disclosures.exists()


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_write_without_the_final_slash_is_told_of_it(client: Client, settings: Any, method: str, debug: bool) -> None:
    settings.DEBUG = debug
    response = getattr(client("office"), method)("/api/v1/labs?x=1", {"name": "X"})
    assert response.status_code == 404
    assert error_of(response) == {
        "code": "not_found",
        "message": "Not found. This address ends with a slash: /api/v1/labs/",
        "fields": {},
    }


def test_what_is_nowhere_with_a_slash_either_is_simply_not_found(client: Client) -> None:
    response = client("office").post("/api/v1/nowhere", {})
    assert (response.status_code, error_of(response)["message"]) == (404, "Not found.")


def test_a_read_without_the_final_slash_is_redirected(client: Client) -> None:
    response = client("office").get("/api/v1/labs?search=enzymes")
    assert (response.status_code, response["Location"]) == (301, "/api/v1/labs/?search=enzymes")


def test_an_answer_in_another_format_is_refused(client: Client) -> None:
    response = client("office").get("/api/v1/labs/", headers={"Accept": "text/html"})
    assert response.status_code == 406
    assert error_of(response)["code"] == "not_acceptable"


def test_another_body_type_is_refused(client: Client) -> None:
    response = client("office").post("/api/v1/students/", data="number=1", content_type="text/plain")
    assert response.status_code == 415
    error_of(response)


def test_a_401_says_how_to_authenticate(client: Client) -> None:
    assert client("anonymous").get("/api/v1/me/")["WWW-Authenticate"] == "Token"


def test_errors_in_nested_lists_name_the_place(client: Client, world: World) -> None:
    claims = [{"skill": "test-pipetting", "level": 3}, {"skill": "test-pipetting", "level": 9}]
    response = client("student").patch("/api/v1/me/", {"claims": claims})
    assert list(error_of(response)["fields"]) == ["claims.1.level"]


def test_a_row_of_a_partial_change_must_be_complete(client: Client) -> None:
    response = client("student").patch("/api/v1/me/", {"claims": [{"skill": "test-pipetting"}]})
    assert error_of(response)["fields"] == {"claims.0.level": ["This field is required."]}


def test_unknown_and_read_only_fields_are_refused_by_name(client: Client) -> None:
    response = client("office").post("/api/v1/partners/", {"slug": "x", "name": "X", "colour": 1, "id": 2})
    assert response.status_code == 400
    assert set(error_of(response)["fields"]) == {"colour", "id"}


def test_an_unknown_record_in_a_body_is_named(client: Client) -> None:
    response = client("student").patch(
        "/api/v1/me/", {"home_city": "atlantis", "work_cities": ["testograd", "el-dorado"]}
    )
    assert error_of(response)["fields"] == {
        "home_city": ["Unknown: 'atlantis'."],
        "work_cities": ["Unknown: 'el-dorado'."],
    }


def test_what_is_taken_is_a_conflict(client: Client) -> None:
    body = {"number": "S-1", "given_name": "A", "family_name": "B"}
    response = client("office").post("/api/v1/students/", body)
    assert response.status_code == 409
    assert "number" in error_of(response)["fields"]
    for slug in ("biofirm", "BioFirm"):
        assert client("office").post("/api/v1/partners/", {"slug": slug, "name": "X"}).status_code == 409
    made = client("office").post("/api/v1/partners/", {"slug": "NewFirm", "name": "X"})
    assert (made.status_code, made.json()["slug"]) == (201, "newfirm")


CITY = {"name": "Nowhere", "country": "RU", "latitude": 1, "longitude": 1}
PERSON = {"partner": "biofirm", "given_name": "Ines", "family_name": "Marlow"}


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("skills", {"label": "ПЦР"}, 409, "label"),
        ("skills", {"label": "Pippo", "aliases": ["Test  PIPETTES"]}, 409, "aliases"),
        ("labs", {"name": "Laboratory of Test Enzymes"}, 409, "name"),
        ("cities", {**CITY, "name": "testograd"}, 409, "name"),
        ("cities", {**CITY, "latitude": 91}, 400, "latitude"),
        ("cities", {**CITY, "longitude": -181}, 400, "longitude"),
        ("representatives", {**PERSON, "starts": "2026-05-02", "ends": "2026-05-01"}, 400, "ends"),
    ],
)
def test_what_the_database_or_another_record_refuses_names_its_field(
    client: Client, path: str, body: dict[str, Any], status: int, field: str
) -> None:
    response = client("office" if path == "representatives" else "admin").post(f"/api/v1/{path}/", body)
    assert (response.status_code, list(error_of(response)["fields"])) == (status, [field])


def test_too_many_requests_say_when_to_come_back(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.throttles.UserThrottle.THROTTLE_RATES", {"user": "1/min", "anonymous": "1/min"})
    office = client("office")
    assert office.get("/api/v1/labs/").status_code == 200
    response = office.get("/api/v1/labs/")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 61
    assert error_of(response)["code"] == "throttled"


class TestStrangers:
    @pytest.fixture(autouse=True)
    def three_a_minute(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(StrangerThrottle, "THROTTLE_RATES", {"anonymous": "3/min"})

    @pytest.mark.parametrize("credentials", [{}, {"HTTP_AUTHORIZATION": "Token guessed"}], ids=["none", "wrong"])
    def test_past_the_rate_an_address_is_told_to_come_back_later(
        self, client: Client, credentials: dict[str, str]
    ) -> None:
        stranger, office = APIClient(**credentials), client("office")
        paths = ("/api/v1/labs/", "/api/v1/me/", "/api/v1/candidates/?q=a", "/api/v1/labs/")
        answers = [stranger.get(path) for path in paths]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
        assert 0 < int(answers[3]["Retry-After"]) <= 61
        assert error_of(answers[3])["code"] == "throttled"
        assert stranger.post("/api/v1/labs/", {}).status_code == 429
        assert stranger.get("/api/v1/labs/", REMOTE_ADDR="192.0.2.7").status_code == 401
        assert [office.get(path).status_code for path in paths[:2]] == [200, 200]

    def test_who_is_logged_in_and_what_is_public_does_not_count(self, client: Client) -> None:
        for _ in range(5):
            assert client("partner").post("/api/v1/labs/", {}).status_code == 403
            assert APIClient().get("/api/v1/links/unknown/").status_code == 404
        assert APIClient().get("/api/v1/labs/").status_code == 401


def test_a_lost_database_is_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("connection to the secret host refused")

    monkeypatch.setattr("api.views.reference.LabViewSet.list", fail)
    response = client("office").get("/api/v1/labs/")
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "secret" not in response.content.decode()


def test_an_unforeseen_error_is_500_in_the_same_shape(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.views.reference.LabViewSet.list", lambda *args, **kwargs: 1 / 0)
    response = client("office").get("/api/v1/labs/")
    assert response.status_code == 500
    assert error_of(response)["code"] == "error"


def test_pages_for_people_keep_their_own_errors(client: Client) -> None:
    assert client("anonymous").get("/nowhere/")["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("path", "body", "field", "said"),
    [
        ("immersions/", {"kind": "winter"}, "kind", "Unknown: winter. Allowed: summer, industrial."),
        (
            "contacts/",
            {"kind": "fax"},
            "kind",
            "Unknown: fax. Allowed: seminar_conversation, meeting, phone, correspondence, on_site, other.",
        ),
        ("contacts/", {"representatives": [1]}, "representatives", "Give ids as text."),
        (
            "contacts/",
            {"new_people": [{"given_name": "A", "family_name": "B", "partner": "Nobody Ltd"}]},
            "new_people.0.partner",
            "Unknown: 'Nobody Ltd'. One that is not known yet is {\"name\": ...}.",
        ),
    ],
)
def test_a_wrong_word_is_answered_with_what_is_allowed(
    client: Client, path: str, body: dict[str, Any], field: str, said: str
) -> None:
    refused = client("office").post(f"/api/v1/{path}", body, format="json")
    assert refused.status_code == 400
    assert refused.json()["error"]["fields"][field] == [said]
