"""Evaluations over REST and by link: given once by the mentor, read by few, and evidence that the student may share."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from crm.access import LinkBearer
from crm.actions.evaluations import give_evaluation
from crm.actions.immersions import move_immersion, update_immersion
from crm.errors import Conflict, Gone, NotAllowed
from crm.links import issue_link, using_link
from crm.models import (
    RUBRIC,
    Evaluation,
    Evidence,
    Immersion,
    LinkPurpose,
    Mail,
    OneTimeLink,
    Representative,
    Touchpoint,
)
from crm.reference import current
from search.outbox import drain_all
from search.projections import project
from search.sources import load
from tests import cast
from tests.api.conftest import World, client_of

pytestmark = pytest.mark.once

Client = Callable[[str], APIClient]
PATH = "/api/v1/immersions/"
MARKS = dict.fromkeys(RUBRIC, 4)
CANARY = "remark canary"


def address(stay: Immersion) -> str:
    return f"{PATH}{stay.public_id}/"


@pytest.fixture
def stay(world: World) -> Immersion:
    """Sonya's, which runs and which Hanna mentors."""
    return cast.immersion(world.sonya, world.partner, "active")


def give(client: APIClient, stay: Immersion, stage: str = "mid", **said: Any) -> Any:
    return client.post(f"{address(stay)}evaluations/", {"stage": stage, **MARKS, **said})


def test_the_mentor_evaluates_each_stage_once(client: Client, world: World, stay: Immersion) -> None:
    hanna = client("partner")
    given = give(hanna, stay, "mid", quality=5, remarks="Careful", would_hire=True)
    assert given.status_code == 201
    [shown] = given.json()["evaluations"]
    assert {"stage": "mid", "quality": 5, "remarks": "Careful"}.items() <= shown.items()
    assert shown["mentor"]["name"] == "Hanna Brook"
    again = give(hanna, stay, "mid")
    assert (again.status_code, list(again.json()["error"]["fields"])) == (409, ["stage"])
    assert give(hanna, stay, "final").json()["missing_for_next_stage"] == {}
    assert Evaluation.objects.count() == 2
    assert Touchpoint.objects.filter(kind="evaluation", student=world.sonya, partner=world.partner).count() == 2


def test_nobody_but_the_mentor_evaluates(client: Client, world: World, stay: Immersion) -> None:
    colleague = client_of(cast.representative(world.partner, "Nora Next"))
    assert give(colleague, stay).status_code == 403
    for role, status in (("admin", 403), ("office", 403), ("professor", 403), ("student", 403), ("rival", 404)):
        assert give(client(role), stay).status_code == status, role
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize("state", ["proposed", "applied", "accepted", "agreed", "completed", "cancelled"])
def test_it_is_evaluated_while_it_is_active(client: Client, world: World, state: str) -> None:
    other = cast.immersion(world.sonya, world.partner, state)
    before = Evaluation.objects.count()
    for answer in (
        give(client("partner"), other, "mid"),
        client("office").post(f"{address(other)}evaluation-requests/", {"stage": "mid"}),
    ):
        assert (answer.status_code, state in answer.json()["error"]["message"]) == (409, True)
    assert Evaluation.objects.count() == before


@pytest.mark.parametrize(
    ("said", "field"),
    [
        *(({criterion: mark}, criterion) for criterion in RUBRIC for mark in (0, 6, None, "good")),
        ({"stage": "early"}, "stage"),
        ({"would_hire": "perhaps"}, "would_hire"),
        ({"remarks": "x" * 20_001}, "remarks"),
        ({"shown_skills": [{"skill": "no-such-skill", "level": 3}]}, "shown_skills.0.skill"),
        ({"shown_skills": [{"skill": "crispr", "level": 6}]}, "shown_skills.0.level"),
        ({"shown_skills": [{"skill": "crispr", "level": 2}, {"skill": "crispr", "level": 3}]}, "shown_skills"),
    ],
)
def test_what_cannot_be_is_named(client: Client, stay: Immersion, said: dict[str, Any], field: str) -> None:
    answer = give(client("partner"), stay, **said)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])


