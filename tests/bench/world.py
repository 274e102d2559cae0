"""The reference data of the bench, with generated skills beside the shipped ones, and the accounts."""

import random
from dataclasses import dataclass
from itertools import product

from crm import reference
from crm.access import SystemProcess
from crm.actions.partners import add_representative, create_partner
from crm.actions.users import create_user
from crm.models import BroaderSkill, City, Lab, Partner, Professor, Programme, Skill, User
from crm.text import lab_key
from tests.bench.words import FIELDS, SUBJECTS, TECHNIQUES, person

BY = SystemProcess("bench")
LABS, PROGRAMMES, PROFESSORS, PARTNERS, SKILLS = 300, 40, 600, 12, 2_000


@dataclass(frozen=True)
class World:
    """Primary keys of what students are linked to; frequent things come first."""

    labs: list[int]
    programmes: list[int]
    professors: list[int]
    partners: list[int]
    skills: list[int]
    cities: list[int]


def make_world() -> World:
    chance = random.Random(1)
    names = [f"{field} {subject}" for field, subject in product(FIELDS, SUBJECTS)]
    chance.shuffle(names)
    Lab.objects.bulk_create(Lab(slug=_slug(name), name=f"{name} Lab", name_key=lab_key(name)) for name in names[:LABS])
    Programme.objects.bulk_create(Programme(slug=_slug(name), name=name) for name in names[-PROGRAMMES:])
    people = [person(chance, russian=False) for _ in range(PROFESSORS)]
    Professor.objects.bulk_create(Professor(given_name=given, family_name=family) for given, family, _ in people)
    for number in range(PARTNERS):
        create_partner(slug=f"partner-{number}", name=f"Partner {number}", by=BY)
    _add_skills()
    _add_accounts()
    reference.touch(skills=True)
    return read_world()


def read_world() -> World:
    lists = [
        list(model._default_manager.order_by("pk").values_list("pk", flat=True))
        for model in (Lab, Programme, Professor, Partner, Skill, City)
    ]
    skills = lists[4]
    random.Random(2).shuffle(skills)
    return World(lists[0], lists[1], lists[2], lists[3], skills, lists[5])


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")


def _add_skills() -> None:
    """One broad skill a subject, and techniques of it below, until there are 2,000 with the shipped ones."""
    broad = Skill.objects.bulk_create(
        Skill(slug=f"{subject.lower()}-methods", label=f"{subject} methods") for subject in SUBJECTS
    )
    missing = SKILLS - Skill.objects.count()
    names = [
        (place, f"{field} {subject.lower()} {technique}")
        for technique, field, (place, subject) in product(TECHNIQUES, FIELDS, enumerate(SUBJECTS))
    ][:missing]
    narrow = Skill.objects.bulk_create(Skill(slug=_slug(name), label=name) for _, name in names)
    BroaderSkill.objects.bulk_create(
        BroaderSkill(narrow=skill, broad=broad[place]) for skill, (place, _) in zip(narrow, names, strict=True)
    )


def _add_accounts() -> None:
    create_user(email="office@bench.example", role="office", by=BY)
    person = add_representative(
        partner=Partner.objects.get(slug="partner-0"), by=BY, given_name="Bench", family_name="Reader"
    )
    create_user(email=EMAIL, role="partner", person=person, by=BY)


EMAIL = "hr@bench.example"


def viewer() -> User:
    """Partner HR: the user of every request."""
    return User.objects.select_related("representative__partner").get(email=EMAIL)
