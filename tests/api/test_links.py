"""One-time links: a GET changes nothing, a POST answers once, a guess is counted."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from api.throttles import GuessThrottle
from crm.actions.hires import rescind_hire
from crm.actions.immersions import update_immersion
from crm.actions.introductions import ask_introduction, decline_introduction, move_introduction
from crm.links import issue_link
from crm.models import (
    RUBRIC,
    Evaluation,
    Hire,
    Introduction,
    LinkPurpose,
    OneTimeLink,
    Partner,
    Representative,
    Student,
    User,
)
from tests import cast
from tests.api.test_errors import error_of

pytestmark = pytest.mark.once

UNKNOWN = "x" * 43
MARKS = dict.fromkeys(RUBRIC, 4)


@dataclass
class Links:
    """Sanna is asked to meet Hanna's partner, evaluated by Hanna, and hired."""

    hanna: User
    account: User
    sanna: Student
    introduction: Introduction
    hire: Hire
    tokens: dict[str, str]

    @property
    def partner(self) -> Partner:
        return self.hanna.representative.partner


@pytest.fixture
def links(db: None) -> Links:
    return make_links()


def make_links() -> Links:
    partner = cast.partner()
    hanna, sanna = cast.representative(partner), cast.student()
    cast.consent(sanna)
    account = cast.student_account(sanna)
    stay = cast.immersion(sanna, partner, "active", project="Yeast at rest")
    hire = cast.hire(sanna, partner, "accepted", salary_band="CANARY")
    asked = ask_introduction(student=sanna, message="Let us talk", by=hanna)
    mentor = hanna.representative
    tokens = {
        "introduction": issue_link(purpose=LinkPurpose.INTRODUCTION, record=asked.public_id, to=sanna),
        "evaluation": issue_link(purpose=LinkPurpose.EVALUATION, record=stay.public_id, to=mentor, stage="mid"),
        "hire": issue_link(purpose=LinkPurpose.HIRE, record=hire.public_id, to=mentor),
    }
    return Links(hanna, account, sanna, asked, hire, tokens)


ANSWERS: dict[str, dict[str, Any]] = {"introduction": {"accept": True}, "evaluation": MARKS, "hire": {"confirm": True}}


def path(token: str) -> str:
    return f"/api/v1/links/{token}/"


def get(token: str) -> Any:
    return APIClient().get(path(token))


def post(token: str, body: dict[str, Any]) -> Any:
    return APIClient().post(path(token), body)


