"""Skill claims of a student, and the evidence behind some of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from crm.demo.contents import LabContents, ProfileTexts
from crm.demo.studies import Studies
from crm.demo.theses import Thesis
from crm.demo.world import DemoClaim, DemoEvidence, DemoProfessor, DemoPublication

_COMMON = (
    "teamwork",
    "scientific-writing",
    "presentation",
    "project-management",
    "teaching",
    "data-analysis",
    "git",
    "data-visualisation",
    "laboratory-safety",
    "science-communication",
    "training-delivery",
    "research-ethics",
)
_LEVELS = {"bachelor": (2, 4, 3, 1, 0), "master": (1, 2, 4, 3, 1), "phd": (0, 1, 3, 4, 3)}
"""Degree -> weights of the levels 1 to 5."""


@dataclass(frozen=True, slots=True)
class Backing:
    """What a student's evidence may refer to."""

    studies: Studies
    thesis: Thesis
    publications: Sequence[DemoPublication]
    supervisors: Sequence[DemoProfessor]
    lab_names: Mapping[str, str]
    texts: ProfileTexts
    today: date


def draw_skills(lab: LabContents, rng: Random) -> list[str]:
    """Slugs, the ones most typical of the lab first and most often."""
    core = _sample(lab.skills, rng.randint(3, 6), rng)
    side = _sample(lab.side_skills, rng.randint(1, 3), rng)
    return list(dict.fromkeys([*core, *side, *rng.sample(_COMMON, rng.choice((0, 1, 1, 2)))]))


def draw_claims(skills: Sequence[str], backing: Backing, rng: Random) -> tuple[DemoClaim, ...]:
    weights = _LEVELS[backing.studies.degree]
    levels = [rng.choices(range(1, 6), weights=weights)[0] for _ in skills]
    levels[0] = max(levels[0], min(5, levels[0] + 1), 3)
    return tuple(
        DemoClaim(skill, level, tuple(_evidence(backing, rng)) if place < 5 else ())
        for place, (skill, level) in enumerate(zip(skills, levels, strict=True))
    )


def _sample(skills: Sequence[str], count: int, rng: Random) -> list[str]:
    """Without repetition; the first of `skills` are about four times as likely as the last."""
    keyed = {skill: rng.random() ** (1 / (len(skills) + 2 - place)) for place, skill in enumerate(skills)}
    chosen = sorted(skills, key=keyed.__getitem__, reverse=True)[:count]
    return sorted(chosen, key=skills.index)


def _evidence(backing: Backing, rng: Random) -> Iterator[DemoEvidence]:
    texts, studies = backing.texts, backing.studies
    if studies.is_graduate and rng.random() < 0.35:
        yield _piece("defence", texts.defence.format(title=backing.thesis.title), studies.defence, rng)
    for publication in backing.publications:
        if rng.random() < 0.4:
            day = min(date(publication.year, 10, 15), backing.today)
            yield _piece("publication", texts.publication.format(title=publication.title), day, rng)
    if backing.supervisors and rng.random() < 0.12:
        professor = rng.choice(backing.supervisors)
        title = texts.recommendation.format(professor=professor.name, lab=backing.lab_names[professor.lab])
        yield _piece("recommendation", title, backing.today - timedelta(days=rng.randint(20, 300)), rng)
    summer = date(min(studies.graduation.year, backing.today.year) - 1, 8, 30)
    if summer > studies.starts and rng.random() < 0.08:
        yield _piece("evaluation", texts.evaluation, summer, rng)


def _piece(kind: str, title: str, day: date, rng: Random) -> DemoEvidence:
    return DemoEvidence(kind=kind, title=title[:300], date=day, shared=rng.random() < 0.6)
