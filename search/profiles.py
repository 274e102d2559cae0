"""One candidate opened: the profile as far as the viewer may read it, and contact details where they are released."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm import reference
from crm.access import Reach, Role, may_contact, reach_of, require
from crm.actions.disclosures import open_candidate as record_opening
from crm.actions.disclosures import open_candidates as record_openings
from crm.models import DisclosureKind, Student, User
from crm.reference import Reference
from search.cards import STAFF, Card, load_cards, named

RELATED = (
    "memberships",
    "languages",
    "work_cities",
    "publications",
    "links",
    "claims__evidence",
    "consents",
    "blocks",
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A candidate opened: what is shown, and the card of which it is part."""

    card: Card
    shown: dict[str, Any]


def open_candidate(*, user: User, public_id: uuid.UUID) -> dict[str, Any]:
    """The profile of a candidate; the opening is disclosed and counts for a partner's daily quota.

    Raises Student.DoesNotExist where the user does not see the student, NotAllowed, TooMany.
    """
    (profile,) = open_profiles(user=user, public_ids=[public_id])
    return profile.shown


def open_profiles(*, user: User, public_ids: Sequence[uuid.UUID]) -> list[Profile]:
    """All of these candidates or none, in their order, in the same number of queries. Raises as `open_candidate`."""
    require(user, "candidate.open")
    reach = reach_that_sees(user)
    seen = Student.objects.within(reach).prefetch_related(*RELATED).filter(public_id__in=public_ids)
    students = {student.public_id: student for student in seen}
    known = reference.current()
    ids = [student.pk for student in students.values()]
    cards = load_cards(reach, ids, known, with_texts=True) if ids else {}
    # The second number is less where a consent ended between the two reads.
    if not len(students) == len(cards) == len(public_ids):
        raise Student.DoesNotExist
    ordered = [students[public_id] for public_id in public_ids]
    record_openings(students=ordered, by=user)
    return [Profile(cards[s.pk], _profile(user, reach, s, cards[s.pk], known)) for s in ordered]


def _profile(user: User, reach: Reach, student: Student, card: Card, known: Reference) -> dict[str, Any]:
    return card.as_json(staff=user.role in STAFF) | {
        **{name: getattr(student, name) for name in ("thesis_abstract", "summary", "projects", "willing_to_travel")},
        "memberships": _memberships(student, known),
        "work_cities": [named(known.cities.by_pk.get(city.pk)) for city in student.work_cities.all()],
        "languages": [{"code": language.code, "level": language.level} for language in student.languages.all()],
        "publications": [{"title": p.title, "year": p.year, "url": p.url} for p in student.publications.all()],
        "links": [{"kind": link.kind, "url": link.url} for link in student.links.all()],
        "evidence": _evidence(student, known, reach, evaluated=bool(card.row.get("evaluated"))),
        "contact_released": reach.role in STAFF or may_contact(reach.partner_id or 0, student),
        "updated_at": student.updated_at,
    }


def contact_details(*, user: User, public_id: uuid.UUID) -> dict[str, Any]:
    """E-mail and phone, from the database alone. Raises as `open_candidate`; NotAllowed without contact consent.

    A contact consent implies no profile: who accepted an introduction is reached by its partner all the same.
    """
    require(user, "candidate.open")
    reach = reach_that_sees(user)
    student = Student.objects.reachable_by(reach).prefetch_related("consents", "blocks").get(public_id=public_id)
    require(user, "candidate.contact", student)
    record_opening(student=student, by=user, kind=DisclosureKind.CONTACT)
    return {"id": str(student.public_id), "email": student.email, "phone": student.phone}


def reach_that_sees(user: User) -> Reach:
    """Raises Student.DoesNotExist for a user who sees nobody."""
    reach = reach_of(user)
    if reach is None:
        raise Student.DoesNotExist
    return reach


def _memberships(student: Student, known: Reference) -> list[dict[str, Any]]:
    return [
        {
            "lab": named(known.labs.by_pk.get(m.lab_id)),
            "starts": m.starts,
            "ends": m.ends,
            "current": m.is_current(),
        }
        for m in student.memberships.all()
    ]


def _evidence(student: Student, known: Reference, reach: Reach, *, evaluated: bool) -> list[dict[str, Any]]:
    """Staff read all; partners what the student shared, at level evaluated."""
    if reach.role == Role.PARTNER and not evaluated:
        return []
    return [
        {
            "skill": named(known.skills.by_pk.get(claim.skill_id)),
            "kind": e.kind,
            "title": e.title,
            "date": e.date,
            "level": e.level,
        }
        for claim in student.claims.all()
        for e in claim.evidence.all()
        if e.shared or reach.role in STAFF
    ]
