"""Own process and closed record: what an immersion tells its partner of the student, and of other partners' stays."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from crm.actions.consents import withdraw_consent
from crm.actions.immersions import move_immersion
from crm.models import Consent, Immersion, ImmersionState, Student
from tests import cast
from tests.api.conftest import World

pytestmark = pytest.mark.once

Client = Callable[[str], APIClient]
PATH = "/api/v1/immersions/"
CONSENTS = ("all partners", "this partner", "withdrawn", "blocked", "never")
OWN_PROCESS = {"applied", "accepted", "agreed", "active"}
CANARIES = ("Vera", "Volkova", "S-3", "thesis canary", "remark canary")


def address(immersion: Immersion) -> str:
    return f"{PATH}{immersion.public_id}/"


def arrange(person: Student, world: World, consent: str) -> None:
    """What stands between Vera and the partner when it looks."""
    if consent == "all partners":
        cast.consent(person)
    elif consent == "this partner":
        cast.consent(person, world.partner)
    elif consent == "withdrawn":
        withdraw_consent(consent=cast.consent(person, world.partner, "evaluations"), by=cast.BY)
    elif consent == "blocked":
        cast.consent(person)
        cast.block(person, world.partner)


def with_words(world: World, state: str) -> Immersion:
    """Vera's, with words that say who she is."""
    stay = cast.immersion(
        world.vera, world.partner, state if state != "completed" else "active", thesis="thesis canary"
    )
    if state in ("active", "completed"):
        cast.evaluation(stay, "final", remarks="remark canary: Vera Volkova")
    if state == "completed":
        move_immersion(immersion=stay, to="completed", by=cast.BY)
    return stay


@pytest.mark.parametrize("consent", CONSENTS)
@pytest.mark.parametrize("state", ImmersionState.values)
def test_who_reads_the_name_in_which_state_under_which_consent(
    client: Client, world: World, state: str, consent: str
) -> None:
    stay = with_words(world, state)
    arrange(world.vera, world, consent)
    named = state in OWN_PROCESS or consent in ("all partners", "this partner")
    hanna = client("partner")
    for answer in (hanna.get(address(stay)), hanna.get(PATH)):
        assert answer.status_code == 200
        shown = answer.json().get("results", [answer.json()])[0]
        assert shown["state"] == state
        if named:
            assert shown["student"] == {"id": str(world.vera.public_id), "name": "Vera Volkova"}
            assert shown["thesis"] == "thesis canary"
        else:
            assert shown["student"] == {"id": None, "name": "a candidate"}
            assert not [
                canary for canary in (*CANARIES, str(world.vera.public_id)) if canary in answer.content.decode()
            ]
    for role in ("admin", "office"):
        assert client(role).get(address(stay)).json()["student"]["number"] == "S-3"
    for role in ("professor", "rival", "student", "stranger"):
        assert client(role).get(address(stay)).status_code == 404


@pytest.mark.parametrize("state", ["proposed", "active", "completed"])
def test_the_student_and_the_professors_read_the_own_record_whatever_the_consents(
    client: Client, world: World, state: str
) -> None:
    own = cast.immersion(world.sonya, world.rival_partner, state)
    supervised = cast.immersion(world.vera, world.rival_partner, state, academic_supervisor=world.professor)
    assert client("student").get(address(own)).json()["student"]["name"] == "Sonya Sokolova"
    for stay, name in ((own, "Sonya Sokolova"), (supervised, "Vera Volkova")):
        assert client("professor").get(address(stay)).json()["student"]["name"] == name
    assert client("student").get(address(supervised)).status_code == 404


def test_a_nameless_record_is_not_found_by_what_is_known_of_the_student(client: Client, world: World) -> None:
    stay = cast.immersion(world.sonya, world.partner, "rejected")
    hanna, person = client("partner"), world.sonya
    asked = [f"student={person.public_id}", f"programme={world.programme.slug}", f"lab={world.lab.slug}"]
    for query in asked:
        assert [row["id"] for row in hanna.get(f"{PATH}?{query}").json()["results"]] == [str(stay.public_id)], query
    for consent in Consent.objects.filter(student=person):
        withdraw_consent(consent=consent, by=cast.BY)
    for query in asked:
        answer = hanna.get(f"{PATH}?{query}")
        assert answer.status_code == 400 or answer.json()["results"] == [], query
    assert hanna.get(f"{PATH}?state=rejected").json()["results"][0]["student"]["name"] == "a candidate"


def test_whom_it_does_not_know_a_partner_makes_no_offer(client: Client, world: World) -> None:
    over = cast.immersion(world.vera, world.partner, "completed")
    refused = client("partner").post(f"{address(over)}offer/", {"position": "Assay developer"})
    assert (refused.status_code, "Vera" in refused.content.decode()) == (400, False)
    running = cast.immersion(world.vera, world.partner, "active")
    assert client("partner").post(f"{address(running)}offer/", {"position": "Assay developer"}).status_code == 201


