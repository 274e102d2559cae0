"""Candidates as the entries of a shortlist show them: the card of a result; in a file, contact details too."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from crm import reference
from crm.access import require
from crm.actions.disclosures import hold_students, open_candidates, record_disclosures
from crm.models import DisclosureKind, Student, User
from crm.querysets.people import consented
from search.cards import load_cards
from search.profiles import reach_that_sees


@dataclass(frozen=True, slots=True)
class Listed:
    card: dict[str, Any]
    contact: dict[str, str] | None
    """E-mail and phone; None where they are not released to the partner."""


def listed(*, user: User, student_ids: Collection[int]) -> dict[int, Listed]:
    """Those of the students whom the user's partner sees now, in the same number of queries for any number of them.

    Each gets a disclosure as on a page of results: that contact details are released is told, not what they are.
    """
    found = _load(user, student_ids)
    record_disclosures(student_ids=found, kind=DisclosureKind.SEARCH_PAGE, by=user)
    return found


@transaction.atomic
def exported(*, user: User, student_ids: Collection[int]) -> dict[int, Listed]:
    """The same for a file, with a disclosure of the export each.

    Whose contact details are in it counts as opened. Raises as `open_candidates`.
    """
    found = _load(user, student_ids)
    hold_students(found)
    reached = Student.objects.in_bulk([pk for pk, one in found.items() if one.contact])
    open_candidates(students=list(reached.values()), by=user, kind=DisclosureKind.CONTACT)
    record_disclosures(student_ids=found, kind=DisclosureKind.EXPORT, by=user)
    return found


def _load(user: User, student_ids: Collection[int]) -> dict[int, Listed]:
    require(user, "shortlist.view")
    reach = reach_that_sees(user)
    if reach.partner_id is None or not student_ids:
        return {}
    cards = load_cards(reach, student_ids, reference.current(), with_texts=False)
    contacts = _contacts(reach.partner_id, cards)
    return {pk: Listed(card.as_json(staff=False), contacts.get(pk)) for pk, card in cards.items()}


def _contacts(partner_id: int, students: Mapping[int, object]) -> dict[int, dict[str, str]]:
    released = Student.objects.filter(consented(partner_id, contact=True), pk__in=students)
    rows = released.values_list("pk", "email", "phone")
    return {pk: {"email": email, "phone": phone} for pk, email, phone in rows}
