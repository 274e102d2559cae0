"""The rules of the vocabulary. Each check raises VocabularyError at the first entry that breaks its rule."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from graphlib import CycleError, TopologicalSorter

from crm.text import fold
from search.analysis import plain, tokens
from search.vocabulary.entries import SkillEntry, VocabularyError

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_SLUG = 80
_LONGEST_NAME = 120


def check(entries: Sequence[SkillEntry]) -> None:
    """Runs every rule."""
    for rule in RULES:
        rule(entries)


def slugs_are_well_formed(entries: Sequence[SkillEntry]) -> None:
    for entry in entries:
        if not _SLUG.fullmatch(entry.slug) or len(entry.slug) > _LONGEST_SLUG:
            raise VocabularyError(f"{entry.domain}: '{entry.slug}' is no slug.")


def slugs_are_unique(entries: Sequence[SkillEntry]) -> None:
    for slug, count in Counter(entry.slug for entry in entries).items():
        if count > 1:
            raise VocabularyError(f"The slug '{slug}' is used by {count} skills.")


def both_languages_are_present(entries: Sequence[SkillEntry]) -> None:
    for entry in entries:
        if not entry.label_en.strip() or not entry.label_ru.strip():
            raise VocabularyError(f"'{entry.slug}' has no label in English or in Russian.")


def names_fit(entries: Sequence[SkillEntry]) -> None:
    for entry in entries:
        for name in entry.names:
            if not fold(name) or len(name) > _LONGEST_NAME or name != name.strip():
                raise VocabularyError(f"'{entry.slug}': the name '{name}' is empty, too long or has spaces around it.")


def aliases_are_said_once(entries: Sequence[SkillEntry]) -> None:
    for entry in entries:
        labels = {fold(entry.label_en), fold(entry.label_ru)}
        for name, count in Counter(fold(alias) for alias in entry.aliases).items():
            if count > 1 or name in labels:
                raise VocabularyError(f"'{entry.slug}' says the name '{name}' twice.")


def ambiguous_names_are_names(entries: Sequence[SkillEntry]) -> None:
    for entry in entries:
        if unknown := set(map(fold, entry.ambiguous)) - set(map(fold, entry.names)):
            raise VocabularyError(f"'{entry.slug}' marks as ambiguous what is none of its names: {min(unknown)}.")


def names_mean_one_skill(entries: Sequence[SkillEntry]) -> None:
    """Two skills share a name only where both mark it. Names are compared as texts are read: without hyphens."""
    owner: dict[str, tuple[str, bool]] = {}
    slugs = {entry.slug for entry in entries}
    for entry in entries:
        unclear = set(map(_read, entry.ambiguous))
        for name in entry.spoken_names:
            other, both = owner.setdefault(_read(name), (entry.slug, _read(name) in unclear))
            if fold(name) in slugs - {entry.slug}:
                other, both = fold(name), True
            if other != entry.slug and not (both and _read(name) in unclear):
                raise VocabularyError(f"'{name}' means both '{other}' and '{entry.slug}'.")


def short_names_are_marked(entries: Sequence[SkillEntry]) -> None:
    """One or two letters mean many things."""
    for entry in entries:
        unclear = set(map(_read, entry.ambiguous))
        for name in entry.spoken_names:
            if len(_read(name)) <= 2 and _read(name)[-1:] not in "+#" and _read(name) not in unclear:
                raise VocabularyError(f"'{entry.slug}': the short name '{name}' is not marked as ambiguous.")


def _read(name: str) -> str:
    return " ".join(map(plain, tokens(name)))


def broader_skills_are_known(entries: Sequence[SkillEntry]) -> None:
    known = {entry.slug for entry in entries}
    for entry in entries:
        if unknown := set(entry.broader) - known:
            raise VocabularyError(f"'{entry.slug}' names unknown broader skills: {', '.join(sorted(unknown))}.")


def skills_are_connected(entries: Sequence[SkillEntry]) -> None:
    """Whatever has no broader skill has narrower ones."""
    above = {slug for entry in entries for slug in entry.broader}
    for entry in entries:
        if not entry.broader and entry.slug not in above and len(entries) > 1:
            raise VocabularyError(f"'{entry.slug}' stands alone: it has neither broader nor narrower skills.")


def broader_skills_make_no_circle(entries: Sequence[SkillEntry]) -> None:
    try:
        TopologicalSorter({entry.slug: entry.broader for entry in entries}).prepare()
    except CycleError as error:
        raise VocabularyError(f"Broader skills run in a circle: {' -> '.join(error.args[1])}.") from error


RULES: tuple[Callable[[Sequence[SkillEntry]], None], ...] = (
    slugs_are_well_formed,
    slugs_are_unique,
    both_languages_are_present,
    names_fit,
    aliases_are_said_once,
    ambiguous_names_are_names,
    names_mean_one_skill,
    short_names_are_marked,
    broader_skills_are_known,
    skills_are_connected,
    broader_skills_make_no_circle,
)
