"""A student -> the documents that stand for them, one per audience, each holding only what its audience may read.

Contact details, internal notes and what is addressed to one partner are in no document.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any

import orjson
from django.utils import timezone

from crm.access import Level, level_of
from crm.clock import end_of
from crm.languages import is_spoken, names_of
from crm.models import CefrLevel, Period
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
from search.sources import Language, Source

CEFR_NUMBERS = {level: number for number, level in enumerate(CefrLevel.values, 1)}
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


def project(source: Source, known: Reference, now: datetime) -> Projection:
    """The documents of a student."""
    common = _analysed(_common(source, known))
    families: dict[str, Mapping[int, Document | None]] = {
        FULL: {FULL_LEVEL: _finish(common, _full(source, known, now))}
    }
    if source.consents:
        families[PARTNERS] = {
            level: _finish(common, own) if own else None for level, own in _for_partners(source, known, now)
        }
    return Projection(families, _due_at(source, now))


def _common(source: Source, known: Reference) -> dict[str, Any]:
    """What every audience of the student's profile may read."""
    student = source.student
    levels = {claim.skill_id: claim.level for claim in source.claims if claim.skill_id in known.skills.by_pk}
    labs = [known.labs.by_pk[m.lab_id] for m in source.memberships if m.lab_id in known.labs.by_pk]
    programme = known.programmes.by_pk.get(student.programme_id or 0)
    home = known.cities.by_pk.get(student.home_city_id or 0)
    names = [student.name, student.native_name]
    texts = [student.thesis_abstract, student.summary, student.projects, *source.publications]
    return {
        "student": student.pk,
        "id": student.public_id.hex,
        "names": names,
        "sounds": names,
        "name": f"{plain(student.given_name)} {plain(student.family_name)}",
        "headline": [student.headline],
        "skills": [known.skills.by_pk[skill].label for skill in levels],
        "thesis_title": [student.thesis_title],
        "affiliation": _affiliation(labs, programme, home, source.languages),
        "texts": texts,
        **mentions([student.headline, student.thesis_title, *texts], list(levels), known),
        "lab": sorted({str(lab.pk) for lab in labs}),
        "programme": [str(programme.pk)] if programme else [],
        "claimed": list(map(str, levels)),
        "skill": [],
        "skill_level": [],
        "evidenced": [],
        "evidenced_level": [],
        **skill_tokens("skill", levels, known),
        **_facts(source),
    }


def _facts(source: Source) -> dict[str, Any]:
    """What filters and sorts ask for, apart from labs and skills."""
    student, languages = source.student, source.languages
    return {
        "degree": [student.degree] if student.degree else [],
        "city": sorted({str(pk) for pk in (student.home_city_id, *source.work_cities) if pk}),
        "language": [language.code for language in languages],
        "language_level": [t for code, level in languages for t in _levels(code, CEFR_NUMBERS[level])],
        "graduation_year": [str(student.graduation_date.year)] if student.graduation_date else [],
        "graduation": day_number(student.graduation_date),
        "available": day_number(student.available_from) or None,
        "placed": ["true" if student.placed else "false"],
        "updated": milliseconds(student.updated_at),
    }


def _affiliation(
    labs: Sequence[Entry], programme: Entry | None, home: Entry | None, languages: Sequence[Language]
) -> list[str]:
    """Where somebody belongs to and lives, and what they speak; cities and languages under each of their names."""
    labels = [entry.label for entry in (*labs, programme) if entry]
    speaks = [names_of(code) for code, level in languages if is_spoken(level)]
    return list(dict.fromkeys([*labels, home.every_label if home else "", *speaks]))


def mentions(texts: Sequence[str], claimed: Sequence[int], known: Reference) -> dict[str, str]:
    """The skills that the texts name, and the broader ones under which somebody may look for them."""
    found = recogniser(known).skills_in(texts, claimed)
    broader = [above for pk in found for above in known.broader.get(pk, ()) if above != pk]
    return {"mentioned": " ".join(map(str, found)), "mentioned_narrower": " ".join(map(str, broader))}


@cache
def _levels(key: int | str, level: int) -> Sequence[str]:
    return tuple(level_token(key, step) for step in range(1, level + 1))


def skill_tokens(name: str, levels: Mapping[int, int], known: Reference) -> dict[str, list[str]]:
    """Tokens of the skills and of all their broader ones, each at the highest level that stands below it."""
    best: dict[int, int] = {}
    for own, level in levels.items():
        for skill in known.broader.get(own, {own}):
            best[skill] = max(best.get(skill, 0), level)
    tokens = [token for skill, level in sorted(best.items()) for token in _levels(skill, level)]
    return {name: [str(skill) for skill in sorted(best)], f"{name}_level": tokens}


def _evidence(backed: Iterable[tuple[int, int]], known: Reference) -> dict[str, list[str]]:
    """Of (skill, level up to which evidence backs its claim)."""
    levels = {skill: level for skill, level in backed if level}
    tokens = skill_tokens("evidenced", levels, known)
    return tokens | {"evidenced": [*tokens["evidenced"], ANY_EVIDENCE]} if levels else {}


def _full(source: Source, known: Reference, now: datetime) -> dict[str, Any]:
    """What the university reads besides."""
    today = timezone.localdate(now)
    memberships = [m for m in source.memberships if m.is_current(today)]
    supervisions = [s for s in source.supervisions if s.is_current(today)]
    ends = [_end_of(period) for period in (*memberships, *supervisions)]
    return {
        **_evidence(((claim.skill_id, claim.backed) for claim in source.claims), known),
        "level": FULL_LEVEL,
        "number": [source.student.number],
        "valid_until": min(map(milliseconds, ends), default=FOR_EVER),
        "current_lab": sorted({str(m.lab_id) for m in memberships}),
        "current_supervisor": sorted({str(s.professor_id) for s in supervisions}),
    }


def _for_partners(source: Source, known: Reference, now: datetime) -> Iterable[tuple[int, dict[str, Any] | None]]:
    """What the two documents of consent add; each names the partners that read at just this level: nobody sees both."""
    consents, blocked = source.consents, set(source.blocked)
    named = {c.partner_id for c in consents if c.partner_id} | blocked
    levels = {partner: level_of(consents, blocked, partner, now) for partner in named}
    rest = level_of(consents, blocked, None, now)
    shared = [(claim.skill_id, claim.backed_by_shared) for claim in source.claims]
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
                **(_evidence(shared, known) if level == Level.EVALUATED else {}),
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


def _due_at(source: Source, now: datetime) -> datetime | None:
    today, periods = timezone.localdate(now), [*source.memberships, *source.supervisions]
    moments = [consent.expires for consent in source.consents if consent.is_active(now)]
    moments += [_end_of(period) for period in periods if period.ends and period.ends >= today]
    moments += [_midnight(period.starts) for period in periods if period.starts and period.starts > today]
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
