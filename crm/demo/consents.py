"""Who allows what: each kind of consent in its share of the students."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from crm.demo.contents import ConsentKind
from crm.demo.world import DemoConsent

_SOURCES = ("signed form", "own profile page", "signed form at the career day")


@dataclass(frozen=True, slots=True)
class Decision:
    consents: tuple[DemoConsent, ...]
    blocks: tuple[str, ...]
    """Slugs of blocked partners."""


def draw_decisions(
    kinds: Sequence[ConsentKind], *, students: int, partners: Sequence[str], today: date, rng: Random
) -> list[Decision]:
    """One decision a student, the most open one for the first. `partners` are slugs of active partners."""
    drawn = [kind for kind in kinds for _ in range(_share(kind, kinds, students))]
    rng.shuffle(drawn)
    first = max(range(students), key=lambda place: _openness(drawn[place]))
    drawn[0], drawn[first] = drawn[first], drawn[0]
    return [_decide(kind, partners[place % len(partners)], today, rng) for place, kind in enumerate(drawn)]


def _share(kind: ConsentKind, kinds: Sequence[ConsentKind], students: int) -> int:
    """Whole students; what rounding leaves goes to the first kind."""
    share = students * kind.students // 100
    if kind is kinds[0]:
        share += students - sum(students * each.students // 100 for each in kinds)
    return share


def _openness(kind: ConsentKind) -> tuple[bool, int]:
    lasting = [grant for grant in kind.grants if grant["partner"] == "*" and "withdrawn" not in grant]
    return len(kind.grants) == 1 and not kind.blocks_one, sum(len(grant["scopes"]) for grant in lasting)


def _decide(kind: ConsentKind, partner: str, today: date, rng: Random) -> Decision:
    return Decision(tuple(_consents(kind, partner, today, rng)), (partner,) if kind.blocks_one else ())


def _consents(kind: ConsentKind, partner: str, today: date, rng: Random) -> Iterator[DemoConsent]:
    for grant in kind.grants:
        granted = today - timedelta(days=grant["granted"] + rng.randrange(20))
        yield DemoConsent(
            partner=partner if grant["partner"] == "one" else None,
            scopes=tuple(grant["scopes"]),
            granted=granted,
            expires=today + timedelta(days=grant["expires"]) if "expires" in grant else None,
            withdrawn=today - timedelta(days=grant["withdrawn"]) if "withdrawn" in grant else None,
            source=f"{rng.choice(_SOURCES)}, {granted.isoformat()}",
        )
