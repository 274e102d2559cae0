"""Students as rows for COPY, the same at each run: table columns -> tuples."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.bench.words import person, sentences, title, zipf
from tests.bench.world import World

Row = tuple[Any, ...]
SINCE = datetime(2025, 1, 1, tzinfo=UTC)
LANGUAGES = ("de", "fr", "zh", "es")
LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")
KINDS = ("defence", "evaluation", "recommendation", "publication")


class People:
    """Makes the rows of one student after the other; `rows` collects them by table until the loader takes them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = random.Random(3)
        self.rows: dict[str, list[Row]] = {}
        self.claim_id = 0
        self.weights = {name: zipf(len(getattr(world, name))) for name in ("labs", "programmes", "cities")}
        self.weights["skills"] = zipf(len(world.skills), head=25)

    def batches(self, count: int, size: int) -> Iterator[dict[str, list[Row]]]:
        for first in range(1, count + 1, size):
            self.rows = {}
            for pk in range(first, min(first + size, count + 1)):
                self.add(pk)
            yield self.rows

    def put(self, table: str, *row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def some(self, name: str, count: int) -> list[int]:
        """Distinct things, the frequent ones more often."""
        return list(
            dict.fromkeys(self.chance.choices(getattr(self.world, name), cum_weights=self.weights[name], k=count))
        )

    def public_id(self) -> uuid.UUID:
        return uuid.UUID(int=self.chance.getrandbits(128), version=4)

    def add(self, pk: int) -> None:
        chance = self.chance
        russian = pk % 3 == 0
        home, *others = self.some("cities", 1 + chance.randint(0, 2))
        self.add_student(pk, home, russian=russian)
        for place in others:
            self.put("student_work_cities", pk, place)
        self.add_studies(pk)
        self.add_skills(pk, russian=russian)
        self.add_languages(pk, russian=russian)
        self.add_consents(pk)

    def add_student(self, pk: int, home: int, *, russian: bool) -> None:
        chance = self.chance
        given, family, native = person(chance, russian=russian)
        # Search documents keep milliseconds.
        updated = SINCE + timedelta(milliseconds=chance.randrange(40_000_000_000))
        self.put(
            "student",
            *(pk, self.public_id(), f"B-{pk:06}", given, family, native),
            *(f"student{pk}@students.example", f"+7 900 {pk:07}", self.some("programmes", 1)[0]),
            chance.choices(("bachelor", "master", "phd"), (5, 4, 1))[0],
            date(chance.randint(2014, 2029), chance.choice((1, 6)), 30),
            *(title(chance, russian=russian), sentences(chance, 4, russian=russian)),
            *(" ".join(title(chance, russian=russian).split()[:6]), sentences(chance, 2, russian=russian)),
            *(sentences(chance, 1, russian=russian), home, chance.random() < 0.5),
            date(2026, 1, 1) + timedelta(days=chance.randrange(700)) if chance.random() < 0.5 else None,
            *(chance.random() < 0.08, False, SINCE, updated),
        )

    def add_studies(self, pk: int) -> None:
        for place, lab in enumerate(self.some("labs", self.chance.randint(1, 2))):
            starts = date(2020 - 2 * place, 9, 1)
            ends = date(2023, 6, 30) if place or self.chance.random() < 0.4 else None
            self.put("labmembership", pk, lab, starts, ends)
        self.put("supervision", pk, self.chance.choice(self.world.professors), date(2021, 9, 1), None)

    def add_skills(self, pk: int, *, russian: bool) -> None:
        for skill in self.some("skills", self.chance.randint(5, 12)):
            self.claim_id += 1
            self.put("skillclaim", self.claim_id, self.public_id(), pk, skill, self.chance.randint(1, 5))
            if self.chance.random() < 0.15:
                shared = self.chance.random() < 0.6
                name = title(self.chance, russian=russian)
                self.put("evidence", self.public_id(), self.claim_id, self.chance.choice(KINDS), name, None, shared)
        for _ in range(self.chance.choice((0, 0, 1, 2))):
            name = title(self.chance, russian=russian)
            self.put("publication", self.public_id(), pk, name, self.chance.randint(2018, 2026), "")

    def add_languages(self, pk: int, *, russian: bool) -> None:
        known = {"ru": "C2", "en": self.chance.choice(LEVELS[2:])} if russian else {"en": "C2"}
        if self.chance.random() < 0.3:
            known[self.chance.choice(LANGUAGES)] = self.chance.choice(LEVELS)
        for code, level in known.items():
            self.put("studentlanguage", pk, code, level)

    def add_consents(self, pk: int) -> None:
        """A fifth to nobody, two fifths to all, the others to some by name; some ended, some block a partner."""
        kind, partners = self.chance.random(), self.world.partners
        named = self.chance.sample(partners, self.chance.randint(2, 6))
        chosen = [] if kind < 0.2 else [None] if kind < 0.6 else named
        for partner in chosen:
            evaluations, fate = self.chance.random() < 0.4, self.chance.random()
            state = "withdrawn" if fate < 0.04 else "active"
            expires = None if fate < 0.7 else SINCE + timedelta(days=60 if fate < 0.73 else 4_000)
            row = (self.public_id(), pk, partner, True, evaluations, self.chance.random() < 0.5, state, expires)
            self.put("consent", *row, "signed form", SINCE)
        if self.chance.random() < 0.04:
            self.put("block", self.public_id(), pk, self.chance.choice(partners), SINCE)
