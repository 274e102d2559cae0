"""Two databases that differ only in students who never consented, and the questions a partner may ask of them."""

import random
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from crm.actions.consents import block_partner, withdraw_consent
from crm.actions.evidence import add_evidence, share_evidence
from crm.actions.students import update_student
from crm.models import City, Lab, Programme, Student
from search import outbox
from tests import cast

LABS = ("Genome Editing", "Hydrogen Catalysis", "Night Vision", "Deep Reading")
SKILLS = ("crispr", "python", "pcr", "machine-learning", "statistics", "microscopy")
WORDS = "editing genomes catalysts hydrogen membranes images of night vision reading texts нейросети генома".split()
GIVEN = ("Anna", "Boris", "Clara", "Daniil", "Élodie", "Фёдор")
CONSENTING = ("Birch", "Moss", "Reed", "Стрелкова", "Fern", "Ash")
SILENT = ("Birch", "Moss", "Reed", "Verborgen", "Xylander", "Тихонова")
"""Some names are those of people who consented, some nobody else has."""
SECRET_WORDS = ("supercapacitors", "xenobots", "тайнопись")
"""Only students who never consented write these."""


def id_of(number: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, number)


class WorldMaker:
    """Makes students with ids and stamps that depend on their numbers alone."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.labs, self.programmes = [cast.lab(name) for name in LABS], [cast.programme(), cast.programme("Energy")]
        self.skills = [cast.skill(slug) for slug in SKILLS]
        self.cities = list(City.objects.order_by("slug")[:4])
        self.partners = [cast.partner("veresk"), cast.partner("quillwave")]

    def build(self, *, consenting: int, silent: int) -> None:
        """The silent stand before, between and after the others; then some of all change, consents are withdrawn."""
        kept = list(range(consenting))
        quiet = iter(range(silent))
        for place in kept:
            for number in islice(quiet, silent // consenting + (place % 3 == 0)):
                self.make_silent(number)
            self.make_consenting(place)
        for number in quiet:
            self.make_silent(number)
        outbox.drain_all()
        for place in kept[::5]:
            self.change_consenting(place)
        for number in range(0, silent, 3):
            self.change_silent(number)
        outbox.drain_all()

    def make_consenting(self, place: int) -> None:
        chance = random.Random(f"consenting {place}")
        student = self._student(chance, f"C-{place:04}", CONSENTING, WORDS)
        scopes = chance.choice((["profile"], ["evaluations"], ["profile", "contact"], ["contact"]))
        to = chance.choice((None, None, *self.partners))
        expires = chance.choice((None, None, self.now + timedelta(days=30)))
        cast.consent(student, to, *scopes, expires=expires)
        if chance.random() < 0.1:
            cast.block(student, self.partners[0])

    def make_silent(self, number: int) -> None:
        chance = random.Random(f"silent {number}")
        student = self._student(chance, f"S-{number:04}", SILENT, [*WORDS, *SECRET_WORDS])
        if chance.random() < 0.1:
            block_partner(student=student, partner=chance.choice(self.partners), by=cast.BY)

    def _student(self, chance: random.Random, number: str, families: tuple[str, ...], words: list[str]) -> Student:
        student = cast.student(
            f"{chance.choice(GIVEN)} {chance.choice(families)}",
            number=number,
            email=f"{number}@students.example".lower(),
            **self._fields(chance, words),
            skills={skill.slug: chance.randint(1, 5) for skill in chance.sample(self.skills, 2)},
            labs=chance.sample(self.labs, chance.randint(0, 2)),
        )
        self._back(student, chance)
        self._stamp(student, chance)
        return student

    def _fields(self, chance: random.Random, words: list[str]) -> dict[str, Any]:
        return {
            "phone": f"+7 {chance.randint(1, 999_999)}",
            "programme": chance.choice([None, *self.programmes]),
            "degree": chance.choice(("", "bachelor", "master", "phd")),
            "graduation_date": chance.choice((None, date(2024, 6, 30), date(2025, 6, 30), date(2026, 6, 30))),
            "thesis_title": " ".join(chance.choices(words, k=4)),
            "thesis_abstract": " ".join(chance.choices(words, k=25)),
            "home_city": chance.choice([None, *self.cities]),
            "work_cities": chance.sample(self.cities, chance.randint(0, 2)),
            "available_from": chance.choice((None, date(2025, 1, 1))),
            "languages": [{"code": code, "level": "B2"} for code in chance.sample(("en", "ru", "de"), 2)],
            "publications": [{"title": " ".join(chance.choices(words, k=3)), "year": 2024}],
            "placed": chance.random() < 0.1,
        }

    def _back(self, student: Student, chance: random.Random) -> None:
        for claim in student.claims.order_by("skill__slug"):
            if chance.random() < 0.5:
                evidence = add_evidence(claim=claim, kind="defence", title="Thesis", by=cast.BY)
                share_evidence(evidence=evidence, shared=chance.random() < 0.7, by=cast.BY)

    def _stamp(self, student: Student, chance: random.Random) -> None:
        moment = self.now - timedelta(minutes=chance.randint(1, 500))
        Student.objects.filter(pk=student.pk).update(public_id=id_of(student.number), updated_at=moment)

    def change_consenting(self, place: int) -> None:
        student, chance = Student.objects.get(number=f"C-{place:04}"), random.Random(f"change {place}")
        update_student(student=student, by=cast.BY, summary=" ".join(chance.choices(WORDS, k=6)))
        self._stamp(student, chance)
        if place % 10 == 0:
            withdraw_consent(consent=student.consents.get(), by=cast.BY)

    def change_silent(self, number: int) -> None:
        student, chance = Student.objects.get(number=f"S-{number:04}"), random.Random(f"change silent {number}")
        update_student(student=student, by=cast.BY, summary=" ".join(chance.choices(SECRET_WORDS, k=6)))
        self._stamp(student, chance)


ABOUT = (*(f"C-{place:04}" for place in range(14)), "S-0001", "S-0002", "S-0100", "S-0150", "nobody")
"""Students of whom the partner asks: seen, withdrawn, silent in both worlds, silent in one of them, and nobody."""
LISTS = ("labs", "programmes", "professors", "skills", "cities", "partners", "representatives", "tokens", "users")
LISTS += ("students", "consents", "blocks", "me", "me/disclosures", "me/export", "nonsense")
LISTS += ("saved-searches", "shortlists", "reports/gaps")
SAVED = (
    "q=editing",
    "skill=crispr&sort=name",
    "q=xenobots",
    "lab=night-vision&placed=any",
    "q=тайнопись+OR+genomes",
    "",
)
"""What the partner has saved, each with an alert."""


def questions(many: int, seed: int = 7) -> Iterator[str]:
    """Addresses of requests; which they are depends on the seed alone."""
    chance = random.Random(seed)
    kinds = [_search] * 10 + [_suggest] * 4 + [_detail] * 3 + [_list] * 2 + [_similar] * 3 + [_kept] * 3 + [_compare]
    return (f"/api/v1/{chance.choice(kinds)(chance)}" for _ in range(many))


def _search(chance: random.Random) -> str:
    programmes = [programme.slug for programme in Programme.objects.order_by("slug")]
    labs = [lab.slug for lab in Lab.objects.order_by("slug")]
    words = [*WORDS, *SECRET_WORDS, *GIVEN, *CONSENTING, *SILENT, "S-0001", "C-0001"]
    one, two = chance.sample(words, 2)
    values: dict[str, tuple[Any, ...]] = {
        "q": (
            one,
            f"{one} {two}",
            f"{one} OR {two}",
            f"{one} NOT {two}",
            f'"{one} {two}"',
            f"-{one}",
            f"({one}",
            one[:3],
        ),
        "lab": (chance.choice(labs), chance.sample(labs, 2), "nowhere"),
        "skill": (chance.choice(SKILLS), f"{chance.choice(SKILLS)}:{chance.randint(1, 6)}", chance.sample(SKILLS, 2)),
        "skill_any": (chance.sample(SKILLS, 2),),
        "evidenced": ("true", "false"),
        "programme": (chance.choice(programmes),),
        "degree": ("master", ["phd", "bachelor"]),
        "graduation_from": ("2024", "2025"),
        "graduation_to": ("2025", "2026"),
        "available_by": ("2025-06-01",),
        "city": tuple(city.slug for city in City.objects.order_by("slug")[:4]),
        "language": ("en", "ru:C1", "de:B2"),
        "placed": ("any", "true"),
        "sort": ("relevance", "updated", "graduation", "name"),
        "page": ("1", "2", "3", "99"),
        "page_size": ("1", "3", "10", "100"),
        "facets": ("none", "lab,skill", "all", "name"),
        "number": ("S-0001",),
    }
    likely = ["q"] * 6 + [name for name in values if name not in ("number", "page")] + ["page"]
    names = {chance.choice(likely) for _ in range(chance.randint(0, 4))} | (
        {"number"} if chance.random() < 0.02 else set()
    )
    return f"candidates/?{urlencode({name: chance.choice(values[name]) for name in sorted(names)}, doseq=True)}"


def _suggest(chance: random.Random) -> str:
    name = chance.choice([*GIVEN, *CONSENTING, *SILENT, *LABS, *SKILLS, *SECRET_WORDS])
    return f"candidates/suggest/?{urlencode({'prefix': name[: chance.randint(1, len(name))]})}"


def _detail(chance: random.Random) -> str:
    kind = chance.choice(("candidates/{}/", "candidates/{}/", "candidates/{}/contact/", "students/{}/"))
    return kind.format(chance.choice([*map(id_of, ABOUT), "S-0001", "x"]))


def _similar(chance: random.Random) -> str:
    page = chance.choice(("", "", "?page_size=3", "?page_size=2&page=2", "?q=genome"))
    return f"candidates/{chance.choice([*map(id_of, ABOUT), 'x'])}/similar/{page}"


def _compare(chance: random.Random) -> str:
    ids = chance.sample([*map(id_of, ABOUT), "x"], chance.randint(1, 4))
    return f"candidates/compare/?{urlencode({'id': ids}, doseq=True)}"


def _kept(chance: random.Random) -> str:
    """Saved searches, and a shortlist onto which everybody was put whom the partner was ever asked to put there."""
    search = f"saved-searches/{id_of(chance.choice(SAVED))}/candidates/{chance.choice(('', '?page_size=3', '?page=2'))}"
    shortlist = f"shortlists/{id_of('shortlist')}/"
    files = ("export/?format=csv", "export/?tag=twin", "export/?stage=contacted")
    ends = ("", "entries/", "entries/?page_size=2", "entries/?stage=offer", *files)
    return chance.choice((search, search, f"{shortlist}{chance.choice(ends)}"))


def _list(chance: random.Random) -> str:
    page = chance.choice(("", "", "?page_size=2", "?search=verborgen", "?unknown=1"))
    return f"{chance.choice(LISTS)}/{page}"
