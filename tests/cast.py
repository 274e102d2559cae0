"""The one cast of people. Plain functions make them through the actions; nobody here is a living person."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm.access import SystemProcess
from crm.actions.consents import block_partner, grant_consent
from crm.actions.partners import add_representative, create_partner
from crm.actions.reference import appoint_head, save_lab, save_professor, save_programme
from crm.actions.students import create_student
from crm.actions.users import create_user
from crm.models import Consent, Lab, Partner, Professor, Programme, Skill, Student, User

BY = SystemProcess("test")


def lab(name: str = "Genome Editing") -> Lab:
    return Lab.objects.filter(name=name).first() or save_lab(lab=Lab(), by=BY, name=name)


def programme(name: str = "Life Sciences") -> Programme:
    return Programme.objects.filter(name=name).first() or save_programme(programme=Programme(), by=BY, name=name)


def skill(slug: str) -> Skill:
    """One of the shipped vocabulary."""
    return Skill.objects.get(slug=slug)


def partner(slug: str = "veresk", **fields: Any) -> Partner:
    name = fields.pop("name", slug.title())
    return Partner.objects.filter(slug=slug).first() or create_partner(slug=slug, name=name, by=BY, **fields)


def admin() -> User:
    return create_user(email="ada.admin@university.example", role="admin", by=BY)


def office() -> User:
    """Olga of the career office."""
    return create_user(email="olga@university.example", role="office", by=BY)


def professor(*, heads: Lab | None = None, name: str = "Pavel Lesnoy") -> User:
    """Pavel; he heads a lab where one is given."""
    given, family = name.split()
    person = save_professor(professor=Professor(), by=BY, given_name=given, family_name=family)
    if heads:
        appoint_head(lab=heads, professor=person, by=BY)
    return create_user(email=f"{given.lower()}@university.example", role="professor", person=person, by=BY)


def representative(of: Partner, name: str = "Hanna Brook", **fields: Any) -> User:
    """Partner HR with an account: Hanna, or her rival Rolf."""
    given, family = name.split()
    person = add_representative(partner=of, by=BY, given_name=given, family_name=family, **fields)
    return create_user(email=f"{given.lower()}@{of.slug}.example", role="partner", person=person, by=BY)


_numbers = iter(range(1, 10**9))


def student(name: str = "Sanna Vale", *, skills: dict[str, int] | None = None, **fields: Any) -> Student:
    """A student; skills are slugs of the vocabulary with levels. Consents to nothing."""
    given, family = name.split()
    claims = [{"skill": skill(slug), "level": level} for slug, level in (skills or {}).items()]
    labs = [{"lab": place} for place in fields.pop("labs", [])]
    defaults = {"number": f"T-{next(_numbers):06}", "email": f"{given}.{family}@students.example".lower()}
    return create_student(
        by=BY, given_name=given, family_name=family, claims=claims, memberships=labs, **{**defaults, **fields}
    )


def student_account(person: Student) -> User:
    return create_user(email=f"s{person.pk}@accounts.example", role="student", person=person, by=BY)


def consent(person: Student, to: Partner | None = None, *scopes: str, expires: datetime | None = None) -> Consent:
    """To one partner, or to all; the profile where no scope is named."""
    return grant_consent(
        student=person,
        partner=to,
        scopes=scopes or ("profile",),
        source="signed form",
        expires=expires,
        by=BY,
    )


def block(person: Student, against: Partner) -> None:
    block_partner(student=person, partner=against, by=BY)


@dataclass
class Cast:
    """Everybody at once: two partners, a lab with its head, and students with every kind of consent."""

    lab: Lab = field(default_factory=lab)
    veresk: Partner = field(default_factory=lambda: partner("veresk"))
    rival: Partner = field(default_factory=lambda: partner("quillwave"))

    def __post_init__(self) -> None:
        self.ada, self.olga = admin(), office()
        self.pavel = professor(heads=self.lab)
        self.hanna = representative(self.veresk)
        self.rolf = representative(self.rival, "Rolf Stern")
        details = {"skills": {"crispr": 4, "python": 2}, "labs": [self.lab]}
        self.open = student("Oona Birch", **details)
        self.loyal = student("Lev Moss", **details)
        self.silent = student("Silvia Reed", **details)
        self.gone = student("Goran Ash", **details)
        self.wary = student("Wera Fern", **details)
        consent(self.open)
        consent(self.loyal, self.veresk, "evaluations")
        consent(self.wary)
        block(self.wary, self.veresk)
