"""The people of the REST tests, built through the actions, and a client for each of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from api.models import Token
from crm.access import Role, SystemProcess
from crm.actions.consents import block_partner, grant_consent, withdraw_consent
from crm.actions.evidence import add_evidence
from crm.actions.partners import add_representative, create_partner
from crm.actions.reference import appoint_head, save_city, save_lab, save_professor, save_programme, save_skill
from crm.actions.students import create_student
from crm.actions.users import create_user
from crm.models import (
    Block,
    City,
    Consent,
    Evidence,
    Lab,
    Partner,
    Professor,
    Programme,
    Representative,
    Skill,
    Student,
    User,
)
from search import engines, outbox
from search.rebuild import rebuild

SETUP = SystemProcess("tests")


@dataclass
class World:
    """Sonya works in Pavel's lab and lets Hanna's partner see all; Nikita never consented; Vera withdrew."""

    users: dict[str, User]
    lab: Lab
    other_lab: Lab
    programme: Programme
    city: City
    skill: Skill
    professor: Professor
    partner: Partner
    rival_partner: Partner
    representative: Representative
    sonya: Student
    nikita: Student
    vera: Student
    consent: Consent
    other_consent: Consent
    block: Block
    evidence: Evidence


def a_student(number: str, given: str, family: str, **fields: Any) -> Student:
    return create_student(by=SETUP, number=number, given_name=given, family_name=family, **fields)


def a_user(email: str, role: Role, person: Any = None, password: str | None = None) -> User:
    return create_user(by=SETUP, email=email, role=role, person=person, password=password)


def a_representative(partner: Partner, given: str, family: str) -> Representative:
    return add_representative(partner=partner, by=SETUP, given_name=given, family_name=family)


@pytest.fixture
def world(db: None) -> World:
    lab = save_lab(lab=Lab(), by=SETUP, name="Test Enzymes Lab")
    other_lab = save_lab(lab=Lab(), by=SETUP, name="Test Photonics Lab")
    programme = save_programme(programme=Programme(), by=SETUP, name="Test Life Sciences")
    city = save_city(city=City(), by=SETUP, name="Testograd", country="RU", latitude=55, longitude=37)
    skill = save_skill(skill=Skill(), by=SETUP, label="Test pipetting", aliases=["test pipettes"])
    professor = save_professor(professor=Professor(), by=SETUP, given_name="Pavel", family_name="Petrov")
    appoint_head(lab=lab, professor=professor, by=SETUP)
    partner = create_partner(slug="biofirm", name="Biofirm", by=SETUP)
    rival_partner = create_partner(slug="rivalfirm", name="Rivalfirm", by=SETUP)
    hanna = a_representative(partner, "Hanna", "Hill")
    rolf = a_representative(rival_partner, "Rolf", "Reed")
    sonya = a_student(
        *("S-1", "Sonya", "Sokolova"),
        email="sonya@example.org",
        phone="+1",
        programme=programme,
        degree="master",
        graduation_date=date(2026, 6, 30),
        home_city=city,
        work_cities=[city],
        languages=[{"code": "en", "level": "B2"}],
        publications=[{"title": "On tests", "year": 2025}],
        links=[{"kind": "website", "url": "https://example.org/"}],
        claims=[{"skill": skill, "level": 4}],
        memberships=[{"lab": lab}],
        supervisions=[{"professor": professor}],
    )
    nikita = a_student("S-2", "Nikita", "Novikov", memberships=[{"lab": other_lab}])
    vera = a_student("S-3", "Vera", "Volkova")
    scopes, signed = ["evaluations", "contact"], "signed form"
    consent = grant_consent(student=sonya, partner=partner, scopes=scopes, source=signed, by=SETUP)
    other_consent = grant_consent(student=vera, partner=None, scopes=scopes, source=signed, by=SETUP)
    withdraw_consent(consent=other_consent, by=SETUP)
    return World(
        users={
            "admin": a_user("admin@example.org", Role.ADMIN),
            "office": a_user("olga@example.org", Role.OFFICE),
            "professor": a_user("pavel@example.org", Role.PROFESSOR, professor),
            "partner": a_user("hanna@example.org", Role.PARTNER, hanna),
            "rival": a_user("rolf@example.org", Role.PARTNER, rolf),
            "student": a_user("sonya@example.org", Role.STUDENT, sonya),
            "stranger": a_user("nikita@example.org", Role.STUDENT, nikita),
        },
        lab=lab,
        other_lab=other_lab,
        programme=programme,
        city=city,
        skill=skill,
        professor=professor,
        partner=partner,
        rival_partner=rival_partner,
        representative=hanna,
        sonya=sonya,
        nikita=nikita,
        vera=vera,
        consent=consent,
        other_consent=other_consent,
        block=block_partner(student=sonya, partner=rival_partner, by=SETUP),
        evidence=add_evidence(claim=sonya.claims.get(), kind="defence", title="Master's thesis", by=SETUP),
    )


def a_token(user: User, **options: Any) -> str:
    _, token = Token.objects.create(user, expiry=options.pop("expiry", timedelta(days=1)), **options)
    return str(token)


def client_of(user: User | None) -> APIClient:
    client = APIClient(raise_request_exception=False)
    if user:
        client.credentials(HTTP_AUTHORIZATION=f"Token {a_token(user)}")
    return client


@pytest.fixture
def client(world: World) -> Callable[[str], APIClient]:
    """A client for a role of the world, or for "anonymous"."""
    return lambda role: client_of(world.users.get(role))


@pytest.fixture
def index(world: World, tmp_path: Path, settings: Any) -> Iterator[None]:
    """An embedded index of its own that holds the world."""
    settings.VAR_DIR, settings.ELASTICSEARCH_URL = tmp_path, ""
    engines.engine.cache_clear()
    rebuild()
    outbox.drain_all()
    yield
    engines.engine.cache_clear()


@pytest.fixture(autouse=True)
def _no_throttle_is_left_over() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()
