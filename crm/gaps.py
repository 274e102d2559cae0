"""The gap report: skills, labs and languages that were searched for, and of which few were found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum

from crm import reference
from crm.access import require
from crm.models import User, WishCount, WishKind
from crm.reference import Names

LEAST = 5
"""Of fewer searches in a month nothing is said: they might tell who searched."""


@dataclass(frozen=True)
class Gap:
    kind: str
    value: str
    name: str
    searches: int
    few: int

    @property
    def share(self) -> float:
        return round(self.few / self.searches, 4)


def gaps(*, by: User, first: date | None = None, last: date | None = None) -> list[Gap]:
    """What few were found of in the months from that of one day to that of another; what was missed most often first.

    A month in which it was searched for less than LEAST times counts for nothing, so that no two reports differ by it.
    """
    require(by, "report.view")
    cells = WishCount.objects.filter(_between(first, last), searches__gte=LEAST)
    sums = cells.values("kind", "key").annotate(all=Sum("searches"), missed=Sum("few")).filter(missed__gt=0)
    named = _names()
    found = [Gap(r["kind"], r["key"], _name(named, r["kind"], r["key"]), r["all"], r["missed"]) for r in sums]
    return sorted(found, key=lambda gap: (-gap.few, gap.kind, gap.value))


def _between(first: date | None, last: date | None) -> Q:
    wanted = Q()
    if first:
        wanted &= Q(month__gte=first.replace(day=1))
    return wanted & Q(month__lte=last) if last else wanted


def _names() -> Mapping[str, Names]:
    known = reference.current()
    return {WishKind.SKILL: known.skills, WishKind.LAB: known.labs}


def _name(named: Mapping[str, Names], kind: str, key: str) -> str:
    entry = named[kind].by_name.get(key) if kind in named else None
    return entry.label if entry else key
