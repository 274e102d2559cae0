from dataclasses import replace
from pathlib import Path

import pytest

from crm.reference_data import CityDataError, CityEntry, load_cities
from crm.reference_data.cities import check
from crm.text import fold

# The cities in the files that university offices sent.
OFFICE_CITIES = {
    "Arkhangelsk",
    "Astrakhan",
    "Kazan",
    "Moscow",
    "Novosibirsk",
    "Saint Petersburg",
    "Syktyvkar",
    "Tomsk",
    "Vladimir",
    "Yekaterinburg",
}
KAZAN = CityEntry("kazan", "Kazan", "Казань", (), "RU", 55.8, 49.1)


def test_the_shipped_cities_keep_their_rules_and_are_many() -> None:
    assert len(load_cities()) >= 150


def test_every_city_of_the_offices_is_known() -> None:
    known = {fold(name) for city in load_cities() for name in city.names}
    assert {city for city in OFFICE_CITIES if fold(city) not in known} == set()


def test_russian_cities_lie_in_russia() -> None:
    outside = [
        city.slug
        for city in load_cities()
        if city.country == "RU" and not (41 < city.latitude < 78 and 19 < city.longitude < 180)
    ]
    assert outside == []


@pytest.mark.parametrize(
    ("cities", "complaint"),
    [
        ([replace(KAZAN, label_ru="")], "no label"),
        ([replace(KAZAN, country="Russia")], "no country code"),
        ([replace(KAZAN, latitude=91.0)], "nowhere"),
        ([replace(KAZAN, longitude=-181.0)], "nowhere"),
        ([KAZAN, replace(KAZAN, slug="kazan-two")], "means both"),
    ],
)
def test_each_rule_refuses_what_breaks_it(cities: list[CityEntry], complaint: str) -> None:
    with pytest.raises(CityDataError, match=complaint):
        check(cities)


@pytest.mark.parametrize("text", ["[kazan", '[kazan]\nlabel = { en = "Kazan" }\n', "kazan = 3\n"])
def test_a_broken_file_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "cities.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CityDataError, match=r"cities\.toml"):
        load_cities(path)
