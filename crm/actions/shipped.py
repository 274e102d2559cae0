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
    """Returns how many were added."""
    known = set(City.objects.values_list("slug", flat=True))
    missing = [entry for entry in entries if entry.slug not in known]
    City.objects.bulk_create(
        City(
            slug=entry.slug,
            name=entry.label_en,
            name_ru=entry.label_ru,
            aliases=list(entry.aliases),
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

    A skill that is there keeps what somebody made of it; one that looks untouched gets the names it lacks. A name that
    another skill has by now, plainly, stays with that one.
    """
    shipped = list(entries)
    there = Skill.objects.prefetch_related("aliases").in_bulk(field_name="slug")
    missing = [entry for entry in shipped if entry.slug not in there]
    Skill.objects.bulk_create(Skill(slug=e.slug, label=e.label, label_ru=e.label_ru) for e in missing)
    ids = dict(Skill.objects.values_list("slug", "pk"))
    names = _add_names([e for e in shipped if e.slug not in there or _is_untouched(there[e.slug], e)], ids)
    BroaderSkill.objects.bulk_create(
        (BroaderSkill(narrow_id=ids[e.slug], broad_id=ids[broad]) for e in missing for broad in e.broader),
        ignore_conflicts=True,
    )
    if missing or names:
        reference.touch(skills=True)
    return len(missing)


def _is_untouched(skill: Skill, entry: ShippedSkill) -> bool:
    own = {alias.key for alias in skill.aliases.all()}
    return skill.label == entry.label and own <= {fold(name) for name in (*entry.aliases, *entry.ambiguous)}


def _add_names(entries: Sequence[ShippedSkill], ids: Mapping[str, int]) -> int:
    """Returns how many were missing."""
    rows = list(SkillAlias.objects.values_list("key", "skill_id", "ambiguous"))
    taken, own = {key for key, _, ambiguous in rows if not ambiguous}, {(key, pk) for key, pk, _ in rows}
    missing = [
        SkillAlias(skill_id=ids[entry.slug], name=name, key=key, ambiguous=key in unclear)
        for entry in entries
        for unclear in [set(map(fold, entry.ambiguous))]
        for key, name in {fold(name): name for name in (*entry.aliases, *entry.ambiguous)}.items()
        if key not in taken and (key, ids[entry.slug]) not in own
    ]
    SkillAlias.objects.bulk_create(missing, ignore_conflicts=True, batch_size=1000)
    unclear_now = {(fold(name), ids[entry.slug]) for entry in entries for name in entry.ambiguous}
    marked = [key for key, pk, ambiguous in rows if not ambiguous and (key, pk) in unclear_now]
    SkillAlias.objects.filter(key__in=marked).update(ambiguous=True)
    return len(missing) + len(marked)
