"""How each kind of parameter value is read: text -> value, or Wrong with a sentence for the user."""

import base64
import binascii
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from crm.models import CefrLevel
from crm.reference import Names, Reference
from search.sorting import Position

LARGEST_VALUE = 2**42 - 1
"""Of a cursor: milliseconds or days. The embedded engine packs it into one number with the beginning of an id."""


class Wrong(ValueError):
    """A value that cannot be read; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class SkillWish:
    """A skill asked for, at a level and up."""

    skill_id: int
    level: int


def entry_of(kind: str, attribute: str) -> Callable[[str, Reference], int]:
    def read(text: str, known: Reference) -> int:
        names: Names = getattr(known, attribute)
        entry = names.find(text)
        if entry is None:
            raise Wrong(f"Unknown {kind} {text!r}.")
        return entry.pk

    return read


def skill_wish(text: str, known: Reference) -> SkillWish:
    """`crispr`, or `crispr:3` for level 3 and up."""
    name, colon, level = text.rpartition(":")
    if not colon or known.skills.find(text):
        name, level = text, "1"
    entry = known.skills.find(name)
    if entry is None:
        raise Wrong(f"Unknown skill {name!r}.")
    if not re.fullmatch(r"[1-5]", level):
        raise Wrong(f"Level {level!r} is not between 1 and 5.")
    return SkillWish(entry.pk, int(level))


def language_level(text: str, known: Reference) -> tuple[str, int]:
    """`ru`, or `ru:B2` for level B2 and up."""
    code, colon, level = text.partition(":")
    if not re.fullmatch(r"[A-Za-z]{2,3}", code):
        raise Wrong(f"{code!r} is not a language code of two or three letters.")
    if colon and level.upper() not in CefrLevel.values:
        raise Wrong(f"Level {level!r} is none of {', '.join(CefrLevel.values)}.")
    return code.lower(), CefrLevel.values.index(level.upper()) + 1 if colon else 1


class OneOf:
    """Reads one of a few words, in any case."""

    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed

    def __call__(self, text: str, known: Reference) -> str:
        if text.lower() not in self.allowed:
            raise Wrong(f"{text!r} is none of {', '.join(self.allowed)}.")
        return text.lower()


def flag(text: str, known: Reference) -> bool:
    return OneOf("true", "false", "1", "0")(text, known) in {"true", "1"}


def text_of(text: str, known: Reference) -> str:
    return text


def year(text: str, known: Reference) -> int:
    if not re.fullmatch(r"(19|20|21)\d\d", text):
        raise Wrong(f"{text!r} is not a year between 1900 and 2199.")
    return int(text)


def calendar_date(text: str, known: Reference) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise Wrong(f"{text!r} is not a date: write it like 2027-06-30.")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Wrong(f"{text!r} is not a date of the calendar.") from error


def whole_number(least: int, most: int) -> Callable[[str, Reference], int]:
    def read(text: str, known: Reference) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", text) or not least <= int(text) <= most:
            raise Wrong(f"{text[:20]!r} is not a whole number from {least} to {most}.")
        return int(text)

    return read


def position(text: str, known: Reference) -> Position:
    try:
        value, public_id, backwards = json.loads(base64.urlsafe_b64decode(text.encode("ascii")))
        if not (type(value) is int and 0 <= value <= LARGEST_VALUE and type(backwards) is bool):
            raise ValueError
        return Position(value, uuid.UUID(public_id).hex, backwards)
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError) as error:
        raise Wrong("This cursor is none that an answer gave.") from error


def write_cursor(position: Position) -> str:
    text = json.dumps([position.value, position.public_id, position.backwards])
    return base64.urlsafe_b64encode(text.encode()).decode()
