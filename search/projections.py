"""A student -> the documents that stand for them, one per audience, each holding only what its audience may read.

Contact details, internal notes and what is addressed to one partner are in no document.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import orjson
from django.utils import timezone

from crm.access import Level, level_of
from crm.clock import end_of
from crm.models import CefrLevel, Period, SkillClaim, Student
from crm.reference import Entry, Reference
from search.analysis import joined, plain
from search.audiences import ALL_PARTNERS
from search.engines.contract import Document, StudentDocuments
from search.fields import (
    ANY_EVIDENCE,
    FOR_EVER,
    FULL,
    PARTNERS,
    WORD_FIELDS,
    Kind,
    day_number,
    level_token,
    milliseconds,
)
from search.ranking import FORMS
from search.recognition import recogniser

RELATED = (
    "consents",
    "blocks",
    "memberships",
    "supervisions",
    "claims__evidence",
    "languages",
    "work_cities",
    "publications",
)
FULL_LEVEL = 0
REMOVED: Mapping[str, Mapping[int, Document | None]] = {
    FULL: {FULL_LEVEL: None},
    PARTNERS: {Level.PROFILE: None, Level.EVALUATED: None},
}
"""What is written for a student who is no more."""


@dataclass(frozen=True, slots=True)
class Projection:
    families: Mapping[str, Mapping[int, Document | None]]
    due_at: datetime | None
    """When time alone changes these documents."""

    def of_version(self, student_id: int, version: int) -> StudentDocuments:
        return StudentDocuments(student_id, version, self.families)


def project(student: Student, known: Reference, now: datetime) -> Projection:
    """The documents of a student loaded with RELATED."""
    common = _analysed(_common(student, known))
    families: dict[str, Mapping[int, Document | None]] = {FULL: {FULL_LEVEL: _finish(common, _full(student, known))}}
    if student.consents.all():
        families[PARTNERS] = {
            level: _finish(common, own) if own else None for level, own in _for_partners(student, known, now)
        }
    return Projection(families, _due_at(student, now))


def _common(student: Student, known: Reference) -> dict[str, Any]:
    """What every audience of the student's profile may read."""
    claims = [claim for claim in student.claims.all() if claim.skill_id in known.skills.by_pk]
    labs = [known.labs.by_pk[m.lab_id] for m in student.memberships.all() if m.lab_id in known.labs.by_pk]
    programme = known.programmes.by_pk.get(student.programme_id or 0)
    home = known.cities.by_pk.get(student.home_city_id or 0)
    names = [student.name, student.native_name]
    texts = [
        student.thesis_abstract,
        student.summary,
        student.projects,
        *(p.title for p in student.publications.all()),
    ]
    return {
        "student": student.pk,
        "id": student.public_id.hex,
        "names": names,
        "sounds": names,
        "name": f"{plain(student.given_name)} {plain(student.family_name)}",
        "headline": [student.headline],
        "skills": [known.skills.by_pk[claim.skill_id].label for claim in claims],
        "thesis_title": [student.thesis_title],
        "affiliation": _affiliation(labs, programme, home),
        "texts": texts,
        **mentions([student.headline, student.thesis_title, *texts], [claim.skill_id for claim in claims], known),
        "lab": sorted({str(lab.pk) for lab in labs}),
        "programme": [str(programme.pk)] if programme else [],
        "claimed": [str(claim.skill_id) for claim in claims],
        "skill": [],
        "skill_level": [],
        "evidenced": [],
        "evidenced_level": [],
        **skill_tokens("skill", {claim.skill_id: claim.level for claim in claims}, known),
        **_facts(student),
    }


def _facts(student: Student) -> dict[str, Any]:
    """What filters and sorts ask for, apart from labs and skills."""
    return {
        "degree": [student.degree] if student.degree else [],
        "city": sorted({str(pk) for pk in (student.home_city_id, *(c.pk for c in student.work_cities.all())) if pk}),
        "language": [language.code for language in student.languages.all()],
        "language_level": [
            t for x in student.languages.all() for t in _levels(x.code, CefrLevel.values.index(x.level) + 1)
        ],
        "graduation_year": [str(student.graduation_date.year)] if student.graduation_date else [],
        "graduation": day_number(student.graduation_date),
        "available": day_number(student.available_from) or None,
        "placed": ["true" if student.placed else "false"],
        "updated": milliseconds(student.updated_at),
    }


def _affiliation(labs: Sequence[Entry], programme: Entry | None, home: Entry | None) -> list[str]:
    """Where somebody belongs to and lives: a city under each of its names."""
    labels = [entry.label for entry in (*labs, programme) if entry]
    return list(dict.fromkeys([*labels, home.every_label if home else ""]))


