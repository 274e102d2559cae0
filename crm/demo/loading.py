"""Writes the demo world into an empty or living database: reference data by their actions, people in bulk."""

import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm import reference
from crm.access import SystemProcess
from crm.actions.reference import appoint_head, save_lab, save_professor, save_programme
from crm.actions.users import create_user
from crm.clock import end_of
from crm.demo.story import Story
from crm.demo.world import DemoConsent, DemoStudent, DemoWorld
from crm.models import (
    Block,
    City,
    Consent,
    Evidence,
    Lab,
    LabMembership,
    Partner,
    Professor,
    ProfileLink,
    Programme,
    Publication,
    Representative,
    Skill,
    SkillClaim,
    StageChange,
    Student,
    StudentLanguage,
    Supervision,
    User,
)
from crm.signals import students_changed

DEMO = SystemProcess("demo")
PASSWORD = "fictional-people-only"
SEED = 77


class Loader:
    """Loads one world; what its records name by slug, key or number is found here."""

    def __init__(self, world: DemoWorld) -> None:
        self.world = world
        self.ids = random.Random(SEED)
        self.cities = City.objects.in_bulk(field_name="slug")
        self.skills = Skill.objects.in_bulk(field_name="slug")
        self.programmes: dict[str, Programme] = {}
        self.labs: dict[str, Lab] = {}
        self.professors: dict[str, Professor] = {}
        self.partners: dict[str, Partner] = {}
        self.representatives: dict[str, Representative] = {}
        self.students: dict[str, Student] = {}

    def public_id(self) -> uuid.UUID:
        """Random in looks, the same at each loading."""
        return uuid.UUID(int=self.ids.getrandbits(128), version=4)

    @transaction.atomic
    def load(self) -> None:
        self.load_university()
        self.load_partners()
        self.load_students()
        self.load_consents()
        self.load_users()
        ids = [student.pk for student in self.students.values()]
        students_changed.send(Student, student_ids=ids, narrows=None)

    def load_university(self) -> None:
        for p in self.world.programmes:
            made = Programme(public_id=self.public_id(), slug=p.slug)
            self.programmes[p.slug] = save_programme(programme=made, by=DEMO, name=p.name, aliases=list(p.aliases))
        for lab in self.world.labs:
            fresh = Lab(public_id=self.public_id(), slug=lab.slug)
            self.labs[lab.slug] = save_lab(lab=fresh, by=DEMO, name=lab.name, description=lab.description)
        for person in self.world.professors:
            names = {name: getattr(person, name) for name in ("given_name", "family_name", "native_name", "email")}
            rows = [{"lab": self.labs[person.lab], "starts": person.since}]
            professor = Professor(public_id=self.public_id())
            self.professors[person.key] = save_professor(professor=professor, by=DEMO, memberships=rows, **names)
        for lab in self.world.labs:
            self.labs[lab.slug].collaborators.add(*(self.labs[slug] for slug in lab.collaborators))
            head = next(p for p in self.world.professors if p.key == lab.head)
            appoint_head(lab=self.labs[lab.slug], professor=self.professors[head.key], by=DEMO, starts=head.since)

    def load_partners(self) -> None:
        for p in self.world.partners:
            self.partners[p.slug] = Partner.objects.create(
                public_id=self.public_id(), slug=p.slug, name=p.name, state=p.state
            )
        for r in self.world.representatives:
            names = ("given_name", "family_name", "email", "position", "starts", "ends")
            self.representatives[r.key] = Representative.objects.create(
                public_id=self.public_id(),
                partner=self.partners[r.partner],
                **{n: getattr(r, n) for n in names},
            )

    def load_students(self) -> None:
        made = Student.objects.bulk_create(self.student(row) for row in self.world.students)
        self.students = {student.number: student for student in made}
        related: list[tuple[type[Any], Iterable[Any]]] = [
            (LabMembership, self.memberships()),
            (Supervision, self.supervisions()),
            (StudentLanguage, self.plain(StudentLanguage, "languages", "code", "level")),
            (Publication, self.plain(Publication, "publications", "title", "year", "url")),
            (ProfileLink, self.plain(ProfileLink, "links", "kind", "url")),
            (Student.work_cities.through, self.work_cities()),
            (Evidence, self.evidence()),
        ]
        for model, rows in related:
            model._default_manager.bulk_create(rows)

    def student(self, row: DemoStudent) -> Student:
        texts = (
            "number",
            "given_name",
            "family_name",
            "native_name",
            "email",
            "phone",
            "degree",
            "headline",
            "summary",
        )
        rest = (
            "graduation_date",
            "thesis_title",
            "thesis_abstract",
            "willing_to_travel",
            "available_from",
            "placed",
        )
        return Student(
            public_id=self.public_id(),
            programme=self.programmes[row.programme],
            home_city=self.cities[row.home_city],
            projects="\n".join(row.projects),
            **{name: getattr(row, name) for name in (*texts, *rest)},
        )

    def each(self, name: str) -> Iterator[tuple[Student, Any]]:
        for row in self.world.students:
            for part in getattr(row, name):
                yield self.students[row.number], part

    def plain(self, model: type[Any], name: str, *fields: str) -> Iterable[Any]:
        return (model(student=s, **{f: getattr(part, f) for f in fields}) for s, part in self.each(name))

    def memberships(self) -> Iterable[LabMembership]:
        for student, m in self.each("memberships"):
            yield LabMembership(student=student, lab=self.labs[m.lab], starts=m.starts, ends=m.ends)

    def supervisions(self) -> Iterable[Supervision]:
        for student, s in self.each("supervisions"):
            yield Supervision(student=student, professor=self.professors[s.professor], starts=s.starts, ends=s.ends)

    def work_cities(self) -> Iterable[Any]:
        for student, slug in self.each("work_cities"):
            yield Student.work_cities.through(student=student, city=self.cities[slug])

    def evidence(self) -> Iterable[Evidence]:
        claims = list(self.each("claims"))
        made = SkillClaim.objects.bulk_create(
            SkillClaim(student=student, skill=self.skills[claim.skill], level=claim.level) for student, claim in claims
        )
        for saved, (_, claim) in zip(made, claims, strict=True):
            for e in claim.evidence:
                yield Evidence(claim=saved, kind=e.kind, title=e.title, date=e.date, shared=e.shared)

    def load_consents(self) -> None:
        """In bulk: the demo holds ends and withdrawals of the past, which no action would take today."""
        rows = list(self.each("consents"))
        made = Consent.objects.bulk_create(self.consent(student, row) for student, row in rows)
        StageChange.objects.bulk_create(
            change for consent, (_, row) in zip(made, rows, strict=True) for change in _history(consent, row)
        )
        Block.objects.bulk_create(
            Block(student=student, partner=self.partners[slug]) for student, slug in self.each("blocks")
        )

    def consent(self, student: Student, row: DemoConsent) -> Consent:
        return Consent(
            student=student,
            partner=self.partners[row.partner] if row.partner else None,
            profile="profile" in row.scopes or "evaluations" in row.scopes,
            evaluations="evaluations" in row.scopes,
            contact="contact" in row.scopes,
            stored_state="withdrawn" if row.withdrawn else "active",
            expires=end_of(row.expires) if row.expires else None,
            granted_at=_noon(row.granted),
            source=row.source,
        )

    def load_users(self) -> None:
        for user in self.world.users:
            person = (
                self.professors.get(user.professor or "")
                or self.representatives.get(user.representative or "")
                or self.students.get(user.student or "")
            )
            create_user(email=user.email, role=user.role, person=person, password=PASSWORD, by=DEMO)


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def _history(consent: Consent, row: DemoConsent) -> Iterator[StageChange]:
    moves = [("", "active", row.granted), ("active", "withdrawn", row.withdrawn)]
    for start, to, day in moves:
        if day is not None:
            yield StageChange(
                kind="consent",
                record=consent.public_id,
                from_state=start,
                to_state=to,
                process=DEMO.name,
                reason=row.source if to == "active" else "",
                at=_noon(day),
            )


def is_loaded(world: DemoWorld) -> bool:
    found: bool = User.objects.filter(email__in=[user.email for user in world.users]).exists()
    return found


@transaction.atomic
def load_world(world: DemoWorld) -> None:
    Loader(world).load()
    reference.touch(skills=False)
    Story(today=timezone.localdate(), by=DEMO).play()
