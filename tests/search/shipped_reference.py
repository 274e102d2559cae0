"""The shipped skills as a snapshot of reference data, made without a database; and two labs."""

import uuid
from functools import lru_cache

from crm.reference import Entry, Labs, Names, Reference, _closure, _index, _nearby
from crm.text import fold
from search.vocabulary import read

LABS = {"genome-editing": "Genome Editing", "quantum-optics": "Quantum Optics"}


@lru_cache
def shipped() -> Reference:
    entries = read()
    keys = {entry.slug: pk for pk, entry in enumerate(entries, 1)}
    skills = [
        Entry(
            keys[e.slug],
            uuid.UUID(int=keys[e.slug]),
            e.slug,
            e.label_en,
            (e.label_ru, *e.aliases),
            frozenset(map(fold, e.ambiguous)),
        )
        for e in entries
    ]
    labs = [Entry(pk, uuid.UUID(int=10**6 + pk), *pair) for pk, pair in enumerate(LABS.items(), 1)]
    above = {keys[e.slug]: {keys[broad] for broad in e.broader} for e in entries}
    return Reference(
        stamp=None,
        labs=Labs(*_index(labs)),
        programmes=Names(*_index([])),
        cities=Names(*_index([])),
        skills=Names(*_index(skills)),
        broader=_closure(above),
        nearby=_nearby(above),
    )


def pk(slug: str) -> int:
    return shipped().skills.by_name[slug].pk


def slugs(keys: object) -> set[str]:
    return {shipped().skills.by_pk[key].slug for key in keys}  # type: ignore[attr-defined]
