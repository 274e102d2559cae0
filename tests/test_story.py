"""The whole story over REST alone, each step by the user who takes it: from a seminar to a hire, and the path back."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from crm.actions.mails import send_due_mails
from crm.models import Lab, Partner, Professor, Representative, Skill, Student
from tests import cast
from tests.api.conftest import client_of
from tests.conftest import Index

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n"
MARKS = {"quality": 5, "independence": 4, "protocol": 5, "communication": 4, "teamwork": 5}


@dataclass
class World:
    lab: Lab
    professor: Professor
    partner: Partner
    rival_partner: Partner
    representative: Representative
    sonya: Student
    skill: Skill


class Story:
    """A client for each person; `do` makes a request and expects it to succeed."""

    def __init__(self, index: Index) -> None:
        lab, partner, rival = cast.lab(), cast.partner(), cast.partner("quillwave")
        pavel, hanna = cast.professor(heads=lab), cast.representative(partner)
        sonya = cast.student("Sonya Vale", labs=[lab], skills={"crispr": 4})
        self.world = World(lab, pavel.professor, partner, rival, hanna.representative, sonya, cast.skill("crispr"))
        users = {
            "office": cast.office(),
            "professor": pavel,
            "partner": hanna,
            "rival": cast.representative(rival, "Rolf Stern"),
            "student": cast.student_account(sonya),
            "nobody": None,
        }
        self.clients = {name: client_of(user) for name, user in users.items()}
        self.index = index
        self.today = timezone.localdate()

    def do(self, who: str, method: str, path: str, body: Any = None, *, expect: tuple[int, ...] = (200, 201)) -> Any:
        response = getattr(self.clients[who], method)(f"/api/v1/{path}", body, format="json" if body else None)
        assert response.status_code in expect, (who, path, response.content)
        return response.json() if response.content and "json" in response["Content-Type"] else response

    def move(self, who: str, path: str, to: str, **more: Any) -> Any:
        return self.do(who, "post", f"{path}moves/", {"to": to, **more})

    def mailed_link(self, template: str) -> str:
        """Sends what is due, and takes the link out of the newest mail that carries one."""
        mail.outbox.clear()
        send_due_mails()
        for message in reversed(mail.outbox):
            if found := re.search(r"/api/v1/(links/[\w-]+/)", str(message.body)):
                return found[1]
        raise AssertionError(f"No link was mailed for {template}: {[message.subject for message in mail.outbox]}")

    # The chapters

    def seminar(self) -> tuple[str, str]:
        world = self.world
        seminar = self.do(
            "office",
            "post",
            "seminars/",
            {
                "title": "Enzymes at work",
                "lab": world.lab.slug,
                "speakers": [str(world.professor.public_id)],
                "place": "Hall 2",
                "starts": (self.today - timedelta(days=200)).isoformat() + "T15:00:00Z",
            },
        )["id"]
        hanna = str(world.representative.public_id)
        self.do("office", "post", "attendances/", {"seminar": seminar, "representative": hanna, "state": "attended"})
        contact = self.do(
            "office",
            "post",
            "contacts/",
            {
                "seminar": seminar,
                "representatives": [hanna],
                "professors": [str(world.professor.public_id)],
                "summary": "They want people who can run assays.",
                "follow_up": {"what": "Send the list of theses", "due": self.today.isoformat()},
            },
        )
        assert contact["kind"] == "seminar_conversation"
        assert contact["labs"][0]["name"] == world.lab.name
        [step] = self.do("office", "get", f"follow-ups/?partner={world.partner.slug}")["results"]
        self.move("office", f"follow-ups/{step['id']}/", "done")
        return seminar, contact["id"]

    def recommendation(self) -> None:
        sonya, slug = str(self.world.sonya.public_id), self.world.skill.slug
        written = self.do(
            "professor",
            "post",
            "recommendations/",
            {"student": sonya, "text": "Steady hands.", "endorsements": [{"skill": slug, "level": 5}]},
        )
        assert self.do("partner", "get", "recommendations/")["results"] == []
        self.move("student", f"recommendations/{written['id']}/", "shared")
        assert self.do("partner", "get", "recommendations/")["results"][0]["text"] == "Steady hands."

    def consent(self) -> None:
        wish = {"partner": self.world.partner.slug, "scopes": ["evaluations"]}
        self.do("student", "post", "consents/", wish)

    def introduction(self) -> None:
        self.index.catch_up()
        [found] = self.do("partner", "get", f"candidates/?skill={self.world.skill.slug}")["results"]
        asked = self.do("partner", "post", "introductions/", {"candidate": found["id"], "message": "Let us talk."})
        link = self.mailed_link("introduction_asked")
        assert self.do("nobody", "get", link)["about"]["message"] == "Let us talk."
        self.do("nobody", "post", link, {"accept": True})
        self.do("nobody", "post", link, {"accept": True}, expect=(410,))
        assert self.do("partner", "get", f"introductions/{asked['id']}/")["state"] == "accepted"
        assert self.do("partner", "get", f"candidates/{found['id']}/contact/")["email"] == self.world.sonya.email

    def immersion(self) -> str:
        world, starts = self.world, self.today - timedelta(days=70)
        stay = self.do(
            "partner",
            "post",
            "immersions/",
            {
                "kind": "summer",
                "student": str(world.sonya.public_id),
                "mentor": str(world.representative.public_id),
                "host_group": "Assays",
                "starts": starts.isoformat(),
                "ends": (starts + timedelta(days=60)).isoformat(),
            },
        )
        path = f"immersions/{stay['id']}/"
        supervised = {"academic_supervisor": str(world.professor.public_id), "lab": world.lab.slug}
        self.do("office", "patch", path, supervised)
        self.move("student", path, "applied")
        self.move("partner", path, "accepted")
        assert "agreed" in self.do("office", "get", f"{path}moves/")["missing_for_next_stage"]
        for who, side in (("student", "student"), ("office", "university"), ("partner", "partner")):
            self.do(who, "post", f"{path}acceptances/", {"by": side})
        self.move("office", path, "agreed")
        [training] = self.do("office", "post", f"{path}trainings/", {"kind": "safety", "name": "Biosafety"})[
            "trainings"
        ]
        self.do("office", "patch", f"{path}trainings/{training['id']}/", {"passed_on": starts.isoformat()})
        self.move("office", path, "active")
        self.do("office", "post", f"{path}evaluation-requests/", {"stage": "mid"})
        skills = [{"skill": world.skill.slug, "level": 4}]
        self.do("nobody", "post", self.mailed_link("evaluation_asked"), {**MARKS, "shown_skills": skills})
        self.do("partner", "post", f"{path}evaluations/", {**MARKS, "stage": "final", "would_hire": True})
        report = self.clients["student"].put(f"/api/v1/{path}final-report/", PDF, content_type="application/pdf")
        assert report.status_code == 200, report.content
        self.move("office", path, "completed")
        return path

    def hire(self, stay: str) -> str:
        offer = self.do("partner", "post", f"{stay}offer/", {"position": "Assay scientist", "place": "Testograd"})
        path = f"hires/{offer['id']}/"
        self.move("student", path, "accepted")
        self.do("nobody", "post", self.mailed_link("hire_to_confirm"), {"confirm": True})
        self.move("office", path, "started", starts=self.today.isoformat())
        assert self.do("office", "get", path)["confirmed_at"]
        return path


def test_a_hire_leads_back_to_the_seminar(index: Index) -> None:
    story = Story(index)
    world = story.world
    seminar, contact = story.seminar()
    story.consent()
    story.recommendation()
    story.introduction()
    hire = story.hire(story.immersion())

    path = story.do("office", "get", f"{hire}pathway/")
    assert "documented path" in path["note"].lower()
    assert path["first"]["kind"] == "seminar"
    assert path["first"]["seminar"] == {"id": seminar, "title": "Enzymes at work"}
    steps = [path["first"], *path["assisting"], path["last"]]
    assert {step["kind"] for step in steps} >= {"seminar", "contact", "introduction", "immersion", "evaluation"}
    assert contact in {step["record"] for step in steps}
    assert [step["date"] for step in steps] == sorted(step["date"] for step in steps)

    for place in (f"contacts/{contact}/followed/", f"seminars/{seminar}/followed/"):
        kinds = {entry["kind"] for entry in story.do("office", "get", place)["results"]}
        assert kinds >= {"introduction", "immersion", "offer", "hire"}

    index.catch_up()
    funnel = story.do("office", "get", f"reports/funnel/?partner={world.partner.slug}")
    [row] = funnel["results"]
    assert [figures["count"] for figures in row["steps"]] == [1, 1, 1, 1, 1]
    for figures in row["steps"]:
        rows = story.do("office", "get", figures["rows"].partition("/api/v1/")[2])
        assert len(rows["results"]) == figures["count"]
    assert story.do("partner", "get", f"candidates/?skill={world.skill.slug}")["count"] == 0
    assert story.do("partner", "get", f"candidates/?skill={world.skill.slug}&placed=any")["count"] == 1
    rival = story.do("rival", "get", f"timeline/?partner={world.rival_partner.slug}")
    assert rival["results"] == []
