"""What the database itself refuses, and how an action says so: by the field, in a sentence."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.actions.partners import add_representative, create_partner
from crm.actions.reference import save_city, save_lab, save_professor, save_programme, save_skill
from crm.actions.seminars import create_seminar
from crm.actions.students import create_student
from crm.errors import Conflict, DomainError, Invalid
from crm.models import City, Consent, Disclosure, Lab, Partner, Professor, Programme, Skill, SkillAlias, Student
from tests import cast

pytestmark = pytest.mark.django_db
TOWN = {"name": "Town", "country": "RU", "latitude": 1, "longitude": 1}
BLANK = {
    "partner": lambda: Partner.objects.create(slug="s", name=" "),
    "partner's slug": lambda: Partner.objects.create(slug="", name="Name"),
    "lab": lambda: Lab.objects.create(slug="s", name="", name_key="key"),
    "lab's key": lambda: Lab.objects.create(slug="s", name="Name", name_key=" "),
    "programme": lambda: Programme.objects.create(slug="s", name="  "),
    "city": lambda: City.objects.create(**{**TOWN, "name": " "}, slug="s"),
    "skill": lambda: Skill.objects.create(slug="s", label=""),
    "alias": lambda: SkillAlias.objects.create(skill=cast.skill("crispr"), name=" ", key="key"),
    "student's number": lambda: Student.objects.create(number=" ", given_name="A", family_name="B"),
    "student's family name": lambda: Student.objects.create(number="S-1", given_name="A", family_name=" "),
    "student's given name": lambda: Student.objects.create(number="S-1", given_name="", family_name="B"),
    "professor": lambda: Professor.objects.create(given_name="A", family_name=" "),
    "source of a consent": lambda: Consent.objects.create(student=cast.student(), profile=True, source=" "),
    "kind of a disclosure": lambda: Disclosure.objects.create(kind="gossip", viewer=cast.office()),
}


@pytest.mark.parametrize("what", BLANK)
def test_the_database_takes_no_blank_names_and_no_unknown_kinds(what: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        BLANK[what]()


def _represent(**fields: Any) -> Any:
    return add_representative(
        partner=cast.partner(), by=cast.BY, **{"given_name": "Ines", "family_name": "Marlow", **fields}
    )


def _save_town(**fields: Any) -> Any:
    return save_city(city=City(), by=cast.BY, **{**TOWN, **fields})


def _join(*rows: dict[str, Any]) -> Any:
    lab = cast.lab()
    return save_professor(
        professor=Professor(), by=cast.BY, family_name="P", memberships=[{"lab": lab, **row} for row in rows]
    )


LATE, EARLY = date(2026, 5, 2), date(2026, 5, 1)
REFUSED: dict[str, tuple[Callable[[], Any], type[DomainError], str, str]] = {
    "latitude": (lambda: _save_town(latitude=91), Invalid, "latitude", "between -90 and 90"),
    "longitude": (lambda: _save_town(longitude=-181), Invalid, "longitude", "between -180 and 180"),
    "representative": (lambda: _represent(starts=LATE, ends=EARLY), Invalid, "ends", "before the start"),
    "seminar": (lambda: _meet(), Invalid, "ends", "before the start"),
    "membership": (lambda: _join({"starts": LATE, "ends": EARLY}), Invalid, "memberships", "ends: This lies before"),
    "two memberships": (lambda: _join({}, {}), Conflict, "memberships", "like this already"),
    "blank name": (lambda: create_partner(slug="s", name="  ", by=cast.BY), Invalid, "name", "may not be blank"),
    "blank label": (
        lambda: save_skill(skill=Skill(slug="s"), label=" ", by=cast.BY),
        Invalid,
        "label",
        "may not be blank",
    ),
    "blank lab": (lambda: save_lab(lab=Lab(slug="s"), name=" ", by=cast.BY), Invalid, "name", "may not be blank"),
    "blank programme": (
        lambda: save_programme(programme=Programme(slug="s"), name=" ", by=cast.BY),
        Invalid,
        "name",
        "may not be blank",
    ),
    "blank student": (
        lambda: create_student(number="S-1", given_name=" ", family_name="B", by=cast.BY),
        Invalid,
        "given_name",
        "may not be blank",
    ),
    "blank professor": (
        lambda: save_professor(professor=Professor(), family_name=" ", by=cast.BY),
        Invalid,
        "family_name",
        "may not be blank",
    ),
}


def _meet() -> Any:
    now = timezone.now()
    return create_seminar(title="Enzymes", starts=now, ends=now - timedelta(hours=1), by=cast.BY)


@pytest.mark.parametrize("what", REFUSED)
def test_a_broken_constraint_is_said_of_its_field_and_never_by_its_name(what: str) -> None:
    act, kind, field, words = REFUSED[what]
    with pytest.raises(kind) as refused:
        act()
    said = refused.value.fields
    assert list(said) == [field]
    assert words in " ".join(said[field])
    assert "crm_" not in str(said)
