"""The only rulebook of who sees and who does what.

`reach_of` turns a user into a Reach; querysets compile it to SQL, search engines to a filter. `RULES` says which role
may do what. `level_of` is the one function of consent. No Reach and no rule mean nothing, never everything.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Protocol

from django.contrib.auth.models import AnonymousUser
from django.db.models import TextChoices
from django.utils import timezone

from crm.errors import NotAllowed

if TYPE_CHECKING:
    from crm.models import OneTimeLink, Partner, Student, User


class Role(TextChoices):
    ADMIN = "admin"
    OFFICE = "office", "career office"
    PROFESSOR = "professor"
    PARTNER = "partner"
    STUDENT = "student"


class Audience(TextChoices):
    """Whose view of a student a change may narrow."""

    PARTNERS = "partners"
    PROFESSORS = "professors"
    EVERYONE = "everyone"


@dataclass(frozen=True)
class SystemProcess:
    """An actor that is no user: an import, a command, a sweep. The name stands in the history."""

    name: str


@dataclass(frozen=True)
class LinkBearer:
    """An actor without an account: the person that a one-time link was issued to, for its one purpose."""

    link: "OneTimeLink"


@dataclass(frozen=True)
class Reach:
    """What a user may see. The ids are primary keys; only those of the user's role are set."""

    role: Role
    professor_id: int | None = None
    partner_id: int | None = None
    student_id: int | None = None
    at: datetime | None = None
    """The moment for which consents are asked; None for now."""


def reach_of(user: "User | AnonymousUser | None") -> Reach | None:
    """The reach of an active account whose person still is what the account says; None sees nothing."""
    if user is None or isinstance(user, AnonymousUser) or not user.is_active:
        return None
    if user.role == Role.PARTNER:
        person = user.representative
        if person is None or not person.is_current() or not person.partner.is_active:
            return None
        return Reach(Role.PARTNER, partner_id=person.partner_id)
    return Reach(Role(user.role), professor_id=user.professor_id, student_id=user.student_id)


def is_present(person: Any) -> bool:
    """Whether a person still is who they were: an account, where there is one, is active; the partner employs them."""
    account = getattr(person, "user", None)
    if account is not None and not account.is_active:
        return False
    return not hasattr(person, "partner_id") or (person.is_current() and person.partner.is_active)


# Consent ------------------------------------------------------------------------------------------------------------


class Level(IntEnum):
    NONE = 0
    PROFILE = 1
    EVALUATED = 2


class ConsentLike(Protocol):
    partner_id: int | None
    profile: bool
    evaluations: bool
    contact: bool

    def is_active(self, at: datetime | None = None) -> bool: ...


def applying(consents: Iterable[ConsentLike], partner_id: int | None, at: datetime) -> list[ConsentLike]:
    """The active consents for a partner or for all partners; with None, those for all partners only."""
    return [c for c in consents if c.partner_id in (None, partner_id) and c.is_active(at)]


def level_of(
    consents: Iterable[ConsentLike],
    blocked: Iterable[int],
    partner_id: int | None,
    at: datetime | None = None,
) -> Level:
    """What a partner may read of a student: consents add up, a block beats them.

    `blocked` holds partner ids; `partner_id` None stands for a partner that no consent and no block names.
    """
    if partner_id is not None and partner_id in set(blocked):
        return Level.NONE
    active = applying(consents, partner_id, at or timezone.now())
    if any(c.evaluations for c in active):
        return Level.EVALUATED
    return Level.PROFILE if any(c.profile for c in active) else Level.NONE


def level(partner: "Partner", student: "Student", at: datetime | None = None) -> Level:
    return level_of(student.consents.all(), {b.partner_id for b in student.blocks.all()}, partner.pk, at)


def may_contact(partner_id: int, student: "Student", at: datetime | None = None) -> bool:
    """Whether contact details are released to a partner: an active contact consent, and no block."""
    if any(block.partner_id == partner_id for block in student.blocks.all()):
        return False
    return any(c.contact for c in applying(student.consents.all(), partner_id, at or timezone.now()))


UNNAMED = "a candidate"
"""What a student is called who is not to be named."""


