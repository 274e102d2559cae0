"""Reference data that ships with the product: what is missing is added, what somebody edited stays."""

from dataclasses import replace

import pytest

from crm import reference
from crm.actions.reference import save_city, save_skill
from crm.actions.shipped import ShippedSkill, add_missing_cities, add_missing_skills
from crm.models import City, ReferenceVersion, Skill, SkillAlias
from crm.reference_data import CityEntry
from tests import cast

pytestmark = pytest.mark.django_db

TOWN = CityEntry("testville", "Testville", "Тествиль", ("Test Town",), "RU", 55.75, 37.5)
NARROW = ShippedSkill("narrow-test", "Narrow test", "Узкая проба", ("slim test",), broader=("broad-test",))
BROAD = ShippedSkill("broad-test", "Broad test", "", (), broader=())


def test_a_missing_city_is_added_once_with_all_its_names() -> None:
    assert reference.current().cities.find("testville") is None
    assert [add_missing_cities([TOWN]) for _ in range(2)] == [1, 0]
    cities = reference.current().cities
    made = City.objects.get(slug="testville")
    assert {cities.find(name).pk for name in ("testville", "Testville", "тествиль", "test town")} == {made.pk}
    assert (made.country, float(made.latitude), float(made.longitude)) == ("RU", 55.75, 37.5)


def test_missing_skills_are_added_with_aliases_below_broader_ones_that_come_later_in_the_list() -> None:
    assert reference.current().skills.find("narrow-test") is None
    assert [add_missing_skills([NARROW, BROAD]) for _ in range(2)] == [2, 0]
    known = reference.current()
    narrow, broad = (Skill.objects.get(slug=entry.slug) for entry in (NARROW, BROAD))
    assert {known.skills.find(name).pk for name in ("narrow-test", "УЗКАЯ ПРОБА", "Slim  Test")} == {narrow.pk}
    assert known.broader[narrow.pk] == {narrow.pk, broad.pk}


def test_what_somebody_edited_stays_as_it_is() -> None:
    add_missing_cities([TOWN])
    add_missing_skills([NARROW, BROAD])
    save_city(city=City.objects.get(slug=TOWN.slug), by=cast.BY, name="Renamed", aliases=[])
    skill = Skill.objects.get(slug=NARROW.slug)
    save_skill(skill=skill, by=cast.BY, label="Renamed too", aliases=["mine"], broader=[])
    before = ReferenceVersion.objects.get().stamp
    assert add_missing_cities([replace(TOWN, label_en="New")]) == 0
    assert add_missing_skills([replace(NARROW, label="New"), BROAD]) == 0
    assert City.objects.get(slug=TOWN.slug).name == "Renamed"
    fresh = Skill.objects.get(slug=NARROW.slug)
    assert (fresh.label, [alias.name for alias in fresh.aliases.all()]) == ("Renamed too", ["mine"])
    assert not fresh.broader.exists()
    assert ReferenceVersion.objects.get().stamp == before


def test_a_new_skill_may_stand_below_one_that_is_there_and_takes_no_alias_from_another() -> None:
    there = save_skill(skill=Skill(), by=cast.BY, label="There already", aliases=["Slim test"])
    assert add_missing_skills([replace(NARROW, broader=(there.slug,))]) == 1
    assert SkillAlias.objects.get(key="slim test").skill == there
    assert reference.current().broader[Skill.objects.get(slug=NARROW.slug).pk] >= {there.pk}


def test_what_ships_takes_no_name_from_what_somebody_made() -> None:
    own = save_skill(skill=Skill(), by=cast.BY, label="My test", aliases=["Broad test"])
    town = save_city(city=City(), by=cast.BY, name="Тествиль", country="RU", latitude=1, longitude=1)
    assert add_missing_skills([NARROW, BROAD]) == 1
    assert add_missing_cities([TOWN]) == 0
    known = reference.current()
    assert known.skills.find("broad test").pk == own.pk
    assert known.cities.find("тествиль").pk == town.pk
    assert not Skill.objects.get(slug=NARROW.slug).broader.exists()
