"""Labs, programmes, cities and skills as one immutable snapshot in memory.

Names are resolved and labels shown from here, without joins. Each process reads it anew when the stamp in the
database moved.
"""

import uuid
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter

from django.db.models import Model

from crm.models import BroaderSkill, City, Lab, Programme, ReferenceVersion, Skill, SkillAlias
from crm.text import fold, lab_key

Stamp = tuple[uuid.UUID, uuid.UUID]
"""Of all reference data, and of the skills."""


@dataclass(frozen=True, slots=True)
class Entry:
    pk: int
    public_id: uuid.UUID
    slug: str
    label: str
    names: tuple[str, ...] = ()
    ambiguous: frozenset[str] = frozenset()
    """Of its names, folded, those that mean something else as well."""
    offered: bool = True
    """Whether somebody who types its beginning shall see it."""

    @property
    def every_label(self) -> str:
        """Its names, for somebody who reads or looks for any of them."""
        return " / ".join(dict.fromkeys(filter(None, (self.label, *self.names))))

    @property
    def every_name(self) -> Iterable[str]:
        return filter(None, (self.slug, str(self.public_id), self.label, *self.names))


@dataclass(frozen=True, slots=True)
class Names:
    """The entries of one kind, by primary key and under every name they are known by."""

    by_pk: Mapping[int, Entry]
    by_name: Mapping[str, Entry]
    beginnings: Sequence[tuple[str, int, int]]
    """(the rest of a name from one of its words on, 0 for the whole of a label, 1 for that of another name, else 2,
    primary key), sorted."""

    def starting(self, prefix: str) -> dict[int, int]:
        """Entries with a name in which a word, and what follows it, begins so -> 0, 1 or 2 as in `beginnings`.

        In the order of those names.
        """
        key = fold(prefix)
        found: dict[int, int] = {}
        for rest, rank, pk in islice(self.beginnings, bisect_left(self.beginnings, key, key=itemgetter(0)), None):
            if not rest.startswith(key):
                break
            found[pk] = min(rank, found.get(pk, rank))
        return found

    def find(self, text: str) -> Entry | None:
        """By slug, public id, label or alias; case and accents do not matter."""
        return self.by_name.get(text) or self.by_name.get(fold(text))


@dataclass(frozen=True, slots=True)
class Labs(Names):
    def find(self, text: str) -> Entry | None:
        return Names.find(self, text) or self.by_name.get(lab_key(text))


@dataclass(frozen=True, slots=True)
class Reference:
    stamp: Stamp | None
    labs: Names
    programmes: Names
    cities: Names
    skills: Names
    broader: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Skill -> itself and all its broader skills."""
    nearby: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Skill -> itself and what is up to two steps broader."""
    breadth: Mapping[int, int] = field(default_factory=dict)
    """Skill -> how many skills there are below it, itself counted."""


_snapshot: Reference | None = None


def current() -> Reference:
    """The snapshot; costs one query while nothing changed. Without a stamp it is read anew each time."""
    global _snapshot
    stamp = ReferenceVersion.objects.values_list("stamp", "skills").first()
    if _snapshot is None or stamp is None or _snapshot.stamp != stamp:
        _snapshot = _read(stamp, _snapshot)
    return _snapshot


def touch(*, skills: bool) -> None:
    """Called by actions in the transaction that changes reference data; `skills` says whether those changed."""
    names = ("stamp", "skills") if skills else ("stamp",)
    ReferenceVersion.objects.update_or_create(id=1, defaults={name: uuid.uuid4() for name in names})


def wait_for_turn() -> None:
    """Until the transaction ends, nobody else takes names: whoever comes later sees those taken by then."""
    ReferenceVersion.objects.select_for_update().get_or_create(id=1)


def names_taken(model: type[Model]) -> list[tuple[str, Entry]]:
    """(folded name, the record of this kind that has it), read from the database; labs by lab_key."""
    key = lab_key if model is Lab else fold
    return [(key(name), entry) for entry in ENTRIES[model]() for name in entry.every_name]


def _labs() -> Iterable[Entry]:
    return (Entry(x.pk, x.public_id, x.slug, x.name, (x.name_key,)) for x in Lab.objects.all())


