"""A professor recommends a student; the student decides who reads it; what is general becomes evidence."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from crm.actions.consents import withdraw_consent
from crm.actions.recommendations import move_recommendation
from crm.models import Disclosure, Evidence, Mail, Recommendation, StageChange, Touchpoint
from tests import cast
from tests.api.conftest import World
from tests.api.recommending import TEXT, shared, written

pytestmark = pytest.mark.once

Client = Callable[[str], APIClient]
PATH = "/api/v1/recommendations/"
REQUEST = "Canary request: please mention the enzyme work."


def write(client: APIClient, **body: Any) -> Any:
    return client.post(PATH, {"student": "S-1", "text": TEXT, **body})


def move(client: APIClient, record: str, to: str) -> Any:
    return client.post(f"{PATH}{record}/moves/", {"to": to})


# Writing and asking -------------------------------------------------------------------------------------------------


def test_a_professor_recommends_in_one_request(client: Client, world: World) -> None:
    body = {"partner": "biofirm", "endorsements": [{"skill": "test-pipetting", "level": 5}]}
    answer = write(client("professor"), **body)
    made = answer.json()
    assert answer.status_code == 201
    assert (made["state"], made["text"], made["partner"]["slug"]) == ("written", TEXT, "biofirm")
    assert (made["student"]["number"], made["professor"]["name"]) == ("S-1", "Pavel Lesnoy")
    assert [(e["skill"]["slug"], e["level"]) for e in made["endorsements"]] == [("test-pipetting", 5)]
    assert Mail.objects.get(record=made["id"], template="recommendation_to_share").student == world.sonya
    assert StageChange.objects.get(record=made["id"]).to_state == "written"
    assert write(client("professor")).json()["partner"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": None}, "text"),
        ({"student": "S-2"}, "student"),
        ({"student": "S-404"}, "student"),
        ({"partner": "nobody"}, "partner"),
        ({"endorsements": [{"skill": "test-pipetting", "level": 6}]}, "endorsements.0.level"),
        ({"endorsements": [{"skill": "nothing", "level": 1}]}, "endorsements.0.skill"),
        ({"endorsements": [{"skill": "python", "level": 1}, {"skill": "python", "level": 2}]}, "endorsements"),
        ({"professor": "x"}, "professor"),
        ({"state": "shared"}, "state"),
    ],
)
def test_what_cannot_be_is_named(client: Client, body: dict[str, Any], field: str) -> None:
    answer = write(client("professor"), **body)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])
    assert not Recommendation.objects.exists()


def test_the_student_and_the_office_ask_and_the_professor_answers(client: Client, world: World) -> None:
    body = {"professor": str(world.professor.public_id), "request": REQUEST}
    asked = client("student").post(PATH, body).json()
    assert (asked["state"], asked["request"], asked["text"]) == ("requested", REQUEST, "")
    assert client("office").post(PATH, {**body, "student": "S-1", "partner": "biofirm"}).status_code == 201
    assert client("student").post(PATH, body).status_code == 409
    mails = Mail.objects.filter(template="recommendation_requested")
    assert [mail.professor for mail in mails] == [world.professor] * 2
    professor, path = client("professor"), f"{PATH}{asked['id']}/"
    assert move(professor, asked["id"], "written").json()["error"]["fields"] == {
        "text": ["The professor has not written it."]
    }
    draft = professor.patch(path, {"endorsements": [{"skill": "python", "level": 2}]}).json()
    assert (draft["state"], draft["endorsements"][0]["level"]) == ("requested", 2)
    assert professor.patch(path, {"text": TEXT}).json()["state"] == "written"
    assert Mail.objects.filter(record=asked["id"], template="recommendation_to_share").count() == 1
    assert professor.patch(path, {"text": "Better words", "endorsements": []}).json()["endorsements"] == []
    assert [c.to_state for c in StageChange.objects.filter(record=asked["id"])] == ["requested", "written"]


def test_what_was_asked_for_is_written_with_the_move(client: Client, world: World) -> None:
    body = {"professor": str(world.professor.public_id), "student": "S-1"}
    asked = client("office").post(PATH, body).json()["id"]
    moves, professor = f"{PATH}{asked}/moves/", client("professor")
    row = {"skill": "python", "level": 2}
    for wrong, field in (
        ({"to": "withdrawn", "text": TEXT}, "text"),
        ({"to": "withdrawn", "endorsements": [row]}, "endorsements"),
        ({"to": "written", "text": " "}, "text"),
        ({"to": "written", "text": TEXT, "endorsements": [row, row]}, "endorsements"),
        ({"to": "written", "text": TEXT, "endorsements": [{**row, "level": 6}]}, "endorsements.0.level"),
    ):
        refused = professor.post(moves, wrong)
        assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, [field])
    assert professor.patch(f"{PATH}{asked}/", {"endorsements": [{**row, "level": 3}]}).status_code == 200
    made = professor.post(moves, {"to": "written", "text": TEXT, "endorsements": [row]}).json()
    assert (made["state"], made["text"], made["endorsements"][0]["level"]) == ("written", TEXT, 2)
    assert Mail.objects.filter(record=asked, template="recommendation_to_share").count() == 1
    again = professor.post(moves, {"to": "written", "text": "Other"})
    assert (again.status_code, Recommendation.objects.get().text) == (409, TEXT)


def test_one_asks_only_a_professor_of_the_student(client: Client, world: World) -> None:
    stranger = client("stranger").post(PATH, {"professor": str(world.professor.public_id)})
    assert list(stranger.json()["error"]["fields"]) == ["professor"]
    for_another = client("stranger").post(PATH, {"student": "S-1", "professor": str(world.professor.public_id)})
    assert list(for_another.json()["error"]["fields"]) == ["student"]
    assert not Mail.objects.filter(template="recommendation_requested").exists()


def test_what_is_shared_is_no_longer_changed(client: Client, world: World) -> None:
    record = shared(world)
    answer = client("professor").patch(f"{PATH}{record.public_id}/", {"text": "Other"})
    assert answer.status_code == 409
    assert Recommendation.objects.get().text == TEXT


def test_who_teaches_the_student_no_longer_reads_and_withdraws_but_does_not_write(client: Client, world: World) -> None:
    record = written(world)
    for place in (*world.sonya.memberships.all(), *world.sonya.supervisions.all()):
        place.delete()
    professor, path = client("professor"), f"{PATH}{record.public_id}/"
    assert professor.get(path).json()["text"] == TEXT
    assert professor.patch(path, {"text": "Other"}).status_code == 403
    assert write(professor).status_code == 400
    assert move(professor, str(record.public_id), "withdrawn").status_code == 200


# Who reads it -------------------------------------------------------------------------------------------------------


def seen(client: Client, role: str) -> str:
    return str(client(role).get(PATH).content.decode())


def test_partners_read_nothing_before_the_student_agrees_and_never_what_was_asked(client: Client, world: World) -> None:
    asked = {"professor": str(world.professor.public_id), "request": REQUEST, "partner": "biofirm"}
    record = client("student").post(PATH, asked).json()["id"]
    client("professor").patch(f"{PATH}{record}/", {"text": TEXT})
    for role in ("partner", "rival", "stranger"):
        assert "Canary" not in seen(client, role)
        assert client(role).get(f"{PATH}{record}/").status_code == 404
        assert client(role).get(f"{PATH}{record}/moves/").status_code == 404
    assert move(client("student"), record, "shared").json()["state"] == "shared"
    read = client("partner").get(f"{PATH}{record}/").json()
    assert (read["text"], read["student"]["name"]) == (TEXT, "Sonya Sokolova")
    assert "request" not in read
    assert "number" not in read["student"]
    assert REQUEST not in seen(client, "partner")
    assert Disclosure.objects.filter(student=world.sonya, viewer=world.users["partner"]).count() == 2
    for role in ("rival", "stranger"):
        assert "Canary" not in seen(client, role)


def test_one_addressed_to_a_partner_is_read_by_it_alone_and_backs_nothing(client: Client, world: World) -> None:
    quill = cast.partner("quillwave")
    world.users["quill"] = cast.representative(quill, "Quinn Wave")
    cast.consent(world.sonya, quill, "evaluations")
    record = shared(world, partner=world.partner, levels={world.skill.slug: 4})
    assert TEXT in seen(client, "partner")
    assert "Canary" not in seen(client, "quill")
    assert not Evidence.objects.filter(kind="recommendation").exists()
    withdraw_consent(consent=world.consent, by=cast.BY)
    assert client("partner").get(f"{PATH}{record.public_id}/").json()["student"]["name"] == "Sonya Sokolova"
    cast.block(world.sonya, world.partner)
    assert client("partner").get(f"{PATH}{record.public_id}/").status_code == 404


def test_a_general_one_is_read_with_the_evidence(client: Client, world: World) -> None:
    quill = cast.partner("quillwave")
    world.users["quill"] = cast.representative(quill, "Quinn Wave")
    cast.consent(world.sonya, quill, "profile")
    shared(world)
    assert TEXT in seen(client, "partner")
    assert "Canary" not in seen(client, "quill")
    assert "Canary" not in seen(client, "rival")
    cast.consent(world.sonya, quill, "evaluations")
    assert TEXT in seen(client, "quill")


@pytest.mark.parametrize("state", ["requested", "written", "withdrawn"])
def test_no_other_state_is_shown_to_a_partner(client: Client, world: World, state: str) -> None:
    for partner in (world.partner, None):
        record = shared(world, partner=partner)
        Recommendation.objects.filter(pk=record.pk).update(state=state)
    assert client("partner").get(PATH).json()["results"] == []
    for role in ("student", "professor", "office", "admin"):
        assert len(client(role).get(PATH).json()["results"]) == 2


def test_another_professor_does_not_read_it(client: Client, world: World) -> None:
    world.users["colleague"] = cast.professor(heads=world.other_lab, name="Polina Rowan")
    world.sonya.memberships.create(lab=world.other_lab)
    written(world)
    assert client("colleague").get(PATH).json()["results"] == []


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        ("requested", {"professor": ["written", "withdrawn"], "student": ["withdrawn"], "office": ["withdrawn"]}),
        ("written", {"professor": ["withdrawn"], "student": ["shared", "withdrawn"], "office": []}),
        ("shared", {"professor": ["withdrawn"], "student": ["withdrawn"], "office": []}),
        ("withdrawn", {"professor": [], "student": [], "office": []}),
    ],
)
def test_moves_are_for_whom_the_table_names(
    client: Client, world: World, state: str, allowed: dict[str, list[str]]
) -> None:
    record = str(shared(world).public_id)
    Recommendation.objects.update(state=state)
    exists = {to for moves in allowed.values() for to in moves}
    for role, moves in allowed.items():
        assert client(role).get(f"{PATH}{record}/moves/").json()["moves"] == moves
        for to in {"requested", "written", "shared", "withdrawn", "lost"} - set(moves):
            assert move(client(role), record, to).status_code == (403 if to in exists else 409), (role, to)


# Around it ----------------------------------------------------------------------------------------------------------


def test_one_that_a_partner_reads_is_a_touchpoint_until_it_is_withdrawn(world: World) -> None:
    record = shared(world, partner=world.partner)
    touches = Touchpoint.objects.filter(record=record.public_id)
    assert set(touches.values_list("professor", "student")) == {(world.professor.pk, None), (None, world.sonya.pk)}
    move_recommendation(recommendation=record, to="withdrawn", by=world.users["professor"])
    assert not touches.exists()
    assert not Touchpoint.objects.filter(record=shared(world).public_id).exists()


def test_a_list_is_filtered_and_costs_the_same_whatever_its_length(client: Client, world: World) -> None:
    def cost(role: str, filters: str = "") -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            answer = client(role).get(f"{PATH}{filters}")
        assert answer.status_code == 200, answer.content
        return len(queries) - 1, len(answer.json()["results"])

    shared(world, levels={"python": 1})
    before = {role: cost(role)[0] for role in ("partner", "office", "professor")}
    for _ in range(2):
        shared(world, partner=world.partner, levels={"python": 1, "crispr": 2})
    assert {role: cost(role) for role in before} == {role: (count, 3) for role, count in before.items()}
    written(world)
    office = {
        "?state=written": 1,
        "?state=written,shared": 4,
        "?partner=biofirm": 2,
        "?general=true": 2,
        "?student=S-1": 4,
        "?student=S-2": 0,
        f"?professor={world.professor.public_id}": 4,
        f"?year={timezone.localdate().year}": 4,
        "?year=1999": 0,
    }
    assert {filters: cost("office", filters)[1] for filters in office} == office
    assert client("partner").get(f"{PATH}?student=S-1").status_code == 400


def test_the_student_reads_them_in_the_export(client: Client, world: World) -> None:
    written(world)
    body = {"professor": str(world.professor.public_id), "request": REQUEST}
    client("student").post(PATH, body)
    held = client("student").get("/api/v1/me/export/").json()["recommendations"]
    assert [(row["state"], row["text"], row["request"]) for row in held] == [
        ("requested", "", REQUEST),
        ("written", TEXT, ""),
    ]
