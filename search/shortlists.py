"""Candidates as the entries of a shortlist show them: the card of a result, and contact details where released."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from crm import reference
from crm.access import reach_of, require
from crm.actions.disclosures import record_disclosures
from crm.models import DisclosureKind, Student, User
from crm.querysets.people import consented
from search.cards import load_cards


@dataclass(frozen=True, slots=True)
class Listed:
    card: dict[str, Any]
    contact: dict[str, str] | None
    """E-mail and phone; None where they are not released to the partner."""


def listed(*, user: User, student_ids: Collection[int], kind: DisclosureKind) -> dict[int, Listed]:
    """Those of the students whom the user's partner sees now, in the same number of queries for any number of them.

    Each gets a disclosure of this kind. On a page, where it is not said by the kind, so do contact details.
    """
    require(user, "shortlist.view")
    reach = reach_of(user)
    if reach is None or reach.partner_id is None or not student_ids:
        return {}
    cards = load_cards(reach, student_ids, reference.current(), with_texts=False)
    contacts = _contacts(reach.partner_id, list(cards))
    record_disclosures(student_ids=cards, kind=kind, by=user)
    if kind == DisclosureKind.SEARCH_PAGE:
        record_disclosures(student_ids=contacts, kind=DisclosureKind.CONTACT, by=user)
    return {pk: Listed(card.as_json(staff=False), contacts.get(pk)) for pk, card in cards.items()}


def _contacts(partner_id: int, student_ids: list[int]) -> dict[int, dict[str, str]]:
    released = Student.objects.filter(consented(partner_id, contact=True), pk__in=student_ids)
    rows = released.values_list("pk", "email", "phone")
    return {pk: {"email": email, "phone": phone} for pk, email, phone in rows}
