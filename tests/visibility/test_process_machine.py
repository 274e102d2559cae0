"""Random actions by random users over REST, held against a plain-Python oracle: what each may do, and what each reads."""

from contextlib import ExitStack
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from crm.models import Student
from crm.touchpoints import rebuild_touchpoints
from search.rebuild import verify
from tests import cast
from tests.api.conftest import client_of
from tests.conftest import Index
from tests.fresh_index import fresh_index
from tests.visibility.process_conversations import VIEWERS, Conversations
from tests.visibility.process_oracle import MOVES, PARTNERS, STUDENTS, Oracle, Row

pytestmark = pytest.mark.django_db

STEPS = 50
EXAMPLES = (pytest.param(10, id="500 steps"), pytest.param(200, id="10000 steps", marks=pytest.mark.soak))
TARGETS = {kind: sorted({to for _, to in moves}) for kind, moves in MOVES.items()}
MARKS = {"quality": 4, "independence": 4, "protocol": 4, "communication": 4, "teamwork": 4}


class Process(Conversations):
    index: Index

    def __init__(self) -> None:
        super().__init__()
        self.undo = ExitStack()
        self.undo.enter_context(transaction.atomic())
        self.oracle, self.days = Oracle(), 0

    @initialize()
    def people(self) -> None:
        lab = cast.lab()
        self.students = {
            "sonya": cast.student("Sonya Vale", number="M-1", labs=[lab]),
            "nikita": cast.student("Nikita Birch", number="M-2"),
        }
        names = dict(zip(PARTNERS, ("Hanna Brook", "Rolf Stern"), strict=True))
        hr = {slug: cast.representative(cast.partner(slug), name) for slug, name in names.items()}
        pavel = cast.professor(heads=lab)
        self.professor = str(pavel.professor.public_id)
        self.seminar = str(cast.seminar(lab=lab, speakers=[pavel.professor]).public_id)
        users = {
            "office": cast.office(),
            "professor": pavel,
            **hr,
            **{name: cast.student_account(person) for name, person in self.students.items()},
        }
        self.clients = {name: client_of(user) for name, user in users.items()}
        people = self.students | {slug: user.representative for slug, user in hr.items()}
        self.ids = {name: str(person.public_id) for name, person in people.items()}
        # What an earlier example wrote to the index was not taken back with its transaction.
        fresh_index()

    def ask(self, who: str, method: str, path: str, body: Any = None) -> Any:
        return getattr(self.clients[who], method)(f"/api/v1/{path}", body, format="json" if body is not None else None)

    def put_down(self, kind: str, student: str, partner: str | None, state: str, response: Any) -> None:
        made = response.json()["id"]
        self.oracle.rows[made] = Row(made, kind, student, partner, state)

    # What students decide

    @rule(student=st.sampled_from(STUDENTS), partner=st.sampled_from((None, *PARTNERS)))
    def consent(self, student: str, partner: str | None) -> None:
        if (student, partner) in self.oracle.consents.values():
            return
        response = self.ask(student, "post", "consents/", {"partner": partner, "scopes": ["profile"]})
        assert response.status_code == 201, response.content
        self.oracle.consents[response.json()["id"]] = (student, partner)

    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        if self.oracle.consents:
            chosen = list(self.oracle.consents)[data.draw(st.integers(0, len(self.oracle.consents) - 1))]
            student, _ = self.oracle.consents.pop(chosen)
            assert self.ask(student, "post", f"consents/{chosen}/moves/", {"to": "withdrawn"}).status_code == 200

    @rule(student=st.sampled_from(STUDENTS), partner=st.sampled_from(PARTNERS))
    def block_or_lift(self, student: str, partner: str) -> None:
        if standing := self.oracle.blocks.pop((student, partner), None):
            assert self.ask(student, "delete", f"blocks/{standing}/").status_code == 204
        else:
            response = self.ask(student, "post", "blocks/", {"partner": partner})
            assert response.status_code == 201
            self.oracle.blocks[student, partner] = response.json()["id"]

    # What partners begin

    @rule(student=st.sampled_from(STUDENTS), partner=st.sampled_from(PARTNERS))
    def introduce(self, student: str, partner: str) -> None:
        body = {"candidate": self.ids[student], "message": "Shall we talk?"}
        response = self.ask(partner, "post", "introductions/", body)
        earlier = {row.state for row in self.oracle.of(student, partner, "introductions")}
        if not self.oracle.consented(student, partner):
            assert response.status_code == 400
        elif earlier & {"asked", "accepted", "declined"}:
            assert response.status_code == 409
        else:
            assert response.status_code == 201, response.content
            self.put_down("introductions", student, partner, "asked", response)

    @rule(student=st.sampled_from(STUDENTS), partner=st.sampled_from(PARTNERS))
    def propose(self, student: str, partner: str) -> None:
        self.days += 40
        starts = date(2030, 1, 1) + timedelta(days=self.days)
        days = {"starts": starts.isoformat(), "ends": (starts + timedelta(days=30)).isoformat()}
        body = {"kind": "summer", "student": self.ids[student], "mentor": self.ids[partner], **days}
        response = self.ask(partner, "post", "immersions/", body)
        if not self.oracle.consented(student, partner):
            assert response.status_code == 400
        else:
            assert response.status_code == 201, response.content
            self.put_down("immersions", student, partner, "proposed", response)

    @rule(student=st.sampled_from(STUDENTS), partner=st.sampled_from(PARTNERS))
    def offer(self, student: str, partner: str) -> None:
        body = {"student": self.ids[student], "position": "Analyst", "starts": date.today().isoformat()}
        response = self.ask(partner, "post", "hires/", body)
        if not self.oracle.known(student, partner):
            assert response.status_code == 400
        elif self.oracle.is_open("hires", student, partner):
            assert response.status_code == 409
        else:
            assert response.status_code == 201, response.content
            self.put_down("hires", student, partner, "offered", response)

    # What goes on

    @rule(data=st.data(), viewer=st.sampled_from(VIEWERS), kind=st.sampled_from(sorted(MOVES)))
    def move(self, data: st.DataObject, viewer: str, kind: str) -> None:
        if row := self.some_row(data, kind):
            self.try_move(viewer, row, data.draw(st.sampled_from(TARGETS[kind])))

    @rule(data=st.data(), kind=st.sampled_from(sorted(MOVES)))
    def move_on(self, data: st.DataObject, kind: str) -> None:
        """A move that exists, by somebody who may make it: else few records would get far."""
        row = self.some_row(data, kind)
        steps = sorted(to for (start, to) in MOVES[kind] if row and start == row.state)
        if row and steps:
            to = data.draw(st.sampled_from(steps))
            part = sorted(MOVES[kind][row.state, to])[0]
            self.try_move({"student": row.student, "partner": row.partner}.get(part, part), row, to)

    def some_row(self, data: st.DataObject, kind: str) -> Row | None:
        rows = [row for row in self.oracle.rows.values() if row.kind == kind]
        return rows[data.draw(st.integers(0, len(rows) - 1))] if rows else None

    def try_move(self, viewer: str, row: Row, to: str) -> None:
        expected = self.oracle.answer_to_move(viewer, row, to)
        body = {"to": to, "reason": "because", **({"left_on": date.today().isoformat()} if to == "left" else {})}
        response = self.ask(viewer, "post", f"{row.kind}/{row.id}/moves/", body)
        assert response.status_code in expected, (viewer, row, to, response.content)
        if response.status_code == 200:
            row.state = to

    @rule(data=st.data())
    def accept_for_all(self, data: st.DataObject) -> None:
        row = self.some_row(data, "immersions")
        if row and row.state in {"proposed", "applied", "accepted"} and not row.accepted_by_all:
            for who, side in ((row.student, "student"), ("office", "university"), (row.partner, "partner")):
                assert self.ask(who, "post", f"immersions/{row.id}/acceptances/", {"by": side}).status_code == 200
            row.accepted_by_all = True

    @rule(data=st.data())
    def evaluate(self, data: st.DataObject) -> None:
        row = self.some_row(data, "immersions")
        if row and row.state == "active" and not row.evaluated:
            response = self.ask(row.partner, "post", f"immersions/{row.id}/evaluations/", {**MARKS, "stage": "final"})
            assert response.status_code == 201, response.content
            row.evaluated = True

    # What each reads

    @rule(viewer=st.sampled_from(VIEWERS))
    def read(self, viewer: str) -> None:
        for kind in MOVES:
            response = self.ask(viewer, "get", f"{kind}/?page_size=100")
            if (kind, viewer) == ("introductions", "professor"):
                assert response.status_code == 403
                continue
            shown = {record["id"]: record["student"]["id"] for record in response.json()["results"]}
            assert shown == {
                row.id: self.ids[row.student] if viewer != row.partner or self.oracle.names(row) else None
                for row in self.oracle.rows.values()
                if row.kind == kind and self.oracle.sees(viewer, row)
            }

    @rule(partner=st.sampled_from(PARTNERS), drained=st.booleans())
    def search(self, partner: str, drained: bool) -> None:
        if drained:
            self.index.catch_up()
        page = self.ask(partner, "get", "candidates/?placed=any").json()
        seen = {self.ids[name] for name in STUDENTS if self.oracle.consented(name, partner)}
        shown = {record["id"] for record in page["results"]}
        assert shown <= seen
        assert page["count"] == len(shown)
        assert not drained or shown == seen

    @invariant()
    def rulebook_agrees(self) -> None:
        for name, person in getattr(self, "students", {}).items():
            placed = Student.objects.values_list("placed", flat=True).get(pk=person.pk)
            assert placed == self.oracle.is_placed(name)

    def teardown(self) -> None:
        try:
            if hasattr(self, "clients"):
                self.compare_all()
        finally:
            transaction.set_rollback(True)
            self.undo.close()

    def compare_all(self) -> None:
        assert rebuild_touchpoints(verify=True) == 0
        assert verify() == []
        [row] = self.ask("office", "get", "reports/funnel/").json()["results"]
        counts = {figures["step"]: figures["count"] for figures in row["steps"]}
        offers = sum(row.kind == "hires" for row in self.oracle.rows.values())
        assert counts == {
            "seminar_contact": len(self.oracle.contacts),
            "introduction": self.oracle.counted("introductions"),
            "immersion": self.oracle.counted("immersions"),
            "offer": offers,
            "hire": self.oracle.counted("hires"),
        }


@pytest.mark.slow
@pytest.mark.parametrize("examples", EXAMPLES)
def test_random_users_do_and_read_what_the_oracle_says(index: Index, examples: int) -> None:
    machine = type("Machine", (Process,), {"index": index})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=examples == 10,
            suppress_health_check=list(HealthCheck),
        ),
    )
