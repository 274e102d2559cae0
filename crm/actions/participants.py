"""Who took part in a contact: rows that keep the affiliation of that day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from crm.affiliations import affiliations
from crm.errors import Invalid
from crm.models import Contact, Participant, Partner, Representative
from crm.models.contacts import PARTICIPANTS

People = Mapping[str, Sequence[Any]]
"""A kind of PARTICIPANTS -> records."""
LISTS = {kind: f"{kind}s" for kind in PARTICIPANTS}
"""Kind -> the field that lists them."""
PERSONS = ("representative", "professor", "student")


def people_of(contact: Contact) -> dict[str, list[Any]]:
    """Who stands in a contact, by kind."""
    rows = list(contact.participants.select_related(*PARTICIPANTS))
    return {kind: [person for row in rows if (person := getattr(row, kind))] for kind in PARTICIPANTS}


def set_participants(contact: Contact, people: People, *, anew: bool = False) -> None:
    """Makes these the participants; who stands there already keeps the affiliation, unless all are written `anew`."""
    standing = list(contact.participants.all())
    kept: set[tuple[str, int]] = set()
    gone: list[int] = []
    for row in standing:
        kind, pk = _whom(row)
        if anew or pk not in {person.pk for person in people[kind]}:
            gone.append(row.pk)
        else:
            kept.add((kind, pk))
    Participant.objects.filter(pk__in=gone).delete()
    added = [row for kind in PARTICIPANTS for row in _rows(contact, kind, people[kind], kept)]
    Participant.objects.bulk_create(added)


def _rows(contact: Contact, kind: str, people: Iterable[Any], kept: set[tuple[str, int]]) -> list[Participant]:
    fresh = list({person.pk: person for person in people if (kind, person.pk) not in kept}.values())
    words = affiliations(kind, fresh, contact.day)
    return [Participant(contact=contact, affiliation=words[person.pk], **{kind: person}) for person in fresh]


def _whom(row: Participant) -> tuple[str, int]:
    ids = ((kind, getattr(row, f"{kind}_id")) for kind in PARTICIPANTS)
    return next((kind, pk) for kind, pk in ids if pk is not None)


def check_representatives(people: Iterable[Representative], partner: Partner, day: date) -> None:
    """Raises Invalid unless all work for the partner on that day."""
    for person in people:
        if person.partner_id != partner.pk:
            raise Invalid.field(
                "representatives", f"{person.name} works for another partner than {partner.name}: log two contacts."
            )
        if not person.is_current(day):
            raise Invalid.field("representatives", f"{person.name} did not work for {partner.name} on {day}.")


def likely_duplicate(partner: Partner, day: date, people: People) -> Contact | None:
    """A contact of that partner, on that day, with the same people; where there are none, with the same labs."""
    wanted = {(kind, person.pk) for kind in PARTICIPANTS for person in people[kind]}
    for contact in Contact.objects.filter(partner=partner, day=day).prefetch_related("participants"):
        if _who_counts({_whom(row) for row in contact.participants.all()}) == _who_counts(wanted):
            return contact
    return None


def _who_counts(people: set[tuple[str, int]]) -> set[tuple[str, int]]:
    return {(kind, pk) for kind, pk in people if kind in PERSONS} or people
