"""Contacts, introductions, immersions and hires as rows for COPY, the same at each run; about 500,000 touchpoints."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.bench.words import sentences
from tests.bench.world import World

Row = tuple[Any, ...]
FIRST = date(2019, 1, 1)
DAYS = 2_800
CONTACTS, INTRODUCTIONS, IMMERSIONS, HIRES = 72_000, 60_000, 40_000, 30_000
COLUMNS = {
    "contact": "id public_id kind at day partner_id summary promised private_notes created_at updated_at",
    "participant": "contact_id representative_id professor_id student_id lab_id affiliation",
    "introduction": "public_id student_id partner_id message state asked_at expires answered_at",
    "immersion": "id public_id kind student_id partner_id site host_group academic_supervisor_id lab_id project thesis"
    " starts ends housing travel state accepted_by_student accepted_by_university accepted_by_partner"
    " student_acceptance_source partner_acceptance_source overlap_reason"
    " created_at",
    "evaluation": "public_id immersion_id stage quality independence protocol communication teamwork remarks given_at",
    "hire": "public_id student_id partner_id position place salary_band state offered_on answered_on starts created_at",
}
"""Table of crm -> its columns, parents before children."""


class Process:
    def __init__(self, world: World, students: int, representatives: list[int]) -> None:
        self.world, self.students, self.representatives = world, students, representatives
        self.chance = random.Random(7)

    def rows(self) -> Iterator[tuple[str, Row]]:
        """(table, row)"""
        for pk in range(1, CONTACTS + 1):
            yield from self.contact(pk)
        for place in range(INTRODUCTIONS):
            yield self.introduction(place)
        for pk in range(1, IMMERSIONS + 1):
            yield from self.immersion(pk)
        for place in range(HIRES):
            yield self.hire(place)

    def public_id(self) -> uuid.UUID:
        return uuid.UUID(int=self.chance.getrandbits(128), version=4)

    def moment(self) -> datetime:
        return datetime.combine(FIRST + timedelta(self.chance.randrange(DAYS)), time(12), UTC)

    def pair(self, place: int) -> tuple[int, int]:
        """A student and a partner; no pair comes twice for one table."""
        student, turn = place % self.students + 1, place // self.students
        partners = self.world.partners
        return student, partners[(student + turn) % len(partners)]

    def contact(self, pk: int) -> Iterator[tuple[str, Row]]:
        chance, at = self.chance, self.moment()
        kind = chance.choice(("seminar_conversation", "meeting", "phone", "correspondence"))
        partner = chance.choice(self.world.partners)
        texts = (sentences(chance, 1, russian=False), "", "")
        yield "contact", (pk, self.public_id(), kind, at, at.date(), partner, *texts, at, at)
        yield "participant", (pk, chance.choice(self.representatives), None, None, None, "")
        for professor in chance.sample(self.world.professors, chance.randint(1, 2)):
            yield "participant", (pk, None, professor, None, None, "")
        for student in {chance.randint(1, self.students) for _ in range(chance.randint(1, 3))}:
            yield "participant", (pk, None, None, student, None, "")
        yield "participant", (pk, None, None, None, chance.choice(self.world.labs), "")

    def introduction(self, place: int) -> tuple[str, Row]:
        at, state = self.moment(), self.chance.choice(("accepted", "declined", "expired"))
        answered = None if state == "expired" else at + timedelta(days=2)
        student, partner = self.pair(place)
        return "introduction", (
            *(self.public_id(), student, partner, "Let us meet.", state),
            *(at, at + timedelta(days=14), answered),
        )

    def immersion(self, pk: int) -> Iterator[tuple[str, Row]]:
        at, state = self.moment(), self.chance.choice(("completed", "completed", "completed", "rejected"))
        day = at.date()
        student, partner = self.pair(pk * 7)
        professor, lab = self.chance.choice(self.world.professors), self.chance.choice(self.world.labs)
        yield (
            "immersion",
            (
                *(pk, self.public_id(), "summer", student, partner, "", "", professor, lab, "", ""),
                *(day, day + timedelta(days=60), "", "", state, day, day, day, "", "", "", at),
            ),
        )
        if state == "completed":
            yield "evaluation", (self.public_id(), pk, "final", 4, 4, 5, 3, 4, "", at + timedelta(days=60))

    def hire(self, place: int) -> tuple[str, Row]:
        at, state = self.moment(), self.chance.choice(("started", "started", "declined"))
        day = at.date()
        student, partner = self.pair(place * 3)
        return "hire", (
            *(self.public_id(), student, partner, "Analyst", "", "", state, day, day + timedelta(days=5)),
            *(day + timedelta(days=30), at),
        )
