"""A random university in plain facts, and the documents that stand for its students."""

import random
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from search.engines.contract import Document, StudentDocuments
from search.projections import _finish
from tests.search.contract.facts import (
    CITIES,
    DAY,
    DEGREES,
    EVALUATED,
    FOR_EVER,
    LABS,
    LANGUAGES,
    NAME_SPELLINGS,
    NOW,
    PROFESSORS,
    PROFILE,
    PROGRAMMES,
    QUILLWAVE,
    SKILLS,
    SPELLINGS,
    TEXT_SPELLINGS,
    VERESK,
    YEARS,
    broader,
    pk_of,
    with_broader,
)


@dataclass(frozen=True, kw_only=True)
class Person:
    pk: int
    public_id: uuid.UUID
    given: str = "Anna"
    family: str = "Müller"
    native: str = ""
    headline: str = ""
    thesis_title: str = ""
    texts: tuple[str, ...] = ()
    skills: dict[str, int] = field(default_factory=dict)
    mentioned: tuple[str, ...] = ()
    """Skills that texts name, whatever their words."""
    evidence: dict[str, str] = field(default_factory=dict)
    """Skill -> "shared" with partners, or "internal"."""
    labs: frozenset[str] = frozenset()
    current_labs: frozenset[str] = frozenset()
    supervisors: frozenset[int] = frozenset()
    programme: str = ""
    degree: str = ""
    cities: frozenset[str] = frozenset()
    languages: dict[str, int] = field(default_factory=dict)
    graduation: date | None = None
    available: date | None = None
    placed: bool = False
    updated: int = NOW
    levels: dict[int | None, int] = field(default_factory=dict)
    """Partner -> what it may read; None stands for every partner that is not named."""
    partners_until: int = FOR_EVER
    professors_until: int = FOR_EVER

    @property
    def number(self) -> str:
        return f"S-{self.pk:04}"


def _some(chance: random.Random, options: object, most: int) -> list[str]:
    kept = list(options)  # type: ignore[call-overload]
    return chance.sample(kept, chance.randint(0, min(most, len(kept))))


def _text(chance: random.Random, longest: int) -> str:
    return " ".join(chance.choices(TEXT_SPELLINGS, k=chance.randint(0, longest)))


def person(chance: random.Random, pk: int) -> Person:
    """Many equal values of what is sorted by, many missing ones."""
    skills = {slug: chance.randint(1, 5) for slug in _some(chance, SKILLS, 4)}
    labs = frozenset(_some(chance, LABS, 3))
    return Person(
        pk=pk,
        public_id=uuid.UUID(int=chance.getrandbits(128), version=4),
        given=chance.choice(NAME_SPELLINGS),
        family=chance.choice(NAME_SPELLINGS),
        native=chance.choice(["", "Иван Ёлкин"]),
        headline=_text(chance, 4),
        thesis_title=_text(chance, 6),
        texts=tuple(_text(chance, 8) for _ in range(chance.randint(0, 3))),
        skills=skills,
        evidence={slug: chance.choice(["shared", "internal"]) for slug in skills if chance.random() < 0.4},
        labs=labs,
        current_labs=frozenset(_some(chance, sorted(labs), 2)),
        supervisors=frozenset(_some(chance, PROFESSORS, 1)),  # type: ignore[arg-type]
        programme=chance.choice(["", *PROGRAMMES]),
        degree=chance.choice(DEGREES),
        cities=frozenset(_some(chance, CITIES, 3)),
        languages={code: chance.randint(1, 6) for code in _some(chance, LANGUAGES, 3)},
        graduation=chance.choice([None, *(date(year, 6, day) for year in YEARS for day in (29, 30))]),
        available=chance.choice([None, date(2027, 1, 1) + timedelta(days=chance.randint(0, 9))]),
        placed=chance.random() < 0.15,
        updated=NOW - chance.choice([0, 1, 2, DAY, 2 * DAY, chance.randint(0, 99 * DAY)]),
        levels=_levels(chance),
        partners_until=chance.choice([FOR_EVER, FOR_EVER, NOW - 1, NOW, NOW + 1, NOW + DAY]),
        professors_until=chance.choice([FOR_EVER, FOR_EVER, NOW - 1, NOW, NOW + 1]),
        mentioned=tuple(_some(chance, SKILLS, 2)),
    )


