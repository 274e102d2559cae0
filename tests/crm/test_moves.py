"""Every move of every machine, made from crm/stages.py, so that none is left out: by each role, from each state, to each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from crm.access import RULES
from crm.actions.acceptances import SIDES, accept_immersion
from crm.actions.consents import withdraw_consent
from crm.actions.follow_ups import move_follow_up
from crm.actions.hires import answer_hire, rescind_hire
from crm.models import Consent, Introduction, Partner, Recommendation, StageChange, Student, User
from crm.stages import MACHINES, Machine
from tests import cast
from tests.api.conftest import client_of
from tests.cast import BY

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@dataclass
class People:
    """One of each role, whom each record is about or by; and one of each who has nothing to do with it."""

    student: Student = field(default_factory=cast.student)
    partner: Partner = field(default_factory=cast.partner)

    def __post_init__(self) -> None:
        other_lab, rival = cast.lab("Photonics"), cast.partner("quillwave")
        self.concerned: dict[str, User] = {
            "admin": cast.admin(),
            "office": cast.office(),
            "professor": cast.professor(heads=cast.lab()),
            "partner": cast.representative(self.partner),
            "student": cast.student_account(self.student),
        }
        self.others: dict[str, User] = {
            "professor": cast.professor(heads=other_lab, name="Polina Rowan"),
            "partner": cast.representative(rival, "Rolf Stern"),
            "student": cast.student_account(cast.student("Nikita Novikov")),
        }
        self.student.memberships.create(lab=cast.lab())
        cast.consent(self.student)


# Each brings a record into a state, with all that the moves from there require ---------------------------------------


def a_consent(people: People, state: str) -> Consent:
    given = cast.consent(people.student, people.partner)
    if state == "withdrawn":
        return withdraw_consent(consent=given, by=BY)
    if state == "expired":
        Consent.objects.filter(pk=given.pk).update(expires=timezone.now())
    return given


def a_follow_up(people: People, state: str) -> Any:
    made = cast.follow_up(people.concerned["professor"], partner=people.partner)
    return made if state == "open" else move_follow_up(follow_up=made, to=state, reason="No need", by=BY)


def a_recommendation(people: People, state: str) -> Recommendation:
    return Recommendation.objects.create(
        student=people.student,
        professor=people.concerned["professor"].professor,
        partner=people.partner,
        text="Sees what others miss.",
        state=state,
        shared_at=timezone.now(),
    )


def an_introduction(people: People, state: str) -> Introduction:
    asked = cast.introduction(people.student, people.concerned["partner"], "asked" if state == "expired" else state)
    if state == "expired":
        Introduction.objects.filter(pk=asked.pk).update(expires=timezone.now())
    return asked


def an_immersion(people: People, state: str) -> Any:
    stay = cast.immersion(people.student, people.partner, state)
    if state == "active":
        cast.evaluation(stay, "final")
    if state == "accepted":
        for side in SIDES:
            accept_immersion(immersion=stay, side=side, by=BY)
    return stay


def a_hire(people: People, state: str) -> Any:
    made = cast.hire(people.student, people.partner, state if state not in ("declined", "rescinded") else "offered")
    if state == "declined":
        return answer_hire(hire=made, accepted=False, by=BY)
    return rescind_hire(hire=made, reason="No budget", by=BY) if state == "rescinded" else made


FACTORIES: Mapping[str, tuple[str, Callable[[People, str], Any]]] = {
    "consent": ("consents", a_consent),
    "follow-up": ("follow-ups", a_follow_up),
    "recommendation": ("recommendations", a_recommendation),
    "introduction": ("introductions", an_introduction),
    "immersion": ("immersions", an_immersion),
    "hire": ("hires", a_hire),
}
"""Machine -> (route, what brings a record into a state)."""

WITH_A_MOVE: Mapping[tuple[str, str], Callable[[], dict[str, Any]]] = {
    ("hire", "left"): lambda: {"left_on": str(timezone.localdate() - timedelta(days=1))},
}
"""(machine, state) -> what the move there needs besides a reason."""

STARTS = [(machine.kind, state) for machine in MACHINES.values() for state in machine.states]


def test_every_machine_has_its_factory() -> None:
    assert FACTORIES.keys() == MACHINES.keys()


@pytest.mark.parametrize(("kind", "start"), STARTS, ids=["-".join(start) for start in STARTS])
def test_each_move_is_made_by_who_may_and_refused_to_all_others(kind: str, start: str) -> None:
    people, machine = People(), MACHINES[kind]
    route, make = FACTORIES[kind]
    record = make(people, start)
    path = f"/api/v1/{route}/{record.public_id}/"
    clients = {role: client_of(user) for role, user in people.concerned.items()}
    outsiders = {role: client_of(user) for role, user in people.others.items()}
    for role, client in clients.items():
        sees = client.get(path).status_code == 200
        moves = client.get(f"{path}moves/")
        assert (moves.status_code == 200) is sees, role
        assert not sees or set(moves.json()["moves"]) == open_to(machine, start, role), role
        for to in (*machine.states, "no-such-state"):
            answer = attempt(client, path, kind, to)
            expect(answer, machine, start, to, role, sees=sees)
            if answer.status_code == 200:
                assert answer.change == (kind, start, to, people.concerned[role])
    for role, client in outsiders.items():
        for to in (*(end for state, end in machine.moves if state == start), start):
            assert attempt(client, path, kind, to).status_code in (403, 404), (role, to)
    record.refresh_from_db()
    assert record.state == start


REASONED = [(m.kind, *ends) for m in MACHINES.values() for ends, move in m.moves.items() if move.needs_reason]


@pytest.mark.parametrize(("kind", "start", "to"), REASONED, ids=["-".join(row) for row in REASONED])
def test_what_needs_a_reason_is_not_made_without_one(kind: str, start: str, to: str) -> None:
    people, (route, make) = People(), FACTORIES[kind]
    record = make(people, start)
    path, olga = f"/api/v1/{route}/{record.public_id}/moves/", client_of(people.concerned["office"])
    for reason in ({}, {"reason": ""}, {"reason": "  "}):
        answer = olga.post(path, {"to": to, **reason})
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["reason"])


def open_to(machine: Machine, start: str, role: str) -> set[str]:
    return {to for (state, to), move in machine.moves.items() if state == start and role in RULES[move.verb]}


@dataclass
class Answer:
    status_code: int
    body: dict[str, Any]
    change: tuple[str, str, str, User | None] | None
    """The new row of the history."""


def attempt(client: APIClient, path: str, kind: str, to: str) -> Answer:
    """What a move answers and writes down; it is taken back."""
    more = WITH_A_MOVE.get((kind, to), dict)()
    with transaction.atomic():
        before = StageChange.objects.count()
        answer = client.post(f"{path}moves/", {"to": to, "reason": "As agreed", **more})
        rows = list(StageChange.objects.order_by("pk")[before:])
        transaction.set_rollback(True)
    own = [row for row in rows if row.kind == kind]
    change = (own[0].kind, own[0].from_state, own[0].to_state, own[0].user) if len(own) == 1 else None
    return Answer(answer.status_code, answer.json(), change)


def expect(answer: Answer, machine: Machine, start: str, to: str, role: str, *, sees: bool) -> None:
    about = (machine.kind, start, to, role, answer)
    move = machine.moves.get((start, to))
    if move and role in RULES[move.verb]:
        assert (answer.status_code, answer.body.get("state")) == (200, to), about
        return
    assert answer.change is None, about
    if sees and not move:
        assert (answer.status_code, answer.body["error"]["code"]) == (409, "invalid_move"), about
        said, allowed = answer.body["error"]["fields"]["to"][0], [end for state, end in machine.moves if state == start]
        assert said == f"Allowed: {', '.join(allowed) or 'none'}.", about
    else:
        assert answer.status_code == (403 if sees else 404), about
