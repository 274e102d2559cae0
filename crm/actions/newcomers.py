"""People and partners named in passing: found where they are known, else made."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from crm.access import SystemProcess
from crm.actions.partners import add_representative, create_partner
from crm.errors import Invalid
from crm.models import Partner, PartnerState, Representative, User
from crm.text import fold, make_slug, printable_line


def find_partner(partner: Partner, *, by: User | SystemProcess) -> Partner:
    """The partner itself; one that was never saved is found by its name, or made as a prospect. Raises Invalid."""
    if partner.pk:
        return partner
    name = printable_line(partner.name)
    if not name:
        raise Invalid.field("partner", "A partner has a name.")
    known = list(Partner.objects.all())
    same = next((one for one in known if fold(one.name) == fold(name)), None)
    if same:
        return same
    slug = make_slug(name, taken={one.slug for one in known}, fallback="partner")
    try:
        with transaction.atomic():
            return create_partner(slug=slug, name=name, state=PartnerState.PROSPECT, by=by)
    except IntegrityError:
        # Somebody made it at this moment, and has committed.
        return find_partner(partner, by=by)


def find_representative(
    *, partner: Partner, given_name: str, family_name: str, day: date, by: User | SystemProcess, **more: Any
) -> Representative:
    """Who works for the partner on that day under this e-mail or name; made where there is nobody.

    Raises Invalid for a missing name.
    """
    given, family, email = printable_line(given_name), printable_line(family_name), more.get("email", "").lower()
    if not given or not family:
        raise Invalid.field("given_name" if not given else "family_name", "A new person has both names.")
    there = [person for person in partner.representatives.all() if person.is_current(day)]
    same = [person for person in there if email and person.email.lower() == email]
    same += [person for person in there if fold(person.name) == fold(f"{given} {family}")]
    if same:
        return same[0]
    return add_representative(partner=partner, given_name=given, family_name=family, by=by, **more)
