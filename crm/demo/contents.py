"""The demo's tables, read from `data/*.toml` into typed rows."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
AREAS = ("life", "computing", "energy", "materials")
Language = str  # "en" or "ru"


@dataclass(frozen=True, slots=True)
class ThesisParts:
    """Sentences from which the theses of a lab are put together."""

    subjects: Sequence[str]
    contexts: Sequence[str]
    methods: Sequence[str]
    results: Sequence[str]
    outcomes: Sequence[str]


@dataclass(frozen=True, slots=True)
class LabContents:
    slug: str
    area: str
    name: str
    description: str
    programmes: Sequence[str]
    collaborators: Sequence[str]
    skills: Sequence[str]
    side_skills: Sequence[str]
    parts: Mapping[Language, ThesisParts]


@dataclass(frozen=True, slots=True)
class NameGroup:
    weight: int
    spelling: str
    languages: Mapping[str, str]
    home: Sequence[str]
    male: Sequence[str]
    female: Sequence[str]
    family: Sequence[str]
    family_first_joined: bool = False


@dataclass(frozen=True, slots=True)
class ProfileTexts:
    angles: Sequence[str]
    aims: Sequence[str]
    who: Mapping[str, Sequence[str]]
    """Degree -> what one is called while studying, and afterwards."""
    headlines: Sequence[str]
    openings: Sequence[str]
    strengths: Sequence[str]
    wishes: Sequence[str]
    projects: Sequence[str]
    publications: Sequence[str]
    defence: str
    publication: str
    recommendation: str
    evaluation: str


@dataclass(frozen=True, slots=True)
class ConsentKind:
    name: str
    students: int
    """Out of a hundred."""
    grants: Sequence[Mapping[str, Any]]
    blocks_one: bool = False


@dataclass(frozen=True, slots=True)
class Contents:
    labs: Sequence[LabContents]
    names: Sequence[NameGroup]
    texts: Mapping[Language, ProfileTexts]
    skill_names: Mapping[str, Mapping[Language, str]]
    consents: Sequence[ConsentKind]
    programmes: Mapping[str, Mapping[str, Any]]
    partners: Mapping[str, Mapping[str, Any]]
    professors: Sequence[Mapping[str, Any]]
    users: Sequence[Mapping[str, Any]]


@cache
def contents() -> Contents:
    """All tables; read once."""
    return Contents(
        labs=tuple(_lab(area, slug, row) for area in AREAS for slug, row in _read(f"labs/{area}").items()),
        names=tuple(NameGroup(**row) for row in _read("names").values()),
        texts={language: ProfileTexts(**row) for language, row in _read("texts").items()},
        skill_names=_read("skills"),
        consents=tuple(ConsentKind(**row) for row in _read("consents")["kind"]),
        programmes=_read("programmes"),
        partners=_read("partners"),
        professors=_read("professors")["professor"],
        users=_read("users")["user"],
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def _lab(area: str, slug: str, row: dict[str, Any]) -> LabContents:
    parts = {language: ThesisParts(**row.pop(language)) for language in ("en", "ru")}
    return LabContents(slug=slug, area=area, parts=parts, **row)
