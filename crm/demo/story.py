"""What happened at the demo university: from a seminar to hires, by the actions that the office's own days are made of.

Each chapter is played on its day: the clock of the process is set back while it lasts, so that histories, timelines and
pathways read as they would in life. The demo's own command alone does this, and no mail leaves.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from crm.access import Role, SystemProcess
from crm.actions.acceptances import accept_immersion
from crm.actions.contacts import log_contact
from crm.actions.evaluations import give_evaluation
from crm.actions.follow_ups import add_follow_up, move_follow_up
from crm.actions.hires import answer_hire, confirm_hire, offer_hire, start_hire
from crm.actions.immersions import move_immersion, propose_immersion
from crm.actions.introductions import accept_introduction, ask_introduction, decline_introduction
from crm.actions.outcomes import record_outcome
from crm.actions.recommendations import move_recommendation, request_recommendation, write_recommendation
from crm.actions.seminars import add_attendance, create_seminar
from crm.actions.students import update_student
from crm.actions.trainings import add_training
from crm.models import Immersion, Mail, MailState, Student, User

MARKS: dict[str, Any] = {"quality": 5, "independence": 4, "protocol": 5, "communication": 4, "teamwork": 5}


class Story:
    """The demo's own accounts and students of the professor's lab play it; the first student has all yet to come."""

    def __init__(self, *, today: date, by: SystemProcess) -> None:
        self.today, self.by = today, by
        self.office, self.professor, self.hr = (
            User.objects.filter(role=role).order_by("pk")[0] for role in (Role.OFFICE, Role.PROFESSOR, Role.PARTNER)
        )
        headship = self.professor.professor.headships.select_related("lab").first()
        self.lab = headship.lab if headship else self.professor.professor.memberships.first().lab
        self.partner = self.hr.representative.partner
        self.summer = date(today.year - 1, 7, 1)

    def play(self) -> None:
        with self.on(-100, hour=15):
            self.seminar()
        with self.on(-90):
            self.meeting()
        with self.on(-75):
            asked, *interns = self.cast()
            self.recommend(interns)
        with self.on(-60):
            self.introduce(interns)
        stays = [self.summer_immersion(intern) for intern in interns[:3]]
        thesis = self.industrial_immersion(interns[0])
        self.hires(stays, thesis)
        self.present(asked)
        Mail.objects.update(state=MailState.DROPPED, problem="The demo writes to nobody.")

    @contextmanager
    def on(self, days: int, hour: int = 10) -> Iterator[datetime]:
        """So many days after the summer's first."""
        day = datetime.combine(self.summer + timedelta(days=days), time(hour))
        moment = timezone.make_aware(day)
        with patch.object(timezone, "now", lambda: moment):
            yield moment

    def cast(self) -> list[Student]:
        """Students of the lab whom the partner may see; the demo's own student first."""
        seen = Student.objects.visible_to(self.hr)
        own = seen.visible_to(self.professor).filter(placed=False, memberships__lab=self.lab).distinct()
        student = User.objects.filter(role=Role.STUDENT).order_by("pk")[0].student
        return [student, *own.exclude(pk=student.pk).order_by("pk")[:5]]

    def seminar(self) -> None:
        """They meet: a representative comes to an open seminar and talks with the speaker afterwards."""
        host = self.professor.professor
        seminar = create_seminar(
            title=f"Open seminar: {self.lab.name}",
            lab=self.lab,
            speakers=[host],
            place="Main building, hall 2",
            starts=timezone.now(),
            by=self.office,
        )
        add_attendance(seminar=seminar, representative=self.hr.representative, state="attended", by=self.office)
        contact = log_contact(
            seminar=seminar,
            representatives=[self.hr.representative],
            professors=[host],
            summary="They look for people who can run the lab's assays, and would take interns in summer.",
            promised="A list of this year's theses.",
            private_notes="Interested, but the head of research decides.",
            follow_up={"what": "Send the list of theses", "due": self.summer - timedelta(days=93)},
            by=self.office,
        )
        move_follow_up(follow_up=contact.follow_ups.get(), to="done", by=self.office)

    def meeting(self) -> None:
        log_contact(
            kind="on_site",
            representatives=[self.hr.representative],
            professors=[self.professor.professor],
            labs=[self.lab],
            summary="A visit to the site. Three summer places are agreed.",
            by=self.office,
        )

    def recommend(self, interns: Sequence[Student]) -> None:
        for intern in interns[:2]:
            claim = intern.claims.select_related("skill").order_by("-level", "pk").first()
            written = write_recommendation(
                student=intern,
                text="Careful at the bench, clear in the notebook, and good company in the lab.",
                endorsements=[{"skill": claim.skill, "level": claim.level}] if claim else [],
                by=self.professor,
            )
            move_recommendation(recommendation=written, to="shared", by=self.by)

    def introduce(self, interns: Sequence[Student]) -> None:
        for place, intern in enumerate(interns[:4]):
            asked = ask_introduction(
                student=intern, message="We would like to talk about our summer places.", by=self.hr
            )
            answer = accept_introduction if place < 3 else decline_introduction
            answer(introduction=asked, by=self.by)

    def summer_immersion(self, intern: Student) -> Immersion:
        first, last = self.summer, self.summer + timedelta(days=60)
        stay = self.begun(intern, "summer", first, last, project="Optimising a diagnostic assay on the campus.")
        return self.completed(stay, last)

    def industrial_immersion(self, intern: Student) -> Immersion:
        first, last = self.summer + timedelta(days=75), self.summer + timedelta(days=150)
        stay = self.begun(intern, "industrial", first, last, thesis=intern.thesis_title, project="The thesis project.")
        return self.completed(stay, last)

    def begun(self, intern: Student, kind: str, first: date, last: date, **about: str) -> Immersion:
        with self.on((first - self.summer).days - 30):
            stay = propose_immersion(
                student=intern,
                partner=self.partner,
                kind=kind,
                mentor=self.hr.representative,
                academic_supervisor=self.professor.professor,
                lab=self.lab,
                host_group="Diagnostics",
                starts=first,
                ends=last,
                housing="A room on the campus",
                by=self.by,
                **about,
            )
            for state in ("applied", "accepted"):
                move_immersion(immersion=stay, to=state, by=self.by)
            for side in ("student", "university", "partner"):
                accept_immersion(immersion=stay, side=side, by=self.by)
            move_immersion(immersion=stay, to="agreed", by=self.by)
        with self.on((first - self.summer).days):
            for kind_of_training, name in (("safety", "Laboratory safety"), ("gxp", "Good manufacturing practice")):
                add_training(immersion=stay, kind=kind_of_training, name=name, passed_on=first, by=self.by)
            move_immersion(immersion=stay, to="active", by=self.by)
        return stay

    def completed(self, stay: Immersion, last: date) -> Immersion:
        claim = stay.student.claims.select_related("skill").order_by("-level", "pk").first()
        shown = [{"skill": claim.skill, "level": min(5, claim.level)}] if claim else []
        with self.on((last - self.summer).days - 30):
            give_evaluation(immersion=stay, stage="mid", by=self.by, remarks="Learns the protocols fast.", **MARKS)
        with self.on((last - self.summer).days):
            give_evaluation(immersion=stay, stage="final", by=self.by, would_hire=True, shown_skills=shown, **MARKS)
            return move_immersion(immersion=stay, to="completed", by=self.by)

    def hires(self, stays: Sequence[Immersion], thesis: Immersion) -> None:
        """Two are hired: one after the thesis at the company, one after the summer. The third studies on."""
        for stay, day in ((thesis, 155), (stays[1], 100)):
            with self.on(day):
                hire = offer_hire(
                    student=stay.student,
                    partner=self.partner,
                    immersion=stay,
                    position="Scientist, diagnostics",
                    place="Research campus",
                    by=self.by,
                )
            with self.on(day + 5):
                hire = answer_hire(hire=hire, accepted=True, by=self.by)
                confirm_hire(hire=hire, by=self.hr)
            with self.on(day + 20):
                start_hire(hire=hire, starts=timezone.localdate(), by=self.by)
        with self.on(120):
            record_outcome(student=stays[2].student, kind="further_study", source="told the career office", by=self.by)

    def present(self, asked: Student) -> None:
        """What is open today, for each role to try."""
        self.supervise(asked)
        professor = self.professor.professor
        request_recommendation(student=asked, professor=professor, request="For the winter call.", by=self.office)
        for what, days in (("Ask how the new hires settle in", -3), ("Plan next summer's places", 10)):
            due = self.today + timedelta(days=days)
            add_follow_up(what=what, due=due, owner=self.office, partner=self.partner, by=self.office)

    def supervise(self, asked: Student) -> None:
        """The demo's professor now supervises the demo's student, and so may recommend them."""
        if Student.objects.visible_to(self.professor).filter(pk=asked.pk).exists():
            return
        before = asked.supervisions.select_related("professor")
        rows: list[dict[str, Any]] = [{"professor": s.professor, "starts": s.starts, "ends": s.ends} for s in before]
        now = {"professor": self.professor.professor, "starts": self.today}
        update_student(student=asked, supervisions=[*rows, now], by=self.by)