def mentions(texts: Sequence[str], claimed: Sequence[int], known: Reference) -> dict[str, str]:
    """The skills that the texts name, and the broader ones under which somebody may look for them."""
    found = recogniser(known).skills_in(texts, claimed)
    broader = [above for pk in found for above in known.broader.get(pk, ()) if above != pk]
    return {"mentioned": " ".join(map(str, found)), "mentioned_narrower": " ".join(map(str, broader))}


def _levels(key: int | str, level: int) -> Iterable[str]:
    return (level_token(key, step) for step in range(1, level + 1))


def skill_tokens(name: str, levels: Mapping[int, int], known: Reference) -> dict[str, list[str]]:
    """Tokens of the skills and of all their broader ones, each at the highest level that stands below it."""
    best: dict[int, int] = {}
    for own, level in levels.items():
        for skill in known.broader.get(own, {own}):
            best[skill] = max(best.get(skill, 0), level)
    tokens = [token for skill, level in sorted(best.items()) for token in _levels(skill, level)]
    return {name: [str(skill) for skill in sorted(best)], f"{name}_level": tokens}


def _evidence(claims: Iterable[SkillClaim], known: Reference, *, shared: bool) -> dict[str, list[str]]:
    backed = {claim.skill_id: level for claim in claims if (level := claim.backed(shared_only=shared))}
    tokens = skill_tokens("evidenced", backed, known)
    return tokens | {"evidenced": [*tokens["evidenced"], ANY_EVIDENCE]} if backed else {}


def _full(student: Student, known: Reference) -> dict[str, Any]:
    """What the university reads besides."""
    memberships = [m for m in student.memberships.all() if m.is_current()]
    supervisions = [s for s in student.supervisions.all() if s.is_current()]
    ends = [_end_of(period) for period in (*memberships, *supervisions)]
    return {
        **_evidence(student.claims.all(), known, shared=False),
        "level": FULL_LEVEL,
        "number": [student.number],
        "valid_until": min(map(milliseconds, ends), default=FOR_EVER),
        "current_lab": sorted({str(m.lab_id) for m in memberships}),
        "current_supervisor": sorted({str(s.professor_id) for s in supervisions}),
    }


def _for_partners(student: Student, known: Reference, now: datetime) -> Iterable[tuple[int, dict[str, Any] | None]]:
    """What the two documents of consent add; each names the partners that read at just this level: nobody sees both."""
    consents, blocked = student.consents.all(), {block.partner_id for block in student.blocks.all()}
    named = {c.partner_id for c in consents if c.partner_id} | blocked
    levels = {partner: level_of(consents, blocked, partner, now) for partner in named}
    rest = level_of(consents, blocked, None, now)
    for level in (Level.PROFILE, Level.EVALUATED):
        audience = [str(partner) for partner in sorted(named) if levels[partner] == level]
        everyone = [ALL_PARTNERS] if rest == level else []
        if not audience and not everyone:
            yield level, None
            continue
        ends = [
            c.expires for c in consents if c.is_active(now) and (c.evaluations or level == Level.PROFILE) and c.profile
        ]
        yield (
            level,
            {
                **(_evidence(student.claims.all(), known, shared=True) if level == Level.EVALUATED else {}),
                "level": int(level),
                "valid_until": min(map(milliseconds, ends), default=FOR_EVER),
                "audience": audience + everyone,
                "kept_out": [str(partner) for partner in sorted(named) if levels[partner] != level],
            },
        )


def _end_of(period: Period) -> datetime | None:
    """The first moment after a period's last day; none for the last day of the calendar, which nothing follows."""
    return end_of(period.ends) if period.ends and period.ends < date.max else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _due_at(student: Student, now: datetime) -> datetime | None:
    periods = [*student.memberships.all(), *student.supervisions.all()]
    moments = [consent.expires for consent in student.consents.all() if consent.is_active(now)]
    moments += [_end_of(period) for period in periods]
    moments += [_midnight(period.starts) for period in periods if period.starts]
    return min((moment for moment in moments if moment and moment > now), default=None)


def _finish(common: Mapping[str, Any], own: Mapping[str, Any]) -> Document:
    return _with_digest({**common, **_analysed(own)})


def finished(fields: Mapping[str, Any]) -> Document:
    """The whole document of fields that are not analysed yet."""
    return _with_digest(_analysed(fields))


def _with_digest(document: Mapping[str, Any]) -> Document:
    """A digest tells any other content apart."""
    content = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return {**document, "digest": int.from_bytes(hashlib.blake2b(content, digest_size=8).digest()) >> 1}


def _analysed(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _words(value, kind) if (kind := WORD_FIELDS.get(name)) else value for name, value in fields.items()}


def _words(texts: Iterable[str], kind: Kind) -> str:
    return joined(texts, FORMS[kind])


def load(student_ids: Sequence[int]) -> dict[int, Student]:
    """Students with all that their documents are made of, in a constant number of queries."""
    return Student.objects.prefetch_related(*RELATED).in_bulk(student_ids)