def test_shown_skills_become_evidence_of_claims_that_only_the_student_shares(
    client: Client, world: World, stay: Immersion
) -> None:
    """One was claimed at 4 and shown at 5; the other was not claimed."""
    shown = [{"skill": world.skill.slug, "level": 5}, {"skill": "crispr", "level": 3}]
    assert give(client("partner"), stay, shown_skills=shown).status_code == 201
    rows = Evidence.objects.filter(kind="evaluation", claim__student=world.sonya).order_by("pk")
    assert [(row.claim.skill.slug, row.claim.level, row.level, row.shared) for row in rows] == [
        (world.skill.slug, 4, 5, False)
    ]
    assert "Biofirm" not in rows[0].title
    assert rows[0].date == timezone.localdate()
    own = {row["id"]: row for row in client("student").get("/api/v1/me/evidence/").json()["results"]}
    assert own[str(rows[0].public_id)]["shared"] is False
    share = client("student").patch(f"/api/v1/me/evidence/{rows[0].public_id}/", {"shared": True})
    assert share.status_code == 200
    claimed = [{"skill": world.skill.slug, "level": 5}, {"skill": "crispr", "level": 2}]
    for _ in range(2):
        assert client("student").patch("/api/v1/me/", {"claims": claimed}).status_code == 200
    assert [(row.claim.skill.slug, row.claim.level, row.level, row.shared) for row in rows.all()] == [
        (world.skill.slug, 5, 5, True),
        ("crispr", 2, 3, False),
    ]


def test_what_a_mentor_says_of_a_skill_that_is_not_claimed_is_seen_by_no_partner(
    client: Client, world: World, stay: Immersion, index: None
) -> None:
    give(client("partner"), stay, shown_skills=[{"skill": "crispr", "level": 1}])
    cast.consent(world.sonya, world.rival_partner, "evaluations")
    drain_all()
    for role in ("partner", "rival"):
        assert client(role).get("/api/v1/candidates/?skill=crispr").json()["count"] == 0
        assert "crispr" not in client(role).get(f"/api/v1/candidates/{world.sonya.public_id}/").content.decode()


READERS = {"admin": True, "office": True, "professor": False, "partner": False, "student": False}
"""Who reads the evaluation -> whether with `would_hire`."""


def test_who_reads_the_remarks_and_who_would_hire(client: Client, world: World, stay: Immersion) -> None:
    given = give(client("partner"), stay, remarks=CANARY, would_hire=True)
    assert "would_hire" not in given.content.decode()
    for role, knows in READERS.items():
        for path in (address(stay), PATH):
            answer = client(role).get(path)
            assert CANARY in answer.content.decode(), role
            assert ("would_hire" in answer.content.decode()) is knows, role
    own = client("student").get("/api/v1/me/export/").content.decode()
    assert (CANARY in own, "would_hire" in own) == (True, False)
    for role in ("rival", "stranger"):
        assert client(role).get(address(stay)).status_code == 404
        assert client(role).get(PATH).json()["results"] == []


def test_remarks_and_would_hire_stand_in_no_document(
    client: Client, world: World, stay: Immersion, index: None
) -> None:
    shown = [{"skill": world.skill.slug, "level": 5}]
    give(client("partner"), stay, remarks=CANARY, would_hire=True, shown_skills=shown)
    Evidence.objects.update(shared=True)
    documents = project(load([world.sonya.pk])[world.sonya.pk], current(), timezone.now()).families
    written = orjson.dumps(documents, option=orjson.OPT_NON_STR_KEYS).decode().lower()
    assert "sokolova" in written
    assert not [word for word in ("canary", "would", "biofirm") if word in written]
    drain_all()
    for role in ("office", "partner"):
        found = client(role).get("/api/v1/candidates/?q=canary").json()
        assert found["count"] == 0
        profile = client(role).get(f"/api/v1/candidates/{world.sonya.public_id}/").content.decode()
        assert "would" not in profile
        assert CANARY not in profile


