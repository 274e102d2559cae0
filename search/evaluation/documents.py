"""The search documents of a collection: each profile as a student's is for the university."""

from collections.abc import Iterator
from itertools import islice

from crm.reference import Entry, Reference
from search.analysis import plain
from search.engines.contract import Document, Engine, StudentDocuments
from search.evaluation.collection import Collection, Profile
from search.fields import FOR_EVER, FULL, PARTNERS
from search.projections import finished, mentions, skill_tokens

BATCH = 500
UNUSED = (
    *("lab", "programme", "degree", "city", "language", "language_level", "graduation_year"),
    *("current_lab", "current_supervisor"),
)
"""Fields of tokens of which a collection says nothing."""


def write(engine: Engine, collection: Collection, known: Reference, *, in_texts: bool) -> list[str]:
    """Makes the engine's index anew of the collection; returns the ids, the first of which is student 1.

    Profiles are read in batches, so that it does not matter how many there are.
    """
    ids: list[str] = []
    profiles = iter(collection.profiles)
    with engine.rebuilding() as writer:
        while batch := list(islice(profiles, BATCH)):
            made = [_student(len(ids) + place, one, known, in_texts) for place, one in enumerate(batch, 1)]
            ids += [profile.id for profile in batch]
            writer.write(made)
    return ids


def _student(pk: int, profile: Profile, known: Reference, in_texts: bool) -> StudentDocuments:
    return StudentDocuments(pk, 1, {FULL: {0: _document(pk, profile, known, in_texts)}, PARTNERS: {}})


def whole_texts(collection: Collection, known: Reference) -> Iterator[tuple[str, str]]:
    """(id, all words of a profile), for the plain search."""
    for one in collection.profiles:
        skills = (entry.label for entry in _claimed(one, known))
        yield one.id, "\n".join([*one.names, one.headline, one.thesis_title, *skills, *one.texts])


def _claimed(profile: Profile, known: Reference) -> list[Entry]:
    return [known.skills.by_name[slug] for slug in profile.claims if slug in known.skills.by_name]


def _document(pk: int, profile: Profile, known: Reference, in_texts: bool) -> Document:
    claimed = _claimed(profile, known)
    claims = {entry.pk: profile.claims[entry.slug] for entry in claimed}
    backed = {entry.pk: profile.claims[entry.slug] for entry in claimed if entry.slug in profile.evidenced}
    written = [profile.headline, profile.thesis_title, *profile.texts]
    return finished(
        {
            "student": pk,
            "id": f"{pk:032x}",
            "level": 0,
            "names": profile.names,
            "sounds": profile.names,
            "name": plain(" ".join(profile.names)),
            "number": [],
            "headline": [profile.headline],
            "thesis_title": [profile.thesis_title],
            "skills": [entry.label for entry in claimed],
            "affiliation": [],
            "texts": list(profile.texts),
            **mentions(written if in_texts else (), list(claims), known),
            **skill_tokens("skill", claims, known),
            **skill_tokens("evidenced", backed, known),
            "claimed": [str(entry.pk) for entry in claimed],
            **{name: [] for name in UNUSED},
            "placed": ["false"],
            "valid_until": FOR_EVER,
            "graduation": 0,
            "available": None,
            "updated": 0,
        }
    )
