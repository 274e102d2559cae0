"""The contact log: what the career office writes down, changes, and whom it meets for the first time."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm.access import SystemProcess, require
from crm.actions.contact_history import keep_revision, snapshot
from crm.actions.follow_ups import add_follow_up
from crm.actions.newcomers import find_partner, find_representative
from crm.actions.participants import (
    LISTS,
    check_representatives,
    likely_duplicate,
    people_of,
    set_participants,
)
from crm.actions.saving import locked, save_checked
from crm.errors import Conflict, Invalid, Unavailable
from crm.models import Contact, ContactKind, Partner, Student, User
from crm.touchpoints import write_touchpoints

DUPLICATE = "A contact with the same people on that day is logged already. Send force: true to log this one as well."


@transaction.atomic
def log_contact(
    *,
    by: User | SystemProcess,
    new_people: Iterable[Mapping[str, Any]] = (),
    follow_up: Mapping[str, Any] | None = None,
    force: bool = False,
    **fields: Any,
) -> Contact:
    """Logs a contact; fields are those of Contact and the lists representatives, professors, students and labs.

    From a seminar come kind, time and lab, from the representatives the partner, where they are not given; without
    a seminar the time is now. `new_people` (given_name, family_name; partner, position, email, phone) become
    representatives, and a partner that was never saved a prospect, where they are not known. `follow_up` has what,
    due and owner. Raises Invalid, and Conflict where the contact looks like one that is logged, unless `force`.
    """
    require(by, "contact.log")
    people = {kind: list(fields.pop(name, ())) for kind, name in LISTS.items() if kind != "lab"}
    people["lab"] = _labs(fields)
    _lock_students(people["student"])
    contact = Contact(logged_by=by if isinstance(by, User) else None, **_times(fields))
    _set_day(contact)
    contact.partner = _partner(fields.get("partner"), people["representative"], new_people, by)
    people["representative"] += _newcomers(new_people, contact, by)
    check_representatives(people["representative"], contact.partner, contact.day)
    _refuse_duplicate(contact, people, force=force)
    save_checked(contact)
    set_participants(contact, people)
    write_touchpoints(contact)
    if follow_up:
        add_follow_up(contact=contact, by=by, **follow_up)
    return contact


@transaction.atomic
def update_contact(*, contact: Contact, by: User | SystemProcess, **fields: Any) -> Contact:
    """Sets the given fields; a list replaces the one that stands. What stood before is kept as a revision."""
    given = {kind: fields.pop(name) for kind, name in LISTS.items() if name in fields}
    standing = set(_students_of(contact))
    _lock_students({*standing, *given.get("student", ())})
    contact = locked(contact)
    require(by, "contact.log", contact)
    if not standing >= set(_students_of(contact)):
        raise Unavailable("This contact is just being changed. Try again.", retry_after=1)
    before, day = snapshot(contact), contact.day
    for name, value in fields.items():
        setattr(contact, name, value)
    _set_day(contact)
    contact.partner = find_partner(contact.partner, by=by)
    people = people_of(contact) | given
    if {"partner", "at"} & fields.keys() or "representative" in given:
        check_representatives(people["representative"], contact.partner, contact.day)
    save_checked(contact)
    set_participants(contact, people, anew=contact.day != day)
    keep_revision(contact, before, by=by)
    write_touchpoints(contact)
    return contact


def _students_of(contact: Contact) -> QuerySet[Student]:
    return Student.objects.filter(contacts__contact=contact)


def _labs(fields: dict[str, Any]) -> list[Any]:
    seminar = fields.get("seminar")
    derived = [seminar.lab] if seminar and seminar.lab else []
    return list(fields.pop("labs", derived))


def _times(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with kind and time; of a seminar, its own. The partner is found later."""
    seminar = fields.get("seminar")
    derived: dict[str, Any] = {"at": timezone.now()}
    if seminar:
        derived = {"at": seminar.starts, "kind": ContactKind.SEMINAR}
    known = {**derived, **{name: value for name, value in fields.items() if name != "partner"}}
    if not known.get("kind"):
        raise Invalid.field("kind", f"Say what kind of contact it was: {', '.join(ContactKind.values)}.")
    return known


def _set_day(contact: Contact) -> None:
    """Raises Invalid for a day that lies ahead, be it that of the seminar."""
    at: datetime = contact.at
    contact.day = timezone.localdate(at)
    if contact.day > timezone.localdate():
        ahead = contact.seminar is not None and at == contact.seminar.starts
        raise Invalid.field("seminar" if ahead else "at", "This lies ahead: log it once it took place.")


def _partner(
    given: Partner | None, known: Iterable[Any], new_people: Iterable[Mapping[str, Any]], by: User | SystemProcess
) -> Partner:
    """The partner as given, or the one that all the representatives work for; locked, so that no twin is logged."""
    named = [given] if given else [person["partner"] for person in new_people if person.get("partner")]
    found = {partner.pk: partner for partner in (find_partner(one, by=by) for one in named)}
    if not given:
        found |= {person.partner_id: person.partner for person in known}
    if len(found) != 1:
        why = "They work for several partners: log a contact for each." if found else "Name it, or who came from it."
        raise Invalid.field("partner", why)
    return Partner.objects.select_for_update(no_key=True).get(pk=found.popitem()[0])


def _newcomers(new_people: Iterable[Mapping[str, Any]], contact: Contact, by: User | SystemProcess) -> list[Any]:
    found = []
    for person in new_people:
        own = find_partner(person.get("partner") or contact.partner, by=by)
        if own != contact.partner:
            raise Invalid.field("new_people", f"All work for {contact.partner.name}: log a contact for each partner.")
        found.append(find_representative(**{**person, "partner": own}, day=contact.day, by=by))
    return found


def _refuse_duplicate(contact: Contact, people: dict[str, list[Any]], *, force: bool) -> None:
    same = None if force else likely_duplicate(contact.partner, contact.day, people)
    if same:
        raise Conflict(DUPLICATE, fields={"existing": [str(same.public_id)]})


def _lock_students(students: Iterable[Student]) -> None:
    """Before all else, as everywhere."""
    keys = [student.pk for student in students]
    list(Student.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