def _programmes() -> Iterable[Entry]:
    return (Entry(x.pk, x.public_id, x.slug, x.name, tuple(x.aliases)) for x in Programme.objects.all())


def _cities() -> Iterable[Entry]:
    return (Entry(x.pk, x.public_id, x.slug, x.name, (x.name_ru, *x.aliases)) for x in City.objects.all())


def _skills() -> Iterable[Entry]:
    aliases: dict[int, list[tuple[str, str, bool]]] = defaultdict(list)
    rows = SkillAlias.objects.order_by("name").values_list("skill_id", "name", "key", "ambiguous")
    for owner, name, key, unclear in rows:
        aliases[owner].append((name, key, unclear))
    for pk, public_id, slug, label, label_ru, obsolete in Skill.objects.values_list(
        "pk", "public_id", "slug", "label", "label_ru", "obsolete"
    ):
        own = aliases[pk]
        ambiguous = frozenset(key for _, key, unclear in own if unclear)
        yield Entry(pk, public_id, slug, label, (label_ru, *(name for name, _, _ in own)), ambiguous, not obsolete)


ENTRIES: Mapping[type[Model], Callable[[], Iterable[Entry]]] = {
    Lab: _labs,
    Programme: _programmes,
    City: _cities,
    Skill: _skills,
}


def _read(stamp: Stamp | None, before: Reference | None) -> Reference:
    same = before and before.stamp and stamp and before.stamp[1] == stamp[1]
    if before and same:
        skills, broader, nearby, breadth = before.skills, before.broader, before.nearby, before.breadth
    else:
        above = _above()
        skills, broader, nearby = Names(*_index(_skills())), _closure(above), _nearby(above)
        breadth = Counter(skill for itself_and_above in broader.values() for skill in itself_and_above)
    return Reference(
        stamp=stamp,
        labs=Labs(*_index(_labs())),
        programmes=Names(*_index(_programmes())),
        cities=Names(*_index(_cities())),
        skills=skills,
        broader=broader,
        nearby=nearby,
        breadth=breadth,
    )


def _index(entries: Iterable[Entry]) -> tuple[dict[int, Entry], dict[str, Entry], list[tuple[str, int, int]]]:
    """Slugs and ids win over labels, labels over aliases. A name that is ambiguous and has two owners names neither."""
    kept = list(entries)
    owners = Counter(key for entry in kept for key in entry.ambiguous)
    by_name: dict[str, Entry] = {}
    for entry in kept:
        by_name |= {entry.slug: entry, str(entry.public_id): entry}
    for entry in kept:
        by_name.setdefault(fold(entry.label), entry)
    for entry in kept:
        for key in map(fold, filter(None, entry.names)):
            if owners[key] < 2:
                by_name.setdefault(key, entry)
    return {entry.pk: entry for entry in kept}, by_name, sorted(_beginnings(kept))


def _beginnings(entries: Iterable[Entry]) -> Iterable[tuple[str, int, int]]:
    for entry in (entry for entry in entries if entry.offered):
        labels = set(map(fold, (entry.label, *entry.names[:1])))
        for name in labels.union(map(fold, entry.names)) - {""}:
            words = name.split()
            for place in range(len(words)):
                yield " ".join(words[place:]), 2 if place else int(name not in labels), entry.pk


def _above() -> dict[int, set[int]]:
    """Skill -> the skills just above it."""
    above: dict[int, set[int]] = {pk: set() for pk in Skill.objects.values_list("pk", flat=True)}
    for narrow, broad in BroaderSkill.objects.values_list("narrow_id", "broad_id"):
        above.setdefault(narrow, set()).add(broad)
    return above


def _nearby(above: Mapping[int, set[int]]) -> dict[int, frozenset[int]]:
    return {
        pk: frozenset({pk, *broad, *(higher for each in broad for higher in above.get(each, ()))})
        for pk, broad in above.items()
    }


def _closure(above: Mapping[int, set[int]]) -> dict[int, frozenset[int]]:
    def climb(pk: int, seen: frozenset[int]) -> frozenset[int]:
        for broad in above.get(pk, set()) - seen:
            seen = climb(broad, seen | {broad})
        return seen

    return {pk: climb(pk, frozenset({pk})) for pk in above}
