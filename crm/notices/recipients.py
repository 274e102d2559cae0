"""Whom a mail goes to: whether they may be written to now, at which address, in which time zone."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from crm.access import is_present, reach_of
from crm.models import Mail, User
from crm.notices.queue import Recipient
from crm.text import printable_line

PEOPLE = ("professor", "representative__partner", "student")
RELATED = (
    *(f"user__{person}" for person in PEOPLE),
    *(f"{person}__user" for person in ("professor", "representative", "student")),
    "representative__partner",
)
"""What a mail is read with, so that nothing below asks the database."""


def recipient_of(mail: Mail) -> Recipient:
    found: Recipient | None = mail.user or mail.student or mail.representative or mail.professor
    assert found
    return found


def person_of(to: Recipient) -> Any:
    """The student, representative or professor; None for staff who are none of them."""
    return (to.professor or to.representative or to.student) if isinstance(to, User) else to


def students_written_to(mail: Mail) -> set[int]:
    """The key of the student to whom it goes, if it goes to one."""
    key = mail.student_id or (mail.user.student_id if mail.user else None)
    return {key} if key else set()


def may_be_written_to(to: Recipient) -> bool:
    person = person_of(to)
    present = reach_of(to) is not None if isinstance(to, User) else is_present(to)
    return present and not (person and person.do_not_contact)


def address_of(to: Recipient) -> str:
    """An account's own address; a person's, else that of their account; blank where there is none."""
    if isinstance(to, User):
        return to.email
    return to.email or getattr(getattr(to, "user", None), "email", "")


def name_of(to: Recipient) -> str:
    """Never an address: staff without a record of their own are called by their role."""
    person = person_of(to)
    if person is None and isinstance(to, User):
        return to.get_role_display()
    return printable_line(person.name)


def zone_of(to: Recipient) -> ZoneInfo:
    """That of their account, else the university's."""
    account = to if isinstance(to, User) else getattr(to, "user", None)
    name = account.time_zone if account else ""
    return ZoneInfo(name or timezone.get_default_timezone_name())