def _levels(chance: random.Random) -> dict[int | None, int]:
    if chance.random() < 0.25:
        return {}
    named = {partner: chance.choice([0, PROFILE, EVALUATED]) for partner in (VERESK, QUILLWAVE)}
    kept: dict[int | None, int] = {partner: level for partner, level in named.items() if chance.random() < 0.6}
    return kept | {None: chance.choice([0, PROFILE, EVALUATED])}


@lru_cache
def people(count: int = 300, seed: int = 3) -> tuple[Person, ...]:
    chance = random.Random(seed)
    made = [person(chance, pk) for pk in range(1, count + 1)]
    return tuple(made)


def documents(person: Person, version: int = 1) -> StudentDocuments:
    """In the shape that search/projections.py gives them."""
    common = _common(person)
    full = {
        **common,
        **_skill_tokens("evidenced", {slug: person.skills[slug] for slug in person.evidence}, any_evidence=True),
        "level": 0,
        "number": [person.number],
        "valid_until": person.professors_until,
        "current_lab": [str(pk_of(LABS, slug)) for slug in sorted(person.current_labs)],
        "current_supervisor": [str(pk) for pk in sorted(person.supervisors)],
    }
    partners = {level: _for_partners(person, common, level) for level in (PROFILE, EVALUATED)}
    return StudentDocuments(person.pk, version, {"full": {0: _finish({}, full)}, "partners": partners})


def removal(person: Person, version: int) -> StudentDocuments:
    return StudentDocuments(person.pk, version, {"full": {0: None}, "partners": {PROFILE: None, EVALUATED: None}})


def _for_partners(person: Person, common: dict[str, object], level: int) -> Document | None:
    named = {partner: given for partner, given in person.levels.items() if partner is not None}
    audience = [str(partner) for partner, given in named.items() if given == level]
    audience += ["all"] if person.levels.get(None) == level else []
    if not audience:
        return None
    shared = {slug: person.skills[slug] for slug, how in person.evidence.items() if how == "shared"}
    return _finish(
        {},
        {
            **common,
            **(_skill_tokens("evidenced", shared, any_evidence=True) if level == EVALUATED else {}),
            "level": level,
            "valid_until": person.partners_until,
            "audience": audience,
            "kept_out": [str(partner) for partner, given in named.items() if given != level],
        },
    )


def _common(person: Person) -> dict[str, object]:
    languages = person.languages.items()
    return {
        "student": person.pk,
        "id": person.public_id.hex,
        "names": [person.given, person.family, person.native],
        "sounds": [person.given, person.family, person.native],
        "name": name_key(person),
        "headline": [person.headline],
        "skills": [SKILLS[slug][0] for slug in person.skills],
        "thesis_title": [person.thesis_title],
        "affiliation": [LABS[slug] for slug in sorted(person.labs)] + [PROGRAMMES.get(person.programme, "")],
        "texts": list(person.texts),
        "mentioned": " ".join(str(pk_of(SKILLS, slug)) for slug in person.mentioned),
        "mentioned_narrower": " ".join(
            str(pk_of(SKILLS, above)) for slug in person.mentioned for above in sorted(broader(slug) - {slug})
        ),
        "claimed": [str(pk_of(SKILLS, slug)) for slug in person.skills],
        "lab": [str(pk_of(LABS, slug)) for slug in sorted(person.labs)],
        "programme": [str(pk_of(PROGRAMMES, person.programme))] if person.programme else [],
        "degree": [person.degree] if person.degree else [],
        "city": [str(pk_of(CITIES, slug)) for slug in sorted(person.cities)],
        "language": list(person.languages),
        "language_level": [f"{code}>{step}" for code, level in languages for step in range(1, level + 1)],
        **_skill_tokens("skill", person.skills),
        **_skill_tokens("evidenced", {}),
        "graduation_year": [str(person.graduation.year)] if person.graduation else [],
        "graduation": person.graduation.toordinal() if person.graduation else 0,
        "available": person.available.toordinal() if person.available else None,
        "placed": ["true" if person.placed else "false"],
        "updated": person.updated,
    }


def name_key(person: Person) -> str:
    """Both names in their folded forms, which order the sort by name."""
    return " ".join({"d'Arc": "d'arc"}.get(name) or SPELLINGS[name][0][0] for name in (person.given, person.family))


def _skill_tokens(name: str, skills: dict[str, int], *, any_evidence: bool = False) -> dict[str, list[str]]:
    best = {str(pk_of(SKILLS, slug)): level for slug, level in with_broader(skills).items()}
    steps = [f"{pk}>{step}" for pk, level in best.items() for step in range(1, level + 1)]
    return {name: [*best, "any"] if best and any_evidence else list(best), f"{name}_level": steps}