SUMMER = {"starts": "2030-07-01", "ends": "2030-08-31"}
WITHIN = {"starts": date(2030, 8, 31), "ends": date(2030, 9, 30)}


def propose(client: APIClient, person: Student, **body: Any) -> Any:
    return client.post(
        PATH, {"kind": "summer", "student": str(person.public_id), "partner": "biofirm", **SUMMER, **body}
    )


@pytest.mark.parametrize(
    ("role", "at", "said", "hidden"),
    [
        ("office", "rivalfirm", "a stay at Rivalfirm from 2030-08-31 to 2030-09-30", ()),
        ("office", "biofirm", "a stay at Biofirm from 2030-08-31 to 2030-09-30", ()),
        ("partner", "biofirm", "a stay with you from 2030-08-31 to 2030-09-30", ()),
    ],
)
def test_an_overlap_says_as_much_as_the_reader_may_know_and_goes_through_with_a_reason(
    client: Client, world: World, role: str, at: str, said: str, hidden: tuple[str, ...]
) -> None:
    cast.immersion(world.sonya, cast.partner(at), **WITHIN)
    person = client(role)
    refused = propose(person, world.sonya)
    assert refused.status_code == 409
    assert "from 2030-07-01 to 2030-08-31" in refused.json()["error"]["message"]
    assert said in refused.json()["error"]["message"]
    assert list(refused.json()["error"]["fields"]) == ["overlap_reason"]
    assert not [word for word in hidden if word in refused.content.decode()]
    assert propose(person, world.sonya, overlap_reason=" ").status_code == 409
    made = propose(person, world.sonya, overlap_reason="Half days, both agreed")
    assert made.status_code == 201
    assert made.json().get("overlap_reason", "") == ("Half days, both agreed" if role == "office" else "")


def test_a_partner_is_told_nothing_of_stays_elsewhere(client: Client, world: World) -> None:
    cast.immersion(world.sonya, world.rival_partner, **WITHIN)
    assert propose(client("partner"), world.sonya).status_code == 201


def test_changed_days_are_compared_and_unchanged_ones_are_not(client: Client, world: World) -> None:
    stay = cast.immersion(world.sonya, world.partner, starts=date(2030, 1, 1), ends=date(2030, 1, 31))
    cast.immersion(world.sonya, world.partner, **WITHIN)
    for role in ("office", "partner"):
        person = client(role)
        assert person.patch(address(stay), {"ends": "2030-08-30"}).status_code == 200
        assert person.patch(address(stay), {"ends": "2030-08-31"}).status_code == 409
        assert person.patch(address(stay), {"ends": "2030-08-30", "site": role}).status_code == 200
    changed = client("office").patch(address(stay), {"ends": "2030-08-31", "overlap_reason": "agreed"})
    assert changed.status_code == 200
    assert client("office").patch(address(stay), {"site": "Campus"}).status_code == 200


@pytest.mark.parametrize("state", ["completed", "rejected", "declined", "cancelled"])
def test_what_is_over_overlaps_with_nothing(client: Client, world: World, state: str) -> None:
    over = cast.immersion(world.sonya, world.rival_partner, state, **WITHIN)
    assert propose(client("office"), world.sonya).status_code == 201
    assert client("office").patch(address(over), {"starts": "2030-08-01"}).status_code == 200


def test_of_a_nameless_student_a_partner_learns_of_no_other_stay(client: Client, world: World) -> None:
    """Not even that there is one with itself: two nameless records would become one person."""
    cast.immersion(world.vera, world.rival_partner, "active", **WITHIN)
    nameless = cast.immersion(world.vera, world.partner, **WITHIN)
    stay = cast.immersion(world.vera, world.partner, starts=None, ends=None)
    hanna = client("partner")
    assert hanna.patch(address(stay), SUMMER).status_code == 200
    move_immersion(immersion=stay, to="applied", by=cast.BY)
    assert hanna.patch(address(stay), {"ends": "2030-09-01"}).status_code == 200
    move_immersion(immersion=nameless, to="applied", by=cast.BY)
    assert hanna.patch(address(stay), {"ends": "2030-09-02"}).status_code == 409


@pytest.mark.parametrize("path", ["hires/", "immersions/{}/offer/"])
def test_an_offer_from_a_record_that_names_nobody_is_refused_alike_whoever_it_is_about(
    client: Client, world: World, path: str
) -> None:
    """Vera is known by another stay of hers, Nikita by none."""
    cast.immersion(world.vera, world.partner, "applied")
    answers = []
    for person in (world.vera, world.nikita):
        stay = cast.immersion(person, world.partner)
        body = {"position": "Assay scientist", "starts": "2028-01-01"}
        more = {} if "{}" in path else {"immersion": str(stay.public_id)}
        answer = client("partner").post(f"/api/v1/{path.format(stay.public_id)}", {**body, **more})
        answers.append((answer.status_code, answer.content))
    assert answers[0] == answers[1]