@pytest.mark.parametrize(
    ("purpose", "about", "fields"),
    [
        ("introduction", {"message": "Let us talk"}, ["accept"]),
        (
            "evaluation",
            {"stage": "mid", "student": "Sanna Vale", "kind": "summer", "project": "Yeast at rest"},
            [*RUBRIC, "remarks", "would_hire", "shown_skills"],
        ),
        ("hire", {"student": "Sanna Vale", "position": "Analyst", "place": ""}, ["confirm"]),
    ],
)
def test_reading_says_what_is_asked_and_changes_nothing(
    links: Links, purpose: str, about: dict[str, Any], fields: list[str]
) -> None:
    with CaptureQueriesContext(connection) as queries:
        answers = [get(links.tokens[purpose]) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert {query["sql"].split()[0] for query in queries.captured_queries} == {"SELECT"}
    shown = answers[-1].json()
    assert (shown["purpose"], shown["partner"]) == (purpose, "Veresk")
    assert about.items() <= shown["about"].items()
    assert [field["name"] for field in shown["fields_of_answer"]] == fields
    assert "CANARY" not in answers[-1].content.decode()
    assert not OneTimeLink.objects.exclude(used_at=None).exists()


def test_accepting_introduces_and_releases_contact_details(links: Links) -> None:
    assert post(links.tokens["introduction"], {"accept": True}).status_code == 200
    links.introduction.refresh_from_db()
    assert links.introduction.state == "accepted"
    assert links.introduction.consent is not None
    assert links.introduction.consent.partner == links.partner


def test_declining_releases_nothing(links: Links) -> None:
    assert post(links.tokens["introduction"], {"accept": False}).status_code == 200
    links.introduction.refresh_from_db()
    assert (links.introduction.state, links.introduction.consent) == ("declined", None)


def test_a_mentor_without_an_account_evaluates(links: Links) -> None:
    User.objects.filter(pk=links.hanna.pk).update(is_active=True, representative=None, role="admin")
    said = {**MARKS, "remarks": "Careful", "would_hire": True, "shown_skills": [{"skill": "crispr", "level": 3}]}
    assert post(links.tokens["evaluation"], said).status_code == 200
    given = Evaluation.objects.get()
    assert (given.stage, given.mentor, given.would_hire) == ("mid", Representative.objects.get(), True)
    assert [shown.skill.slug for shown in given.shown_skills.all()] == ["crispr"]


def test_the_question_says_what_a_row_of_skills_is_made_of(links: Links) -> None:
    fields = {field["name"]: field for field in get(links.tokens["evaluation"]).json()["fields_of_answer"]}
    assert fields["remarks"]["row"] == []
    assert (fields["shown_skills"]["type"], fields["shown_skills"]["most"]) == ("list", 30)
    skill, level = fields["shown_skills"]["row"]
    assert (skill["name"], skill["type"], skill["is_required"]) == ("skill", "text", True)
    assert skill["help"] == "A skill by slug, id, or any of its names."
    assert (level["name"], level["type"], level["least"], level["most"]) == ("level", "integer", 1, 5)


@pytest.mark.parametrize("name", ["crispr", "{id}", "CRISPR", "криспр", "Cas9"])
def test_a_skill_is_known_by_any_of_its_names(links: Links, name: str) -> None:
    rows = [{"skill": name.format(id=cast.skill("crispr").public_id), "level": 3}]
    assert post(links.tokens["evaluation"], {**MARKS, "shown_skills": rows}).status_code == 200
    assert [shown.skill.slug for shown in Evaluation.objects.get().shown_skills.all()] == ["crispr"]


def test_the_partner_confirms_a_hire(links: Links) -> None:
    assert post(links.tokens["hire"], {"confirm": True}).status_code == 200
    links.hire.refresh_from_db()
    assert links.hire.confirmed_by == links.hanna.representative


@pytest.mark.parametrize(
    ("purpose", "body", "field"),
    [
        ("introduction", {}, "accept"),
        ("introduction", {"accept": None}, "accept"),
        ("introduction", {"accept": True, "confirm": True}, "confirm"),
        ("evaluation", {**MARKS, "quality": 6}, "quality"),
        ("evaluation", {**MARKS, "shown_skills": [{"skill": "no-such", "level": 1}]}, "shown_skills.0.skill"),
        ("evaluation", {**MARKS, "stage": "final"}, "stage"),
        ("hire", {"confirm": False}, "confirm"),
    ],
)
def test_a_wrong_answer_names_the_field_and_leaves_the_link_good(
    links: Links, purpose: str, body: dict[str, Any], field: str
) -> None:
    refused = post(links.tokens[purpose], body)
    assert refused.status_code == 400
    assert list(error_of(refused)["fields"]) == [field]
    assert post(links.tokens[purpose], ANSWERS[purpose]).status_code == 200


@pytest.mark.parametrize("purpose", ANSWERS)
def test_a_second_use_is_gone_and_so_are_the_other_links_for_the_same(links: Links, purpose: str) -> None:
    used = OneTimeLink.objects.get(purpose=purpose)
    to = used.student or used.representative
    assert to
    second = issue_link(purpose=LinkPurpose(purpose), record=used.record, to=to, stage=used.stage)
    assert post(second, ANSWERS[purpose]).status_code == 200
    for token in (second, links.tokens[purpose]):
        for answer in (get(token), post(token, ANSWERS[purpose])):
            assert answer.status_code == 410
            assert error_of(answer)["code"] == "gone"


def expires(links: Links) -> None:
    OneTimeLink.objects.update(expires=timezone.now())


def leaves(links: Links) -> None:
    Representative.objects.update(ends=timezone.localdate() - timedelta(days=1))


def other_mentor(links: Links) -> None:
    stay = links.sanna.immersions.get()
    update_immersion(
        immersion=stay, mentor=cast.representative(links.partner, "Holger Lund").representative, by=cast.BY
    )


GONE: list[tuple[str, Callable[[Links], object]]] = [
    *((purpose, expires) for purpose in ANSWERS),
    *((purpose, leaves) for purpose in ("evaluation", "hire")),
    ("evaluation", other_mentor),
    ("evaluation", lambda links: cast.evaluation(links.sanna.immersions.get())),
    ("hire", lambda links: rescind_hire(hire=links.hire, reason="x", by=cast.BY)),
    ("hire", lambda links: Partner.objects.update(state="prospect")),
    ("introduction", lambda links: decline_introduction(introduction=links.introduction, by=links.account)),
    ("introduction", lambda links: move_introduction(introduction=links.introduction, to="withdrawn", by=links.hanna)),
    ("introduction", lambda links: Introduction.objects.update(expires=timezone.now())),
    ("introduction", lambda links: Introduction.objects.all().delete()),
    ("introduction", lambda links: User.objects.update(is_active=False)),
]


@pytest.mark.parametrize(("purpose", "change"), GONE)
def test_what_has_passed_is_gone(links: Links, purpose: str, change: Callable[[Links], object]) -> None:
    change(links)
    token = links.tokens[purpose]
    assert [get(token).status_code, post(token, ANSWERS[purpose]).status_code] == [410, 410]


def test_an_unknown_token_answers_as_whatever_is_not_there(links: Links) -> None:
    missing = APIClient().get("/api/v1/no-such-thing/")
    for answer in (get(UNKNOWN), post(UNKNOWN, {"nonsense": 1}), get("%00"), get("ﷺ")):
        assert (answer.status_code, answer.json()) == (404, missing.json())


def test_the_bearer_answers_as_who_the_link_was_issued_to_whoever_is_logged_in(links: Links) -> None:
    """A browser's session is neither used nor asked for a CSRF token."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.office())
    answer = browser.post(path(links.tokens["introduction"]), {"accept": True}, "application/json")
    assert answer.status_code == 200
    links.introduction.refresh_from_db()
    assert links.introduction.state == "accepted"


@pytest.mark.parametrize("token", ["introduction", "unknown"])
def test_an_answer_is_kept_by_nobody_and_tells_no_referrer(links: Links, token: str) -> None:
    for answer in (get(links.tokens.get(token, UNKNOWN)), post(links.tokens.get(token, UNKNOWN), {"accept": False})):
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")


class TestGuesses:
    @pytest.fixture(autouse=True)
    def three_an_hour(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(GuessThrottle, "THROTTLE_RATES", {"link": "3/hour"})

    def test_past_the_rate_an_address_is_kept_out(self, links: Links) -> None:
        assert [get(f"guess{number}").status_code for number in range(4)] == [404, 404, 404, 429]
        refused = post(links.tokens["introduction"], {"accept": True})
        assert refused.status_code == 429
        assert int(refused["Retry-After"]) > 3000
        assert (refused["Cache-Control"], refused["Referrer-Policy"]) == ("no-store", "no-referrer")
        other = APIClient(REMOTE_ADDR="192.0.2.7")
        assert other.get(path(links.tokens["introduction"])).status_code == 200

    def test_who_holds_a_link_is_not_counted(self, links: Links) -> None:
        for _ in range(5):
            assert get(links.tokens["introduction"]).status_code == 200
        post(links.tokens["introduction"], {"accept": False})
        for _ in range(5):
            assert get(links.tokens["introduction"]).status_code == 410
        assert get(UNKNOWN).status_code == 404


def test_the_token_is_in_no_log(links: Links, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = links.tokens["introduction"]
    get(token)
    post(token, {"accept": 7})
    post(token, {"accept": True})
    get(token)
    get(token + "x")
    APIClient().put(path(token), {})
    APIClient().get(path(token)[:-1])
    lines = [record for record in caplog.records if record.name == "django.request"]
    assert any("Gone: /api/v1/links/..." in line.getMessage() for line in lines)
    assert any("Not Found: /api/v1/links/..." in line.getMessage() for line in lines)
    kept = [str(value) for record in caplog.records for value in (record.getMessage(), record.args, record.msg)]
    assert not any(token in text for text in [*kept, caplog.text])
