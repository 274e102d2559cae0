"""The students of a result page, read again from the database through `visible_to`: what is shown is what holds now."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from crm.access import Reach, Role
from crm.languages import is_spoken, names_of
from crm.models import LabMembership, Publication, SkillClaim, Student, StudentLanguage
from crm.reference import Entry, Reference
from crm.statements import Statement, later, later_each, prepare

COLUMNS = (
    *(
        "pk",
        "public_id",
        "number",
        "given_name",
        "family_name",
        "native_name",
        "headline",
        "programme_id",
        "degree",
    ),
    *("graduation_date", "home_city_id", "available_from", "thesis_title"),
)
TEXTS = ("headline", "thesis_title", "thesis_abstract", "summary", "projects")
"""Columns in which words are looked for and marked."""
STAFF = frozenset({Role.ADMIN, Role.OFFICE, Role.PROFESSOR})


@dataclass(frozen=True, slots=True)
class Claim:
    skill: Entry
    level: int
    backed: int
    """Up to which level evidence backs it, as far as the viewer may know; 0 for none."""


@dataclass(slots=True)
class Card:
    """One student as a result shows them, and the texts that explain why."""

    row: Mapping[str, Any]
    known: Reference
    claims: list[Claim] = field(default_factory=list)
    memberships: list[tuple[bool, date, Entry]] = field(default_factory=list)
    """(current, begin or end, lab)"""
    publications: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    """The names of those that are spoken."""

    def as_json(self, *, staff: bool) -> dict[str, Any]:
        row = self.row
        lab = max(self.memberships, key=lambda place: place[:2], default=None)
        return {
            "id": str(row["public_id"]),
            **({"number": row["number"]} if staff else {}),
            "name": f"{row['given_name']} {row['family_name']}",
            "native_name": row["native_name"],
            "headline": row["headline"],
            "lab": named(lab[2] if lab else None),
            "programme": named(self.known.programmes.by_pk.get(row["programme_id"])),
            "degree": row["degree"],
            "graduation_year": row["graduation_date"].year if row["graduation_date"] else None,
            "thesis_title": row["thesis_title"],
            "home_city": named(self.known.cities.by_pk.get(row["home_city_id"])),
            "available_from": row["available_from"],
            "skills": [
                {"slug": claim.skill.slug, "label": claim.skill.label, "level": claim.level}
                for claim in sorted(self.claims, key=lambda claim: (-claim.level, claim.skill.slug))
            ],
        }

    def texts(self) -> Iterator[tuple[str, str]]:
        """(where, text) of all in which a word of a query can stand."""
        yield "name", f"{self.row['given_name']} {self.row['family_name']} {self.row['native_name']}"
        yield from ((name, self.row[name]) for name in TEXTS)
        yield from (("skills", claim.skill.label) for claim in self.claims)
        yield from (("lab", lab.label) for _, _, lab in self.memberships)
        yield from (("publications", title) for title in self.publications)
        if programme := self.known.programmes.by_pk.get(self.row["programme_id"]):
            yield "programme", programme.label
        if home := self.known.cities.by_pk.get(self.row["home_city_id"]):
            yield "home_city", home.every_label
        yield from (("languages", names) for names in self.languages)


def named(entry: Entry | None) -> dict[str, str] | None:
    return {"id": str(entry.public_id), "slug": entry.slug, "name": entry.label} if entry else None


def load_cards(reach: Reach, ids: Collection[int], known: Reference, *, with_texts: bool) -> dict[int, Card]:
    """Those of the students whom the reach shows; three queries for each 1,000, five with texts."""
    wanted, cards = list(ids), dict[int, Card]()
    for start in range(0, len(wanted), SIZES[-1]):
        cards |= _load(reach, wanted[start : start + SIZES[-1]], known, with_texts=with_texts)
    return cards


def _load(reach: Reach, ids: Collection[int], known: Reference, *, with_texts: bool) -> dict[int, Card]:
    columns = tuple(dict.fromkeys((*COLUMNS, *TEXTS))) if with_texts else COLUMNS
    cards = {row["pk"]: Card(row, known) for row in _shown(reach, ids, columns)}
    _add_claims(cards, staff=reach.role in STAFF)
    _add_memberships(cards)
    if with_texts:
        for pk, title in _rows(_publications, cards):
            cards[pk].publications.append(title)
        for pk, code, level in _rows(_languages, cards):
            if is_spoken(level):
                cards[pk].languages.append(names_of(code))
    return cards


def _shown(reach: Reach, ids: Collection[int], columns: tuple[str, ...]) -> list[dict[str, Any]]:
    if reach.role != Role.PARTNER or reach.partner_id is None:
        return list(Student.objects.within(reach).filter(pk__in=ids).values(*columns))
    wanted = _padded(ids)
    rows = _shown_to_partner(columns, len(wanted)).rows(partner=[reach.partner_id], now=[timezone.now()], ids=wanted)
    return [dict(zip((*columns, "evaluated"), row, strict=True)) for row in rows]


def _add_claims(cards: Mapping[int, Card], *, staff: bool) -> None:
    for pk, skill_id, level, backed in _rows(_claims if staff else _claims_with_shared_evidence, cards):
        card = cards[pk]
        if skill := card.known.skills.by_pk.get(skill_id):
            card.claims.append(Claim(skill, level, backed if staff or card.row["evaluated"] else 0))


def _add_memberships(cards: Mapping[int, Card]) -> None:
    today = timezone.localdate()
    for pk, lab_id, starts, ends in _rows(_memberships, cards):
        card = cards[pk]
        current = (starts is None or starts <= today) and (ends is None or ends >= today)
        if lab := card.known.labs.by_pk.get(lab_id):
            card.memberships.append((current, (starts if current else ends) or date.min, lab))


# Statements are written once for each of a few sizes. All have an order: what is shown must not hang on how the
# database went about it, which others' rows may change.

SIZES = (8, 20, 50, 100, 300, 1_000)
Read = Callable[[list[Any]], "QuerySet[Any, tuple[Any, ...]]"]
"""A read of the rows of students whom the reach is known to show."""


def _padded(ids: Collection[int]) -> list[int]:
    """An id that stands there twice changes nothing."""
    count = next(size for size in SIZES if size >= len(ids))
    return [*ids, *[next(iter(ids))] * (count - len(ids))]


@cache
def _shown_to_partner(columns: tuple[str, ...], count: int) -> Statement:
    partner, now = later("partner"), later("now")
    students = Student.objects.within(Reach(Role.PARTNER, partner_id=partner, at=now)).order_by()
    chosen = students.filter(pk__in=later_each("ids", count)).with_evaluations(partner, now)
    return prepare(chosen.values_list(*columns, "evaluated"))


def _rows(read: Read, ids: Collection[int]) -> list[tuple[Any, ...]]:
    if not ids:
        return []
    wanted = _padded(ids)
    return _statement(read, len(wanted)).rows(ids=wanted)


@cache
def _statement(read: Read, count: int) -> Statement:
    return prepare(read(later_each("ids", count)))


def _claims(ids: list[Any], backing: str = "backed") -> "QuerySet[Any, tuple[Any, ...]]":
    claims = SkillClaim.objects.filter(student__pk__in=ids).with_backing().order_by("pk")
    return claims.values_list("student_id", "skill_id", "level", backing)


def _claims_with_shared_evidence(ids: list[Any]) -> "QuerySet[Any, tuple[Any, ...]]":
    return _claims(ids, "backed_by_shared")


def _memberships(ids: list[Any]) -> "QuerySet[Any, tuple[Any, ...]]":
    rows = LabMembership.objects.filter(student__pk__in=ids).order_by("pk")
    return rows.values_list("student_id", "lab_id", "starts", "ends")


def _publications(ids: list[Any]) -> "QuerySet[Any, tuple[Any, ...]]":
    return Publication.objects.filter(student__pk__in=ids).order_by("pk").values_list("student_id", "title")


def _languages(ids: list[Any]) -> "QuerySet[Any, tuple[Any, ...]]":
    rows = StudentLanguage.objects.filter(student__pk__in=ids).order_by("pk")
    return rows.values_list("student_id", "code", "level")