def names_student(reach: Reach, student: "Student", *, own_process: bool) -> bool:
    """Whether a record of a partner shows that partner who the student is; all others who see the record may know.

    `own_process` is that of the record's stage: see crm.stages.
    """
    if reach.role != Role.PARTNER:
        return True
    if reach.partner_id is None:
        return False
    blocked = {block.partner_id for block in student.blocks.all()}
    return own_process or level_of(student.consents.all(), blocked, reach.partner_id) > Level.NONE


# What a role may do -------------------------------------------------------------------------------------------------

Actor = Any
"""A User, a LinkBearer or a SystemProcess."""
Condition = Callable[["User", Any], bool]


def always(user: "User", record: Any) -> bool:
    return True


def own(user: "User", record: Any) -> bool:
    """The record is the student's own record, or belongs to it."""
    is_student = record._meta.label_lower == "crm.student"
    student_id: int | None = record.pk if is_student else record.student_id
    return student_id is not None and user.student_id == student_id


def released(user: "User", record: "Student") -> bool:
    reach = reach_of(user)
    return reach is not None and reach.partner_id is not None and may_contact(reach.partner_id, record)


def own_partner(user: "User", record: Any) -> bool:
    reach = reach_of(user)
    return reach is not None and reach.partner_id is not None and record.partner_id == reach.partner_id


def own_writing(user: "User", record: Any) -> bool:
    """The record is by the professor that the user is."""
    return user.professor_id is not None and record.professor_id == user.professor_id


def of_own_student(user: "User", record: Any) -> bool:
    """By the professor that the user is, of a student who is an own one now."""
    students = record.student._meta.default_manager.visible_to(user)
    return own_writing(user, record) and bool(students.filter(pk=record.student_id).exists())


def owner(user: "User", record: Any) -> bool:
    return bool(record.owner_id == user.pk)


def mentoring(user: "User", record: Any) -> bool:
    return user.representative_id is not None and record.mentor_id == user.representative_id


def _may(*roles: Role, **conditions: Condition) -> Mapping[Role, Condition]:
    """Roles that always may, and roles (by name) that may under a condition."""
    return dict.fromkeys(roles, always) | {Role[name.upper()]: rule for name, rule in conditions.items()}


_VIEWERS = (Role.ADMIN, Role.OFFICE, Role.PROFESSOR, Role.PARTNER)
_UNIVERSITY = (Role.ADMIN, Role.OFFICE)

