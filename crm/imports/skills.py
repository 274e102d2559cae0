"""Skills as people write them: 'PCR: 3; Python - 2, C++ (4)'."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from crm.imports.values import quoted

Find = Callable[[str], int | None]
"""A skill's primary key by any of its names."""
Warn = Callable[[str], None]

MIDDLE = 3
"""The level of a skill that is named without one, where the student had none before."""
LEVELS = range(1, 6)

_CLEAR_LEVEL = re.compile(
    r"(?P<name>.*?\S)(?:\s*[:=]\s*|\s+[-–—]\s*|\s*[–—]\s*|\s*\(\s*)(?P<level>[-+]?\d+(?:\.\d+)?)(?:\s*/\s*5)?\s*\)?",
    re.S,
)
# A name may end with a number of its own (SARS-CoV-2, Python 3), so these count only where the whole is no known name.
_DOUBTFUL_LEVEL = re.compile(r"(?P<name>.*?\S)\s*[-\s]\s*(?P<level>\d+)(?:\s*/\s*5)?", re.S)


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    level: str
    """As written; empty where there is none."""


def parse_skills(text: str, find: Find, warn: Warn) -> dict[int, int | None]:
    """Skill -> level 1 to 5, or None where none is given; warns of what means nothing and leaves it out.

    A skill named twice, by whatever names, has the higher level.
    """
    found: dict[int, int | None] = {}
    for item in split_items(text, find):
        named = read_item(item, find)
        skill, level = find(named.name), _level(named.level)
        if skill is None:
            warn(f"Unknown skill {quoted(named.name)}: left out.")
        elif named.level and level is None:
            warn(f"Skill {quoted(item)} has a level outside 1 to 5: left out.")
        else:
            found[skill] = max(level or 0, found.get(skill) or 0) or None
    return found


def split_items(text: str, find: Find) -> list[str]:
    """At semicolons and line breaks, and at commas but for those of a known name."""
    items: list[str] = []
    for part in (part.strip() for part in re.split(r"[;\n]", text)):
        if "," in part and find(read_item(part, find).name) is None:
            items.extend(piece.strip() for piece in part.split(","))
        else:
            items.append(part)
    return [item for item in items if item]


def read_item(item: str, find: Find) -> Named:
    if match := _CLEAR_LEVEL.fullmatch(item):
        return Named(match["name"], match["level"])
    doubtful = _DOUBTFUL_LEVEL.fullmatch(item) if find(item) is None else None
    return Named(doubtful["name"], doubtful["level"]) if doubtful else Named(item, "")


def _level(text: str) -> int | None:
    return int(text) if text.isdecimal() and int(text) in LEVELS else None
