"""Reference data that ships with the product: what is missing is added, what somebody edited stays as it is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from crm import reference
from crm.models import BroaderSkill, City, ReferenceVersion, Skill, SkillAlias
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
    ambiguous: tuple[str, ...] = ()
    """Of its labels and aliases, those that mean something else as well."""


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
        reference.touch(skills=False)
    return len(missing)


def ship_skills(version: str, entries: Callable[[], Iterable[ShippedSkill]]) -> int:
    """Adds what a release's vocabulary has and the database lacks, once for each version of it; returns how many."""
    if ReferenceVersion.objects.filter(shipped_skills=version).exists():
        return 0
    with transaction.atomic():
        added = add_missing_skills(entries())
        ReferenceVersion.objects.update_or_create(id=1, defaults={"shipped_skills": version})
    return added


@transaction.atomic
def add_missing_skills(entries: Iterable[ShippedSkill]) -> int:
    """Adds skills with their names and places in the hierarchy; returns how many.

    A skill that is there keeps what somebody made of it; one that looks untouched gets the names it lacks. One whose
    label is plainly the name of another is left out, and so is such an alias.
    """
    reference.wait_for_turn()
    shipped = list(entries)
    there = Skill.objects.prefetch_related("aliases").in_bulk(field_name="slug")
    taken = {name: entry.slug for name, entry in reference.names_taken(Skill) if name not in entry.ambiguous}
    missing = [e for e in shipped if not _folded(e.slug, e.label, e.label_ru) & taken.keys()]
    Skill.objects.bulk_create(Skill(slug=e.slug, label=e.label, label_ru=e.label_ru) for e in missing)
    ids = dict(Skill.objects.values_list("slug", "pk"))
    untouched = [e for e in shipped if e.slug in there and _is_untouched(there[e.slug], e)]
    names = _add_names([*missing, *untouched], ids, taken)
    BroaderSkill.objects.bulk_create(
        (
            BroaderSkill(narrow_id=ids[entry.slug], broad_id=ids[broad])
            for entry in missing
            for broad in entry.broader
            if broad in ids
        ),
        ignore_conflicts=True,
    )
    if missing or names:
        reference.touch(skills=True)
    return len(missing)


def _folded(*names: str) -> set[str]:
    return {fold(name) for name in names if name}


def _is_untouched(skill: Skill, entry: ShippedSkill) -> bool:
    own = {alias.key for alias in skill.aliases.all()}
    return skill.label == entry.label and own <= _folded(*entry.aliases, *entry.ambiguous)


def _add_names(entries: Sequence[ShippedSkill], ids: Mapping[str, int], taken: Mapping[str, str]) -> int:
    """Returns how many were missing, or not marked as ambiguous."""
    rows = list(SkillAlias.objects.values_list("key", "skill_id", "ambiguous"))
    own = {(key, pk) for key, pk, _ in rows}
    missing = [
        SkillAlias(skill_id=ids[entry.slug], name=name, key=key, ambiguous=key in unclear)
        for entry in entries
        for unclear in [_folded(*entry.ambiguous)]
        for key, name in {fold(name): name for name in (*entry.aliases, *entry.ambiguous)}.items()
        if (key, ids[entry.slug]) not in own and (key in unclear or taken.get(key, entry.slug) == entry.slug)
    ]
    SkillAlias.objects.bulk_create(missing, ignore_conflicts=True, batch_size=1000)
    unclear_now = {(key, ids[entry.slug]) for entry in entries for key in _folded(*entry.ambiguous)}
    marked = [key for key, pk, ambiguous in rows if not ambiguous and (key, pk) in unclear_now]
    SkillAlias.objects.filter(key__in=marked).update(ambiguous=True)
    return len(missing) + len(marked)