RULES: Mapping[str, Mapping[Role, Condition]] = {
    "candidate.search": _may(*_VIEWERS),
    "candidate.open": _may(*_VIEWERS),
    "candidate.contact": _may(Role.ADMIN, Role.OFFICE, Role.PROFESSOR, partner=released),
    "saved_search.own": _may(admin=owner, office=owner, professor=owner, partner=owner),
    "shortlist.view": _may(partner=own_partner),
    "shortlist.change": _may(partner=own_partner),
    "student.view": _may(*_UNIVERSITY, Role.PROFESSOR, student=own),
    "student.create": _may(Role.OFFICE),
    "student.update": _may(Role.OFFICE, student=own),
    "student.erase": _may(*_UNIVERSITY),
    "reference.view": _may(*Role),
    "reference.change": _may(Role.ADMIN),
    "professor.view": _may(*Role),
    "professor.change": _may(*_UNIVERSITY),
    "partner.view": _may(*Role),
    "partner.change": _may(*_UNIVERSITY),
    "representative.view": _may(*_UNIVERSITY, Role.PARTNER),
    "representative.change": _may(*_UNIVERSITY),
    "consent.view": _may(*_UNIVERSITY, student=own),
    "consent.grant": _may(Role.OFFICE, student=own),
    "consent.withdraw": _may(Role.OFFICE, student=own),
    "block.view": _may(*_UNIVERSITY, student=own),
    "block.change": _may(Role.OFFICE, student=own),
    "evidence.add": _may(Role.OFFICE),
    "evidence.share": _may(student=own),
    "seminar.view": _may(*Role),
    "seminar.change": _may(Role.OFFICE),
    "attendance.view": _may(*Role),
    "attendance.change": _may(Role.OFFICE),
    "contact.view": _may(*_UNIVERSITY, Role.PROFESSOR),
    "contact.log": _may(Role.OFFICE),
    "contact.notes": _may(*_UNIVERSITY),
    "follow_up.view": _may(*_UNIVERSITY, Role.PROFESSOR),
    "follow_up.change": _may(Role.OFFICE),
    "follow_up.close": _may(Role.OFFICE, professor=owner),
    "recommendation.view": _may(*Role),
    "recommendation.request": _may(Role.OFFICE, student=own),
    "recommendation.create": _may(Role.OFFICE, Role.PROFESSOR, Role.STUDENT),
    "recommendation.write": _may(professor=of_own_student),
    "recommendation.share": _may(student=own),
    "recommendation.drop": _may(Role.OFFICE, professor=own_writing, student=own),
    "recommendation.withdraw": _may(professor=own_writing, student=own),
    "introduction.view": _may(*_UNIVERSITY, Role.PARTNER, Role.STUDENT),
    "introduction.ask": _may(Role.PARTNER),
    "introduction.expire": _may(),
    "introduction.answer": _may(student=own),
    "introduction.withdraw": _may(partner=own_partner),
    "introduction.close": _may(Role.OFFICE, partner=own_partner),
    "immersion.view": _may(*Role),
    "immersion.propose": _may(Role.OFFICE, partner=own_partner),
    "immersion.change": _may(Role.OFFICE, partner=own_partner),
    "immersion.apply": _may(student=own),
    "immersion.select": _may(Role.OFFICE, partner=own_partner),
    "immersion.run": _may(Role.OFFICE),
    "immersion.cancel": _may(Role.OFFICE, partner=own_partner),
    "immersion.train": _may(Role.OFFICE),
    "immersion.accept": _may(Role.OFFICE, partner=own_partner, student=own),
    "immersion.evaluate": _may(partner=mentoring),
    "immersion.invite_evaluation": _may(Role.OFFICE),
    "immersion.report": _may(Role.OFFICE, student=own),
    "evaluation.view": _may(*Role),
    "hire.view": _may(*Role),
    "hire.offer": _may(Role.OFFICE, partner=own_partner),
    "hire.salary": _may(*_UNIVERSITY),
    "hire.change": _may(Role.OFFICE),
    "hire.answer": _may(Role.OFFICE, student=own),
    "hire.rescind": _may(Role.OFFICE, partner=own_partner),
    "hire.run": _may(Role.OFFICE, partner=own_partner),
    "hire.confirm": _may(partner=own_partner),
    "hire.check": _may(Role.OFFICE),
    "hire.checks": _may(*_UNIVERSITY),
    "outcome.view": _may(*_UNIVERSITY, Role.STUDENT),
    "outcome.record": _may(Role.OFFICE, student=own),
    "timeline.view": _may(*Role),
    "pathway.view": _may(*_UNIVERSITY, Role.PARTNER, Role.PROFESSOR, Role.STUDENT),
    "report.view": _may(*_UNIVERSITY),
    "mail.view": _may(*_UNIVERSITY),
    "mail.resend": _may(*_UNIVERSITY),
    "history.view": _may(*_UNIVERSITY),
    "user.view": _may(Role.ADMIN),
    "user.change": _may(Role.ADMIN),
    "token.own": _may(*Role),
    "me.view": _may(*Role),
    "me.change": _may(*Role),
    "me.student": _may(Role.STUDENT),
}


LINK_VERBS: Mapping[str, frozenset[str]] = {
    "introduction": frozenset({"introduction.answer"}),
    "evaluation": frozenset({"immersion.evaluate"}),
    "hire": frozenset({"hire.confirm"}),
}
"""Purpose of a one-time link -> what its bearer may do to the record that it is about."""


def can(user: Actor, verb: str, record: Any = None) -> bool:
    """Whether an actor may do a verb of RULES; with a record, also whether they may do it to that record."""
    if isinstance(user, SystemProcess):
        return True
    if isinstance(user, LinkBearer):
        return verb in LINK_VERBS[user.link.purpose] and record is not None and record.public_id == user.link.record
    reach = reach_of(user)
    condition = RULES[verb].get(reach.role) if reach else None
    if condition is None or isinstance(user, AnonymousUser):
        return False
    return record is None or condition(user, record)


NOT_RELEASED: Mapping[str, str] = {
    "candidate.contact": "The candidate has not released contact details to your organisation.",
}
"""Verb -> what somebody lacks whose role may do it, but not to this record."""


def require(user: Actor, verb: str, record: Any = None) -> None:
    """Raises NotAllowed unless `can`."""
    if not can(user, verb, record):
        lacking = NOT_RELEASED.get(verb) if can(user, verb) else None
        raise NotAllowed(lacking or "Your role does not allow this.")
