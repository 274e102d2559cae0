"""The fields of search documents, declared once: both engines make their index from this table."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

FULL, PARTNERS = "full", "partners"
FAMILIES = (FULL, PARTNERS)
FORMAT = 6
"""Raised when documents change in a way that the table below does not show (analysis, tokens)."""

FOR_EVER = 253_402_300_799_000
"""The end of what never ends, in milliseconds: the year 9999."""


ANY_EVIDENCE = "any"
"""A token among the evidenced skills of whoever has evidence at all; facets leave it out."""


class Kind(Enum):
    NAMES = "names"
    """Analysed words, not stemmed, with prefixes."""
    SOUNDS = "sounds"
    """Words of names as they sound, the same in Latin and Cyrillic."""
    TEXT = "text"
    """Analysed words, stemmed, with positions."""
    MENTIONS = "mentions"
    """Keys of the skills that texts name, as often as they do."""
    TOKENS = "tokens"
    """Exact tokens, any number of them, counted by facets."""
    NUMBER = "number"
    """One whole number, for ranges, sorts and reading back."""
    SORT_KEY = "sort key"
    """One text that orders documents."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Kind
    families: tuple[str, ...] = FAMILIES


FIELDS = (
    # identity
    Field("student", Kind.NUMBER),
    Field("version", Kind.NUMBER),
    Field("digest", Kind.NUMBER),
    Field("level", Kind.NUMBER),
    Field("id", Kind.SORT_KEY),
    # audience
    Field("valid_until", Kind.NUMBER),
    Field("audience", Kind.TOKENS, (PARTNERS,)),
    Field("kept_out", Kind.TOKENS, (PARTNERS,)),
    Field("current_lab", Kind.TOKENS, (FULL,)),
    Field("current_supervisor", Kind.TOKENS, (FULL,)),
    # words
    Field("names", Kind.NAMES),
    Field("sounds", Kind.SOUNDS),
    Field("number", Kind.NAMES, (FULL,)),
    Field("headline", Kind.TEXT),
    Field("skills", Kind.TEXT),
    Field("thesis_title", Kind.TEXT),
    Field("affiliation", Kind.TEXT),
    Field("texts", Kind.TEXT),
    Field("mentioned", Kind.MENTIONS),
    Field("mentioned_narrower", Kind.MENTIONS),
    # filters and facets
    Field("lab", Kind.TOKENS),
    Field("programme", Kind.TOKENS),
    Field("degree", Kind.TOKENS),
    Field("city", Kind.TOKENS),
    Field("language", Kind.TOKENS),
    Field("language_level", Kind.TOKENS),
    Field("claimed", Kind.TOKENS),
    Field("skill", Kind.TOKENS),
    Field("skill_level", Kind.TOKENS),
    Field("evidenced", Kind.TOKENS),
    Field("evidenced_level", Kind.TOKENS),
    Field("graduation_year", Kind.TOKENS),
    Field("graduation", Kind.NUMBER),
    Field("available", Kind.NUMBER),
    Field("placed", Kind.TOKENS),
    # sorts
    Field("updated", Kind.NUMBER),
    Field("name", Kind.SORT_KEY),
)


def fields_of(family: str) -> tuple[Field, ...]:
    return tuple(field for field in FIELDS if family in field.families)


def definition_hash(family: str, definition: object = None) -> str:
    """Eight hex digits that name an index by the whole of its definition."""
    parts = [FORMAT, family, [(f.name, f.kind.value) for f in fields_of(family)], definition]
    # Keys in order: some libraries list theirs in another order in each process.
    text = json.dumps(parts, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def milliseconds(moment: datetime | None) -> int:
    """A moment as a number, rounded down; FOR_EVER for None."""
    return FOR_EVER if moment is None else int(moment.timestamp() * 1000)


def day_number(day: date | None) -> int:
    """A date as a number; 0 for an unknown one, which sorts last where the latest come first."""
    return 0 if day is None else day.toordinal()


def level_token(key: int | str, level: int) -> str:
    """The token of whoever has a skill or a language at this level or a higher one."""
    return f"{key}>{level}"


WORD_KINDS = (Kind.NAMES, Kind.SOUNDS, Kind.TEXT)
WORD_FIELDS: Mapping[str, Kind] = {f.name: f.kind for f in FIELDS if f.kind in WORD_KINDS}
"""Field of words -> its kind."""
