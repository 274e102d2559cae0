"""The student accepts or declines, by the account or by the link; what time and asking again do."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.access import LinkBearer, SystemProcess
from crm.actions.consents import withdraw_consent
from crm.actions.introductions import accept_introduction, ask_introduction, decline_introduction, expire_introductions
from crm.actions.partners import update_partner
from crm.errors import Conflict, Gone, NotAllowed
from crm.links import find_link, issue_link, using_link
from crm.models import (
    Block,
    Introduction,
    LinkPurpose,
    Mail,
    OneTimeLink,
    StageChange,
    Student,
    Touchpoint,
)
from tests import cast
from tests.api.conftest import World
from tests.api.introducing import A_CANDIDATE, PATH, Client, ask, move, run_out

pytestmark = pytest.mark.once

pytest_plugins = ("tests.api.introducing",)


def test_accepting_releases_contact_details_with_the_source(
    client: Client, world: World, nora: Student, asked: Introduction
) -> None:
    partner, contact = client("partner"), f"/api/v1/candidates/{nora.public_id}/contact/"
    assert partner.get(contact).status_code == 403
    assert move(client("nora"), asked, "accepted").json()["state"] == "accepted"
    consent = nora.consents.get(contact=True)
    assert (consent.partner, consent.profile, consent.expires) == (world.partner, False, None)
    assert consent.source == f"introduction accepted on {timezone.localdate().isoformat()}"
    assert Introduction.objects.get().consent == consent
    assert partner.get(contact).json()["email"] == nora.email
    touch = Touchpoint.objects.get(record=asked.public_id)
    assert (touch.kind, touch.partner, touch.student) == ("introduction", world.partner, nora)
    assert Mail.objects.get(template="introduction_answered").user == world.users["partner"]


@pytest.mark.parametrize("of_partner", [False, True])
def test_accepting_records_a_consent_beside_one_that_is_active(
    client: Client, world: World, nora: Student, asked: Introduction, of_partner: bool
) -> None:
    given = cast.consent(nora, world.partner if of_partner else None, "contact")
    move(client("nora"), asked, "accepted")
    consent = Introduction.objects.get().consent
    assert consent is not None
    assert consent != given
    assert (consent.partner, consent.source[:21]) == (world.partner, "introduction accepted")
    withdraw_consent(consent=given, by=cast.BY)
    assert client("partner").get(f"/api/v1/candidates/{nora.public_id}/contact/").status_code == 200


def test_a_contact_consent_that_ends_is_outlasted_by_the_acceptance(
    client: Client, world: World, nora: Student, asked: Introduction
) -> None:
    cast.consent(nora, world.partner, "contact", expires=timezone.now() + timedelta(days=1))
    move(client("nora"), asked, "accepted")
    assert nora.consents.filter(contact=True, expires__isnull=True).count() == 1


def test_a_partner_that_is_blocked_cannot_be_accepted_but_declined(
    client: Client, world: World, nora: Student, asked: Introduction
) -> None:
    cast.block(nora, world.partner)
    refused = move(client("nora"), asked, "accepted")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    assert "block" in refused.json()["error"]["message"]
    assert Introduction.objects.get().state == "asked"
    assert not nora.consents.filter(contact=True).exists()
    assert move(client("nora"), asked, "declined").status_code == 200


def test_a_partner_that_is_closed_cannot_be_accepted_but_declined(
    client: Client, world: World, nora: Student, asked: Introduction
) -> None:
    token = issue_link(purpose=LinkPurpose.INTRODUCTION, record=asked.public_id, to=nora)
    update_partner(partner=world.partner, state="prospect", by=cast.BY)
    assert move(client("nora"), asked, "accepted").status_code == 409
    with pytest.raises(Gone):
        find_link(token)
    assert not nora.consents.filter(contact=True).exists()
    assert move(client("nora"), asked, "declined").status_code == 200


def test_the_student_may_answer_after_withdrawing_the_consent_and_the_partner_reads_a_candidate_until_then(
    client: Client, nora: Student, asked: Introduction
) -> None:
    partner, path = client("partner"), f"{PATH}{asked.public_id}/"
    withdraw_consent(consent=nora.consents.get(), by=cast.BY)
    assert partner.get(path).json()["student"] == A_CANDIDATE
    assert partner.get(PATH).json()["results"][0]["student"] == A_CANDIDATE
    assert "Nora" not in partner.get(PATH).content.decode()
    assert move(client("nora"), asked, "accepted").status_code == 200
    assert partner.get(path).json()["student"]["name"] == "Nora Nightly"
    cast.block(nora, asked.partner)
    assert partner.get(path).json()["student"]["name"] == "Nora Nightly"
    assert move(client("office"), asked, "closed").status_code == 200
    assert partner.get(path).json()["student"] == A_CANDIDATE


def test_after_a_decline_ninety_days_must_pass(client: Client, nora: Student, asked: Introduction) -> None:
    move(client("nora"), asked, "declined", reason="Not now.")
    refused = ask(client("partner"), nora.public_id)
    again = timezone.localdate() + timedelta(days=90)
    assert refused.status_code == 409
    assert again.isoformat() in refused.json()["error"]["message"]
    assert "Not now" not in client("partner").get(f"{PATH}{asked.public_id}/").content.decode()
    for days, status in ((89, 409), (90, 201)):
        Introduction.objects.filter(pk=asked.pk).update(answered_at=timezone.now() - timedelta(days=days))
        assert ask(client("partner"), nora.public_id).status_code == status


def test_after_expiry_or_withdrawal_one_may_ask_again(client: Client, nora: Student, asked: Introduction) -> None:
    run_out(asked)
    second = ask(client("partner"), nora.public_id)
    assert second.status_code == 201
    asked.refresh_from_db()
    assert asked.stored_state == "expired"
    newer = Introduction.objects.get(public_id=second.json()["id"])
    assert move(client("partner"), newer, "withdrawn").status_code == 200
    assert ask(client("partner"), nora.public_id).status_code == 201


def test_what_ran_out_is_expired_at_once_and_stored_by_the_sweep(
    client: Client, world: World, asked: Introduction
) -> None:
    token = issue_link(purpose=LinkPurpose.INTRODUCTION, record=asked.public_id, to=asked.student)
    assert expire_introductions(by=cast.BY) == 0
    run_out(asked)
    office, student = client("office"), client("nora")
    assert office.get(f"{PATH}{asked.public_id}/").json()["state"] == "expired"
    states = {state: len(office.get(f"{PATH}?state={state}").json()["results"]) for state in ("asked", "expired")}
    assert states == {"asked": 0, "expired": 1}
    for to in ("accepted", "declined"):
        assert move(student, asked, to).status_code == 409
    assert student.get(f"{PATH}{asked.public_id}/moves/").json()["moves"] == []
    with pytest.raises(NotAllowed):
        expire_introductions(by=world.users["office"])
    assert expire_introductions(by=SystemProcess("sweep")) == 1
    assert expire_introductions(by=SystemProcess("sweep")) == 0
    change = StageChange.objects.get(record=asked.public_id, to_state="expired")
    assert (change.from_state, change.process) == ("asked", "sweep")
    with pytest.raises(Gone):
        find_link(token)
    assert len(office.get(f"{PATH}?state=expired,declined").json()["results"]) == 1


@pytest.mark.parametrize("answer", [accept_introduction, decline_introduction])
def test_the_bearer_of_the_link_answers_once(answer: Any, world: World, asked: Introduction) -> None:
    token = issue_link(purpose=LinkPurpose.INTRODUCTION, record=asked.public_id, to=asked.student)
    other = issue_link(purpose=LinkPurpose.INTRODUCTION, record=asked.public_id, to=asked.student)
    with using_link(token) as bearer:
        answer(introduction=asked, by=bearer)
    asked.refresh_from_db()
    assert asked.state in ("accepted", "declined")
    assert asked.student.consents.filter(contact=True).count() == (asked.state == "accepted")
    change = StageChange.objects.filter(record=asked.public_id).last()
    assert (change.process, change.user) == ("link: introduction", None)
    assert not OneTimeLink.objects.filter(used_at__isnull=True).exists()
    for used in (token, other):
        with pytest.raises(Gone, match="used already"):
            find_link(used)


def test_a_link_about_another_introduction_answers_nothing(world: World, asked: Introduction) -> None:
    other = ask_introduction(student=asked.student, message="Other", by=world.users["rival"])
    issue_link(purpose=LinkPurpose.INTRODUCTION, record=other.public_id, to=asked.student)
    with pytest.raises(NotAllowed):
        accept_introduction(introduction=asked, by=LinkBearer(OneTimeLink.objects.get()))


def test_a_link_that_meets_a_block_can_be_used_later(world: World, asked: Introduction) -> None:
    cast.block(asked.student, world.partner)
    token = issue_link(purpose=LinkPurpose.INTRODUCTION, record=asked.public_id, to=asked.student)
    with pytest.raises(Conflict, match="block"), using_link(token) as bearer:
        accept_introduction(introduction=asked, by=bearer)
    Block.objects.all().delete()
    with using_link(token) as bearer:
        accept_introduction(introduction=asked, by=bearer)


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        ("asked", {"nora": ["accepted", "declined"], "partner": ["withdrawn"], "office": []}),
        ("accepted", {"nora": [], "partner": ["closed"], "office": ["closed"]}),
        *(
            (state, {"nora": [], "partner": [], "office": []})
            for state in ("declined", "withdrawn", "closed", "expired")
        ),
    ],
)
def test_moves_are_for_whom_the_table_names(
    client: Client, asked: Introduction, state: str, allowed: dict[str, list[str]]
) -> None:
    Introduction.objects.filter(pk=asked.pk).update(stored_state=state)
    for role, moves in allowed.items():
        assert client(role).get(f"{PATH}{asked.public_id}/moves/").json()["moves"] == moves
        for to in ("accepted", "declined", "withdrawn", "closed", "expired", "asked", "lost"):
            if to not in moves:
                exists = any(to in others for others in allowed.values())
                assert move(client(role), asked, to).status_code == (403 if exists else 409), (role, to)


def test_the_contact_consent_stays_when_it_is_closed_and_can_be_withdrawn(
    client: Client, nora: Student, asked: Introduction
) -> None:
    move(client("nora"), asked, "accepted")
    move(client("partner"), asked, "closed")
    contact = f"/api/v1/candidates/{nora.public_id}/contact/"
    assert client("partner").get(contact).status_code == 200
    withdraw_consent(consent=nora.consents.get(contact=True), by=nora.user)
    assert client("partner").get(contact).status_code == 403
