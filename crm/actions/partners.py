"""Partners and the people who work for them."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.access import SystemProcess, require
from crm.actions.saving import save_checked
from crm.actions.users import end_access
from crm.errors import Conflict
from crm.models import Partner, PartnerState, Representative, User


@transaction.atomic
def create_partner(*, slug: str, name: str, by: User | SystemProcess, state: str = PartnerState.ACTIVE) -> Partner:
    """The slug is kept in small letters. Raises Conflict where the slug or the name is taken."""
    require(by, "partner.change")
    if Partner.objects.filter(slug__iexact=slug).exists():
        raise Conflict("The slug is taken.", fields={"slug": [f"A partner has the slug {slug.lower()!r} already."]})
    return save_checked(_announced(Partner(slug=slug.lower(), name=name), state))


@transaction.atomic
def update_partner(*, partner: Partner, by: User | SystemProcess, **fields: Any) -> Partner:
    """People of a partner that stops being active lose sessions and tokens for good, also where it comes back."""
    require(by, "partner.change", partner)
    partner = Partner.objects.select_for_update().get(pk=partner.pk)
    was_active = partner.is_active
    saved = save_checked(_announced(partner, fields.pop("state", partner.state)), fields)
    if not (was_active and saved.is_active):
        _end_access(User.objects.filter(representative__partner=saved))
    return saved


def _announced(partner: Partner, state: str) -> Partner:
    """Who consented to all partners is told of one that becomes active: see crm.actions.announcements."""
    if state == PartnerState.ACTIVE and (partner._state.adding or not partner.is_active):
        partner.to_announce = timezone.now()
    partner.state = state
    return partner


@transaction.atomic
def add_representative(*, partner: Partner, by: User | SystemProcess, **fields: Any) -> Representative:
    require(by, "representative.change")
    return save_checked(Representative(partner=partner), fields)


@transaction.atomic
def update_representative(*, representative: Representative, by: User | SystemProcess, **fields: Any) -> Representative:
    """Who is no longer employed loses sessions and tokens at once, and does not get them back with a new employment."""
    require(by, "representative.change", representative)
    locked = Representative.objects.select_for_update().get(pk=representative.pk)
    was_current = locked.is_current()
    saved = save_checked(locked, fields)
    # A time that ended by itself ended no access: whoever comes back from it begins anew too.
    if not (was_current and saved.is_current()):
        _end_access(User.objects.filter(representative=saved))
    return saved


def _end_access(users: Iterable[User]) -> None:
    for user in users:
        end_access(user)
