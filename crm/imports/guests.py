"""Whom the rows of an attendance list mean: by e-mail, student number, or name and partner; read in a few queries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower

from crm.imports.attendance import Guest
from crm.imports.errors import Rejected
from crm.imports.values import quoted
from crm.models import Partner, Professor, Representative, Student, User
from crm.text import fold

Person = tuple[str, int]
"""(kind: representative, professor or student; primary key)"""


class Directory:
    def __init__(self, guests: Iterable[Guest], day: date) -> None:
        self.day = day
        self.partners = {fold(text): one for one in Partner.objects.all() for text in (one.name, one.slug)}
        self._by_email: dict[str, dict[Person, int | None]] = defaultdict(dict)
        """Whose it is, and the partner that a representative works for."""
        self._by_name: dict[tuple[int, str], set[int]] = defaultdict(set)
        emails, numbers, named = set(), set(), set()
        for guest in guests:
            emails.add(guest.email)
            numbers.add(guest.student_number)
            named.add(fold(guest.partner))
        self._read_emails(emails - {""})
        self._by_number = dict(Student.objects.filter(number__in=numbers).values_list("number", "pk"))
        self._read_names({self.partners[name].pk for name in named if name in self.partners})

    def _read_emails(self, emails: set[str]) -> None:
        for kind, model in (("representative", Representative), ("professor", Professor), ("student", Student)):
            for person in self._with(model.objects.all(), emails):
                if not isinstance(person, Representative) or person.is_current(self.day):
                    self._by_email[person.email.lower()][kind, person.pk] = getattr(person, "partner_id", None)
        for user in User.objects.filter(email__in=emails).select_related("representative"):
            self._add_account(user)

    def _add_account(self, user: User) -> None:
        person = user.representative
        if person and person.is_current(self.day):
            self._by_email[user.email]["representative", person.pk] = person.partner_id
        for kind, pk in (("professor", user.professor_id), ("student", user.student_id)):
            if pk:
                self._by_email[user.email][kind, pk] = None

    @staticmethod
    def _with(people: QuerySet[Any], emails: set[str]) -> QuerySet[Any]:
        found: QuerySet[Any] = people.annotate(address=Lower("email")).filter(address__in=emails)
        return found

    def _read_names(self, partners: set[int]) -> None:
        for person in Representative.objects.filter(partner__in=partners):
            self.add(person)

    def add(self, person: Representative) -> None:
        """One who may be meant from now on."""
        if person.is_current(self.day):
            self._by_name[person.partner_id, fold(person.name)].add(person.pk)

    def find(self, guest: Guest) -> Person | None:
        """Whom the row means; None for one to be made a representative. Raises Rejected where nobody can be."""
        if guest.student_number:
            return self._student(guest)
        partner = self.partners.get(fold(guest.partner))
        if found := self._of_email(guest, partner):
            return found
        if partner and guest.given_name and guest.family_name:
            return self._of_name(guest, partner)
        if guest.partner and partner is None:
            raise Rejected(f"partner: no partner is called {quoted(guest.partner)}; make it first.")
        if guest.email:
            raise Rejected(f"email: nobody has {quoted(guest.email)}; with name and partner, a representative is made.")
        raise Rejected("Nobody is named: give an e-mail, a student number, or a full name and the partner.")

    def _student(self, guest: Guest) -> Person:
        pk = self._by_number.get(guest.student_number)
        if pk is None:
            raise Rejected(f"student_number: no student has the number {quoted(guest.student_number)}.")
        return "student", pk

    def _of_email(self, guest: Guest, partner: Partner | None) -> Person | None:
        """Where a partner is named, only who works there: people move, and keep an address."""
        known = self._by_email.get(guest.email, {}) if guest.email else {}
        found = [person for person, employer in known.items() if partner is None or employer == partner.pk]
        if len(found) > 1:
            raise Rejected(f"email: {quoted(guest.email)} is that of {len(found)} people; name one by number or name.")
        return next(iter(found), None)

    def _of_name(self, guest: Guest, partner: Partner) -> Person | None:
        found = self._by_name.get((partner.pk, fold(guest.name)), set())
        if len(found) > 1:
            raise Rejected(f"{quoted(guest.name)} is the name of {len(found)} people there; give the e-mail.")
        return ("representative", next(iter(found))) if found else None
