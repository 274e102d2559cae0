"""Reference data that ships with the product: what is missing is added, what somebody edited stays as it is."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from crm import reference
from crm.models import BroaderSkill, City, Skill, SkillAlias
from crm.reference_data import CityEntry
from crm.text import fold


@dataclass(frozen=True, slots=True)
class ShippedSkill:
    slug: str
    label: str
    label_ru: str
    aliases: tuple[str, ...]
    broader: tuple[str, ...]
    """Slugs; a broader skill may come later in the list."""


@transaction.atomic
def add_missing_cities(entries: Iterable[CityEntry]) -> int:
    """Returns how many were added; one whose label is the name of another is left out."""
    reference.wait_for_turn()
    taken = {name for name, _ in reference.names_taken(City)}
    missing = [entry for entry in entries if not _folded(entry.slug, entry.label_en, entry.label_ru) & taken]
    City.objects.bulk_create(
        City(
            slug=entry.slug,
            name=entry.label_en,
            name_ru=entry.label_ru,
            aliases=[name for name in entry.aliases if fold(name) not in taken],
            country=entry.country,
            latitude=str(entry.latitude),
            longitude=str(entry.longitude),
        )
        for entry in missing
    )
    if missing:
        reference.touch()
    return len(missing)


@transaction.atomic
def add_missing_skills(entries: Iterable[ShippedSkill]) -> int:
    """Adds skills with their aliases and places in the hierarchy; returns how many.

    One whose label is the name of another is left out.
    """
    reference.wait_for_turn()
    taken = {name for name, _ in reference.names_taken(Skill)}
    missing = [entry for entry in entries if not _folded(entry.slug, entry.label, entry.label_ru) & taken]
    if not missing:
        return 0
    Skill.objects.bulk_create(Skill(slug=e.slug, label=e.label, label_ru=e.label_ru) for e in missing)
    ids = dict(Skill.objects.values_list("slug", "pk"))
    SkillAlias.objects.bulk_create(
        (
            SkillAlias(skill_id=ids[entry.slug], name=name, key=fold(name))
            for entry in missing
            for name in entry.aliases
            if fold(name) not in taken
        ),
        ignore_conflicts=True,
    )
    BroaderSkill.objects.bulk_create(
        (
            BroaderSkill(narrow_id=ids[entry.slug], broad_id=ids[broad])
            for entry in missing
            for broad in entry.broader
            if broad in ids
        ),
        ignore_conflicts=True,
    )
    reference.touch()
    return len(missing)


def _folded(*names: str) -> set[str]:
    return {fold(name) for name in names if name}
