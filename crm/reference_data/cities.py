"""The cities shipped with the product, read from `cities.toml` and checked."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.text import fold

DATA = Path(__file__).parent / "cities.toml"
_COUNTRY = re.compile(r"[A-Z]{2}")


class CityDataError(ValueError):
    """The file breaks one of its rules; the sentence says which city and how."""


@dataclass(frozen=True, slots=True)
class CityEntry:
    slug: str
    label_en: str
    label_ru: str
    aliases: tuple[str, ...]
    country: str
    """ISO 3166-1, two letters."""
    latitude: float
    longitude: float

    @property
    def names(self) -> Iterator[str]:
        """Every name that means this city."""
        yield from (self.slug, self.label_en, self.label_ru)
        yield from self.aliases


def load_cities(path: Path = DATA) -> tuple[CityEntry, ...]:
    """All cities in the file's order. Raises CityDataError where the file breaks a rule."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        cities = tuple(_entry(slug, table) for slug, table in tables.items())
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise CityDataError(f"{path.name}: {error!r}") from error
    check(cities)
    return cities


def _entry(slug: str, table: Mapping[str, Any]) -> CityEntry:
    return CityEntry(
        slug=slug,
        label_en=table["label"]["en"],
        label_ru=table["label"]["ru"],
        aliases=tuple(table["aliases"]),
        country=table["country"],
        latitude=float(table["latitude"]),
        longitude=float(table["longitude"]),
    )


def check(cities: Sequence[CityEntry]) -> None:
    """Labels, country, coordinates; and that no name, folded as the importer reads it, means two cities."""
    owner: dict[str, str] = {}
    for city in cities:
        if not city.label_en.strip() or not city.label_ru.strip():
            raise CityDataError(f"'{city.slug}' has no label in English or in Russian.")
        if not _COUNTRY.fullmatch(city.country):
            raise CityDataError(f"'{city.slug}': '{city.country}' is no country code.")
        if not (-90 <= city.latitude <= 90 and -180 <= city.longitude <= 180):
            raise CityDataError(f"'{city.slug}' lies at {city.latitude}, {city.longitude}, which is nowhere.")
        for name in city.names:
            if owner.setdefault(fold(name), city.slug) != city.slug:
                raise CityDataError(f"'{name}' means both '{owner[fold(name)]}' and '{city.slug}'.")