def test_the_office_asks_as_often_as_it_must(client: Client, world: World, stay: Immersion) -> None:
    asking = f"{address(stay)}evaluation-requests/"
    Representative.objects.filter(pk=world.representative.pk).update(email="hanna@biofirm.example")
    for stage in ("mid", "mid", "final"):
        assert client("office").post(asking, {"stage": stage}).status_code == 201
    mails = Mail.objects.filter(template="evaluation_asked", record=stay.public_id).order_by("pk")
    assert [(mail.representative, mail.stage) for mail in mails] == [
        (world.representative, "mid"),
        (world.representative, "mid"),
        (world.representative, "final"),
    ]
    give(client("partner"), stay, "mid")
    assert client("office").post(asking, {"stage": "mid"}).status_code == 409
    assert client("partner").post(asking, {"stage": "final"}).status_code == 403


@pytest.mark.parametrize(
    "change", [{"email": ""}, {"email": "m@x.example", "do_not_contact": True}, {"ends": "2020-01-01"}], ids=str
)
def test_where_nobody_can_be_written_to_the_office_is_told(
    client: Client, world: World, change: dict[str, Any]
) -> None:
    mentor = Representative.objects.create(partner=world.partner, given_name="Mark", family_name="Mentor", email="")
    stay = cast.immersion(world.sonya, world.partner, "active", mentor=mentor)
    Representative.objects.filter(pk=mentor.pk).update(**change)
    answer = client("office").post(f"{address(stay)}evaluation-requests/", {"stage": "mid"})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["mentor"])
    assert not Mail.objects.filter(template="evaluation_asked").exists()


# By link --------------------------------------------------------------------------------------------------------------


def link_to(stay: Immersion, stage: str) -> str:
    assert stay.mentor
    return issue_link(purpose=LinkPurpose.EVALUATION, record=stay.public_id, to=stay.mentor, stage=stage)


def answer_by_link(token: str, stay: Immersion, stage: str, **said: Any) -> Evaluation:
    with using_link(token) as bearer:
        return give_evaluation(immersion=stay, stage=stage, by=bearer, **MARKS, **said)


def test_a_mentor_without_an_account_evaluates_by_link_once(world: World) -> None:
    mentor = Representative.objects.create(partner=world.partner, given_name="Mark", family_name="Mentor")
    stay = cast.immersion(world.sonya, world.partner, "active", mentor=mentor)
    token, twin = link_to(stay, "mid"), link_to(stay, "mid")
    given = answer_by_link(token, stay, "mid", shown_skills=[{"skill": world.skill, "level": 3}])
    assert (given.mentor, given.stage, given.evidence.count()) == (mentor, "mid", 1)
    for used in (token, twin):
        with pytest.raises(Gone):
            answer_by_link(used, stay, "mid")


def test_a_link_is_for_its_own_stage_alone(world: World, stay: Immersion) -> None:
    with pytest.raises(NotAllowed):
        answer_by_link(link_to(stay, "mid"), stay, "final")
    other = cast.immersion(world.nikita, world.partner, "active")
    with pytest.raises(NotAllowed), using_link(link_to(stay, "mid")) as bearer:
        give_evaluation(immersion=other, stage="mid", by=bearer, **MARKS)
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize("change", ["another mentor", "cancelled", "given by account"])
def test_a_link_ends_with_what_it_is_for(client: Client, world: World, stay: Immersion, change: str) -> None:
    token = link_to(stay, "mid")
    bearer = LinkBearer(OneTimeLink.objects.get())
    if change == "another mentor":
        other = cast.representative(world.partner, "Nora Next").representative
        update_immersion(immersion=stay, mentor=other, by=cast.BY)
    elif change == "cancelled":
        move_immersion(immersion=stay, to="cancelled", reason="illness", by=cast.BY)
    else:
        give(client("partner"), stay, "mid")
    with pytest.raises(Gone):
        answer_by_link(token, stay, "mid")
    # Nor does the action itself take it.
    with pytest.raises((Gone, Conflict)):
        give_evaluation(immersion=stay, stage="mid", by=bearer, **MARKS)
