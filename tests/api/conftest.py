"""The world of the REST tests, made of the cast, and a client for each of its people."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from api.models import Token
from crm.actions.consents import withdraw_consent
from crm.actions.evidence import add_evidence
from crm.actions.reference import save_city, save_skill
from crm.actions.seminars import add_attendance
from crm.models import (
    Attendance,
    Block,
    City,
    Consent,
    Contact,
    Evidence,
    FollowUp,
    Lab,
    Partner,
    Professor,
    Programme,
    Representative,
    Seminar,
    Skill,
    Student,
    User,
)
from search import engines, outbox
from search.rebuild import rebuild
from tests import cast
from tests.cast import BY


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
    seminar: Seminar
    closed_seminar: Seminar
    attendance: Attendance
    contact: Contact
    follow_up: FollowUp


@pytest.fixture(scope="module")
def _made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once for a file. Each test begins with it: what a test does is taken back to where this ended."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(_made: World, db: None) -> World:
    return deepcopy(_made)


def make_world() -> World:
    lab, other_lab = cast.lab("Test Enzymes Lab"), cast.lab("Test Photonics Lab")
    programme = cast.programme("Test Life Sciences")
    city = save_city(city=City(), by=BY, name="Testograd", country="RU", latitude=55, longitude=37)
    skill = save_skill(skill=Skill(), by=BY, label="Test pipetting", aliases=["test pipettes"])
    pavel = cast.professor(heads=lab)
    partner, rival_partner = cast.partner("biofirm"), cast.partner("rivalfirm")
    hanna, rolf = cast.representative(partner), cast.representative(rival_partner, "Rolf Stern")
    sonya = cast.student(
        "Sonya Sokolova",
        number="S-1",
        labs=[lab],
        skills={skill.slug: 4},
        phone="+1",
        programme=programme,
        degree="master",
        graduation_date=date(2026, 6, 30),
        home_city=city,
        work_cities=[city],
        languages=[{"code": "en", "level": "B2"}],
        publications=[{"title": "On tests", "year": 2025}],
        links=[{"kind": "website", "url": "https://example.org/"}],
        supervisions=[{"professor": pavel.professor}],
    )
    nikita = cast.student("Nikita Novikov", number="S-2", labs=[other_lab])
    vera = cast.student("Vera Volkova", number="S-3")
    consent = cast.consent(sonya, partner, "evaluations", "contact")
    other_consent = cast.consent(vera, None, "evaluations", "contact")
    withdraw_consent(consent=other_consent, by=BY)
    cast.block(sonya, rival_partner)
    return World(
        users={
            "admin": cast.admin(),
            "office": cast.office(),
            "professor": pavel,
            "partner": hanna,
            "rival": rolf,
            "student": cast.student_account(sonya),
            "stranger": cast.student_account(nikita),
        },
        lab=lab,
        other_lab=other_lab,
        programme=programme,
        city=city,
        skill=skill,
        professor=pavel.professor,
        partner=partner,
        rival_partner=rival_partner,
        representative=hanna.representative,
        sonya=sonya,
        nikita=nikita,
        vera=vera,
        consent=consent,
        other_consent=other_consent,
        block=sonya.blocks.get(),
        evidence=add_evidence(claim=sonya.claims.get(), kind="defence", title="Master's thesis", by=BY),
        **conversations(lab, pavel, hanna, sonya),
    )


def conversations(lab: Lab, pavel: User, hanna: User, sonya: Student) -> dict[str, Any]:
    """Pavel spoke in his lab; Hanna came, was told of Sonya afterwards, and is invited to the next one."""
    seminar = cast.seminar(lab=lab, speakers=[pavel.professor])
    closed = cast.seminar("Assays in private", is_open=False)
    add_attendance(seminar=closed, representative=hanna.representative, by=BY)
    attendance = add_attendance(seminar=seminar, representative=hanna.representative, state="attended", by=BY)
    people = (hanna.representative, pavel.professor, sonya)
    contact = cast.contact(*people, seminar=seminar, summary="On enzymes", private_notes="CANARY of the office")
    follow_up = cast.follow_up(pavel, contact=contact)
    found = {"seminar": seminar, "closed_seminar": closed, "attendance": attendance, "contact": contact}
    return {**found, "follow_up": follow_up}


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


@dataclass(frozen=True)
class Table:
    """A client for each role of the permission table, and the ids of the records that its paths name."""

    clients: dict[str, APIClient]
    ids: dict[str, str]


@pytest.fixture(scope="module")
def _table(_made: World, django_db_blocker: DjangoDbBlocker) -> Table:
    """Made once for a file: `answer` takes back whatever a request writes."""
    from tests.api.test_permissions import ROLES, ids_of

    with django_db_blocker.unblock():
        return Table({role: client_of(_made.users.get(role)) for role in ROLES}, ids_of(_made))


@pytest.fixture
def table(_table: Table, db: None) -> Table:
    return _table
