"""A random world of contacts, introductions, immersions and hires, and its funnel counted again in plain Python."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from django.utils import timezone

from crm.models import (
    Contact,
    Hire,
    Immersion,
    Introduction,
    LabHeadship,
    LabMembership,
    Participant,
    Partner,
    Professor,
    Recommendation,
    Seminar,
    Student,
    Supervision,
)
from crm.pathway import circle_of
from crm.touchpoints import rebuild_touchpoints
from tests import cast

FIRST = date(2023, 10, 1)
KINDS = ("seminar_conversation", "seminar_conversation", "meeting")
STEPS = ("seminar_contact", "introduction", "immersion", "offer", "hire")
TOOK = {
    "introduction": {"accepted", "closed"},
    "immersion": {"agreed", "active", "completed"},
    "hire": {"accepted", "started", "left"},
}


class FunnelWorld:
    """Two programmes, three partners, labs and professors; students in none, one or two labs."""

    def __init__(self, seed: int, students: int = 20, records: int = 40) -> None:
        self.chance = random.Random(seed)
        self.partners = [cast.partner(slug) for slug in ("alder", "birch", "cedar")]
        self.labs = [cast.lab(name) for name in ("Enzymes", "Fungi", "Genes")]
        self.programmes = [cast.programme(name) for name in ("Chemistry", "Life Sciences")]
        self.professors = [Professor.objects.get_or_create(family_name=name)[0] for name in "ABCD"]
        for lab, head in zip(self.labs, self.professors, strict=False):
            LabHeadship.objects.get_or_create(lab=lab, professor=head)
        self.students = [self.student() for _ in range(students)]
        for _ in range(records):
            self.contact()
        for make in (self.introduction, self.immersion, self.hire):
            for person in self.chance.choices(self.students, k=records):
                make(person, self.chance.choice(self.partners))
        rebuild_touchpoints()

    def day(self) -> date:
        return FIRST + timedelta(days=self.chance.randrange(900))

    def moment(self) -> datetime:
        """Also such as are another day at the university than in UTC."""
        return datetime.combine(self.day(), time(self.chance.choice((1, 12, 23))), UTC)

    def some(self, of: list[Any], most: int = 2) -> list[Any]:
        return self.chance.sample(of, self.chance.randint(0, most))

    def student(self) -> Student:
        programme = self.chance.choice([None, *self.programmes])
        person = cast.student("Fenna Reed", labs=self.some(self.labs), programme=programme)
        for professor in self.some(self.professors, 1):
            Supervision.objects.create(student=person, professor=professor)
        for professor in self.some(self.professors, 1):
            said = {"state": "shared", "text": "Good.", "shared_at": timezone.now()}
            Recommendation.objects.create(student=person, professor=professor, **said)
        return person

    def contact(self) -> None:
        at = self.moment()
        lab = self.chance.choice([None, *self.labs])
        seminar = Seminar.objects.create(title="On yeast", starts=at, lab=lab) if self.chance.random() < 0.5 else None
        kind, partner = self.chance.choice(KINDS), self.chance.choice(self.partners)
        contact = Contact.objects.create(kind=kind, at=at, partner=partner, seminar=seminar)
        for who, of in (("student", self.students), ("professor", self.professors), ("lab", self.labs)):
            for one in self.some(of, 1):
                Participant.objects.create(contact=contact, **{who: one})

    def introduction(self, student: Student, partner: Partner) -> None:
        asked, state = self.moment(), self.chance.choice(("accepted", "closed", "declined", "withdrawn", "asked"))
        if Introduction.objects.filter(student=student, partner=partner).exists():
            state = "closed"
        answered = None if state in {"asked", "withdrawn"} else asked + timedelta(days=self.chance.randrange(14))
        days = {"asked_at": asked, "answered_at": answered, "expires": asked + timedelta(days=14)}
        Introduction.objects.create(student=student, partner=partner, message="Hello", stored_state=state, **days)

    def immersion(self, student: Student, partner: Partner) -> None:
        starts = self.day()
        days = {f"accepted_by_{side}": starts for side in ("student", "university", "partner")}
        state = self.chance.choice(("proposed", "agreed", "active", "completed", "cancelled"))
        days |= {"starts": starts, "ends": starts + timedelta(days=60)}
        Immersion.objects.create(student=student, partner=partner, kind="summer", state=state, **days)

    def hire(self, student: Student, partner: Partner) -> None:
        offered, state = self.day(), self.chance.choice(("offered", "accepted", "declined", "started", "left"))
        if Hire.objects.filter(student=student, partner=partner).exists():
            state = self.chance.choice(("declined", "left"))
        answered = None if state == "offered" else offered + timedelta(days=self.chance.randrange(120))
        starts = (answered or offered) + timedelta(days=30)
        days = {"offered_on": offered, "answered_on": answered, "starts": starts}
        left = starts + timedelta(days=9) if state == "left" else None
        Hire.objects.create(student=student, partner=partner, position="Analyst", state=state, left_on=left, **days)


Touched = tuple[str, int | None]
"""A kind of person or lab, and its key."""


@dataclass
class Row:
    """One record of a step."""

    partner: Any
    student: Any
    year: int
    day: date
    labs: set[Any]
    programmes: set[Any]

    def values(self, dimension: str) -> set[Any]:
        single = {"partner": {self.partner}, "year": {self.year}}
        return single.get(dimension) or {"lab": self.labs, "programme": self.programmes}[dimension]

    @property
    def pair(self) -> tuple[Any, Any]:
        return self.partner, self.student


@dataclass
class Recount:
    """Reads all rows once; partners, labs and programmes are slugs."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    conversations: list[tuple[str, date, set[Touched]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.circles = {student.pk: _circle(student.pk) for student in Student.objects.all()}
        self.labs: dict[int, set[str]] = defaultdict(set)
        for membership in LabMembership.objects.select_related("lab"):
            self.labs[membership.student_id].add(membership.lab.slug)
        for contact in Contact.objects.filter(kind="seminar_conversation"):
            self._read_contact(contact)
        for asked in Introduction.objects.all():
            self._read("introduction", asked, timezone.localtime(asked.asked_at).year, _day(asked.answered_at))
        for stay in Immersion.objects.all():
            self._read("immersion", stay, stay.starts.year, stay.starts)
        for hire in Hire.objects.all():
            self._read("offer", hire, hire.offered_on.year, hire.offered_on)
            self._read("hire", hire, hire.offered_on.year, hire.answered_on)

    def _read(self, step: str, record: Any, year: int, day: date | None) -> None:
        if day is not None and record.state in TOOK.get(step, {record.state}):
            student, programme = record.student, record.student.programme
            programmes = {programme.slug} if programme else set()
            row = Row(record.partner.slug, student.pk, year, day, self.labs[student.pk], programmes)
            self.rows[step].append(row)

    def _read_contact(self, contact: Contact) -> None:
        people = list(contact.participants.all())
        labs = {person.lab.slug for person in people if person.lab}
        if contact.seminar and contact.seminar.lab:
            labs.add(contact.seminar.lab.slug)
        students = [person.student for person in people if person.student]
        programmes = {student.programme.slug for student in students if student.programme}
        row = Row(contact.partner.slug, None, contact.day.year, contact.day, labs, programmes)
        self.rows["seminar_contact"].append(row)
        touched: set[Touched] = {("lab", contact.seminar.lab_id)} if contact.seminar else set()
        touched |= {(who, getattr(person, f"{who}_id")) for person in people for who in ("lab", "professor", "student")}
        self.conversations.append((contact.partner.slug, contact.day, touched))

    def chosen(self, step: str, filters: dict[str, Any]) -> list[Row]:
        return [row for row in self.rows[step] if all(value in row.values(name) for name, value in filters.items())]

    def values(self, by: str) -> set[Any]:
        return {value for step in STEPS for row in self.rows[step] for value in row.values(by)}

    def figures(self, filters: dict[str, Any]) -> list[tuple[str, int, float | None, float | None]]:
        """(step, count, conversion, median days)"""
        counts = [len(self.chosen(step, filters)) for step in STEPS]
        shares = [None, *(round(n / m, 4) if m else None for m, n in pairwise(counts))]
        waits = [None, *(self.wait(place, filters) for place in range(1, len(STEPS)))]
        return list(zip(STEPS, counts, shares, waits, strict=True))

    def wait(self, place: int, filters: dict[str, Any]) -> float | None:
        days = list(self.waits(place, _firsts(self.chosen(STEPS[place], filters))))
        return float(median(days)) if days else None

    def waits(self, place: int, firsts: dict[tuple[str, int], date]) -> Iterator[int]:
        before = _firsts(self.rows[STEPS[place - 1]])
        for pair, day in firsts.items():
            since = self.last_conversation(*pair, day) if place == 1 else before.get(pair)
            if since is not None and since <= day:
                yield (day - since).days

    def last_conversation(self, partner: str, student: int, until: date) -> date | None:
        circle = self.circles[student]
        days = [d for who, d, touched in self.conversations if who == partner and d <= until and touched & circle]
        return max(days, default=None)


def _circle(student: int) -> set[Touched]:
    circle = circle_of(student)
    members = {"lab": circle.lab_ids, "professor": circle.professor_ids, "student": {circle.student_id}}
    return {(who, pk) for who, ids in members.items() for pk in ids}


def _firsts(rows: list[Row]) -> dict[Any, date]:
    found: dict[Any, date] = {}
    for row in rows:
        found[row.pair] = min(row.day, found.get(row.pair, row.day))
    return found


def _day(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None
