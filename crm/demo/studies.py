"""When and where a student studied: degree, graduation, time in labs, supervisors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from crm.demo.contents import LabContents
from crm.demo.world import DemoMembership, DemoProfessor, DemoSupervision

_Key = TypeVar("_Key")

_DEGREES = {"bachelor": 20, "master": 60, "phd": 20}
_YEARS_IN_LAB = {"bachelor": 1, "master": 2, "phd": 4}
_GRADUATES_IN = {-5: 6, -4: 8, -3: 11, -2: 14, -1: 17, 0: 20, 1: 16, 2: 8}
"""Years from today's -> weight."""


@dataclass(frozen=True, slots=True)
class Studies:
    programme: str
    degree: str
    starts: date
    graduation: date
    defence: date
    is_graduate: bool
    memberships: tuple[DemoMembership, ...]
    supervisions: tuple[DemoSupervision, ...]


def draw_studies(
    *,
    lab: LabContents,
    labs: Mapping[str, LabContents],
    professors: Mapping[str, Sequence[DemoProfessor]],
    today: date,
    rng: Random,
) -> Studies:
    """`professors` are those of each lab, by its slug."""
    degree = _weighted(_DEGREES, rng)
    graduation = _graduation(degree, today.year + _weighted(_GRADUATES_IN, rng), rng)
    starts = date(graduation.year - _YEARS_IN_LAB[degree], 9, 1) + timedelta(days=rng.randrange(30))
    starts = min(starts, today - timedelta(days=20 + rng.randrange(40)))
    is_graduate = graduation <= today
    ends = graduation if is_graduate and rng.random() > 0.08 else None
    memberships = (*_other_labs(lab, labs, starts, ends, today, rng), DemoMembership(lab.slug, starts, ends))
    return Studies(
        programme=rng.choices(lab.programmes, weights=[4, 1][: len(lab.programmes)])[0],
        degree=degree,
        starts=starts,
        graduation=graduation,
        defence=graduation - timedelta(days=rng.randint(10, 25)),
        is_graduate=is_graduate,
        memberships=memberships,
        supervisions=_supervisions(lab, memberships, professors, graduation if is_graduate else None, rng),
    )


def _weighted(weights: Mapping[_Key, int], rng: Random) -> _Key:
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def _graduation(degree: str, year: int, rng: Random) -> date:
    if degree == "phd":
        return rng.choice((date(year, 1, 31), date(year, 6, 30), date(year, 11, 30)))
    return date(year, 6, 30)


def _other_labs(
    lab: LabContents,
    labs: Mapping[str, LabContents],
    starts: date,
    ends: date | None,
    today: date,
    rng: Random,
) -> tuple[DemoMembership, ...]:
    """Now and then an earlier lab, or a collaborating one at the same time."""
    chance = rng.random()
    if chance < 0.15:
        earlier = rng.choice(sorted(set(labs) - {lab.slug}))
        return (DemoMembership(earlier, starts - timedelta(days=365), starts - timedelta(days=1)),)
    second = starts + timedelta(days=60 + rng.randrange(90))
    if chance < 0.30 and second < min(ends or today, today):
        return (DemoMembership(rng.choice(lab.collaborators), second, ends),)
    return ()


def _supervisions(
    lab: LabContents,
    memberships: Sequence[DemoMembership],
    professors: Mapping[str, Sequence[DemoProfessor]],
    ends: date | None,
    rng: Random,
) -> tuple[DemoSupervision, ...]:
    """One supervisor of the student's lab and, for some, a second: of the same lab or of their other one."""
    starts = memberships[-1].starts
    chosen = [rng.choice(professors[lab.slug])]
    shared = len(memberships) > 1 and memberships[0].ends == memberships[-1].ends
    if rng.random() < (0.8 if shared else 0.15):
        chosen.append(rng.choice(professors[memberships[0].lab]))
    spans = {one.key: max(starts, one.since) for one in chosen}
    return tuple(DemoSupervision(key, since, ends) for key, since in spans.items() if ends is None or since < ends)
