"""Reads the vocabulary's files."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from search.vocabulary.checks import check
from search.vocabulary.entries import SkillEntry, VocabularyError

DATA = Path(__file__).parent / "data"


def version(folder: Path = DATA) -> str:
    """A digest of the files."""
    texts = b"".join(path.read_bytes() for path in sorted(folder.glob("*.toml")))
    return hashlib.blake2b(texts, digest_size=16).hexdigest()


def read(folder: Path = DATA) -> tuple[SkillEntry, ...]:
    """All skills of the folder's TOML files, in the order of the files' names and of the tables in them.

    A broader skill may come after a narrower one. Raises VocabularyError for a file that cannot be read.
    """
    entries = tuple(entry for path in sorted(folder.glob("*.toml")) for entry in _read(path))
    if not entries:
        raise VocabularyError(f"No skills in {folder.name}.")
    return entries


def load(folder: Path = DATA) -> tuple[SkillEntry, ...]:
    """The same, checked: raises VocabularyError where a file breaks a rule. The shipped files are checked by a test."""
    entries = read(folder)
    check(entries)
    return entries


def _read(path: Path) -> Iterator[SkillEntry]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        yield from [_entry(slug, path.stem, table) for slug, table in tables.items()]
    except (tomllib.TOMLDecodeError, AttributeError, KeyError, TypeError) as error:
        raise VocabularyError(f"{path.name}: {error!r}") from error


def _entry(slug: str, domain: str, table: Mapping[str, Any]) -> SkillEntry:
    if unknown := set(table) - {"label", "aliases", "ambiguous", "broader"}:
        raise KeyError(f"'{slug}' has unknown keys: {', '.join(sorted(unknown))}")
    return SkillEntry(
        slug=slug,
        domain=domain,
        label_en=table["label"].get("en", ""),
        label_ru=table["label"].get("ru", ""),
        aliases_en=tuple(table["aliases"]["en"]),
        aliases_ru=tuple(table["aliases"]["ru"]),
        broader=tuple(table["broader"]),
        ambiguous=tuple(table.get("ambiguous", ())),
    )
