"""The tests' databases hold some of the shipped skills: those of the demo, those that tests name, and all above them.

Each database of tests is made with them, and after every test that commits they are brought back; with all 4,000 that
would take a second. What concerns the vocabulary as a whole is tested on `tests.search.shipped_reference`, or on a
database that a process of its own migrated.
"""

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.vocabulary import SkillEntry

DEMO = Path(__file__).parent.parent / "crm" / "demo" / "data" / "skills.toml"
NAMED = ("csharp",)
"""Those that tests name and the demo lacks."""


def few(entries: "Collection[SkillEntry]") -> "tuple[SkillEntry, ...]":
    return _with_all_above({*tomllib.loads(DEMO.read_text(encoding="utf-8")), *NAMED}, entries)


def _with_all_above(slugs: Collection[str], entries: "Collection[SkillEntry]") -> "tuple[SkillEntry, ...]":
    by_slug = {entry.slug: entry for entry in entries}
    kept, frontier = set[str](), set(slugs)
    while frontier:
        kept |= frontier
        frontier = {broad for slug in frontier for broad in by_slug[slug].broader} - kept
    return tuple(entry for entry in entries if entry.slug in kept)
