"""Who was shown whose data: appended in the same request."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.access import Role
from crm.errors import TooMany, Unavailable
from crm.models import Disclosure, DisclosureKind, Student, User


def record_disclosures(*, student_ids: Iterable[int], kind: DisclosureKind, by: User) -> None:
    """One row for each student shown, in one insert. Raises Unavailable where one of them was erased meanwhile."""
    partner_id = by.representative.partner_id if by.representative else None
    now = timezone.now()
    rows = [Disclosure(student_id=pk, viewer_id=by.pk, partner_id=partner_id, kind=kind, at=now) for pk in student_ids]
    try:
        Disclosure.objects.bulk_create(rows)
    except IntegrityError as error:
        raise Unavailable("What was found is just being changed. Try again.", retry_after=1) from error


@transaction.atomic
def open_candidate(*, student: Student, by: User, kind: DisclosureKind = DisclosureKind.CANDIDATE) -> None:
    """Records that a candidate, or the contact details, were opened.

    Raises TooMany past a partner user's daily quota of distinct candidates.
    """
    if by.role == Role.PARTNER:
        User.objects.select_for_update().get(pk=by.pk)
        _check_quota(student, by)
    record_disclosures(student_ids=[student.pk], kind=kind, by=by)


def _check_quota(student: Student, by: User) -> None:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    opened = Disclosure.objects.opened_by(by.pk, since=midnight)
    if opened.filter(student_id=student.pk).exists():
        return
    if opened.values("student_id").distinct().count() >= settings.PARTNER_DAILY_CANDIDATES:
        raise TooMany(
            f"You opened {settings.PARTNER_DAILY_CANDIDATES} candidates today, the most a day allows.",
            retry_after=_seconds_until(midnight + timedelta(days=1)),
        )


def _seconds_until(moment: datetime) -> int:
    return max(1, int((moment - timezone.now()).total_seconds()) + 1)
