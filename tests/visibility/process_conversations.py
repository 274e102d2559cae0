"""Rules of the process machine about a seminar: who comes, who talks afterwards, whom the professor recommends."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.visibility.process_oracle import PARTNERS, STUDENTS, Oracle

VIEWERS = ("office", "professor", *PARTNERS, *STUDENTS)
STATES = ("invited", "attended", "no_show")


class Conversations(RuleBasedStateMachine):
    """The professor spoke at the seminar; the machine that builds on it has the people and `ask`."""

    oracle: Oracle
    ids: dict[str, str]
    seminar: str
    professor: str

    def ask(self, who: str, method: str, path: str, body: Any = None) -> Any:
        raise NotImplementedError

    def put_down(self, kind: str, student: str, partner: str | None, state: str, response: Any) -> None:
        raise NotImplementedError

    @rule(student=st.sampled_from((None, *STUDENTS)), partner=st.sampled_from(PARTNERS))
    def talk(self, student: str | None, partner: str) -> None:
        people = {"representatives": [self.ids[partner]], "professors": [self.professor]}
        people |= {"students": [self.ids[student]]} if student else {}
        response = self.ask("office", "post", "contacts/", {"seminar": self.seminar, "force": True, **people})
        assert response.status_code == 201, response.content
        self.oracle.contacts.add(response.json()["id"])

    @rule(guest=st.sampled_from((*PARTNERS, *STUDENTS)), state=st.sampled_from(STATES))
    def come(self, guest: str, state: str) -> None:
        kind = "student" if guest in STUDENTS else "representative"
        body = {"seminar": self.seminar, kind: self.ids[guest], "state": state}
        response = self.ask("office", "post", "attendances/", body)
        assert response.status_code == (409 if guest in self.oracle.guests else 201)
        if response.status_code == 201:
            self.oracle.guests[guest] = response.json()["id"]

    @rule(student=st.sampled_from(STUDENTS), partner=st.sampled_from((None, *PARTNERS)))
    def recommend(self, student: str, partner: str | None) -> None:
        body = {"student": self.ids[student], "partner": partner, "text": "Steady hands."}
        response = self.ask("professor", "post", "recommendations/", body)
        assert response.status_code == (201 if student == "sonya" else 400)
        if response.status_code == 201:
            self.put_down("recommendations", student, partner, "written", response)

    @rule(viewer=st.sampled_from(VIEWERS))
    def read_of_the_seminar(self, viewer: str) -> None:
        of_university = viewer in {"office", "professor"}
        contacts = self.ask(viewer, "get", "contacts/?page_size=100")
        assert contacts.status_code == (200 if of_university else 403)
        if of_university:
            assert {row["id"] for row in contacts.json()["results"]} == self.oracle.contacts
        guests = {guest: key for guest, key in self.oracle.guests.items() if of_university or guest == viewer}
        rows = self.ask(viewer, "get", "attendances/?page_size=100").json()["results"]
        assert {row["id"] for row in rows} == set(guests.values())
