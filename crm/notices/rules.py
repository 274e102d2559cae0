"""Whether a notice may still be sent: asked of the record and the recipient as they are when its time comes."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from crm.access import Level, Reach, Role, level, names_student
from crm.models import (
    Block,
    Consent,
    FollowUp,
    FollowUpState,
    Hire,
    HireCheck,
    Immersion,
    Introduction,
    Partner,
    Professor,
    Recommendation,
    Student,
    User,
)
from crm.notices.recipients import zone_of
from crm.querysets.process import FollowUpQuerySet
from crm.stages import Machine
from crm.text import printable_line


def today_of(user: User) -> date:
    """In the time zone of their mails."""
    return timezone.localdate(timezone=zone_of(user))


def follow_ups() -> FollowUpQuerySet[FollowUp]:
    rows: FollowUpQuerySet[FollowUp] = FollowUp.objects.select_related("partner", "lab", "contact__partner")
    return rows


def subject_of(follow_up: FollowUp) -> str:
    """The partner or lab that it is about."""
    subject = follow_up.partner or follow_up.lab or (follow_up.contact and follow_up.contact.partner)
    return printable_line(subject.name) if subject else ""


def follow_up_is_due(follow_up: FollowUp, to: User) -> bool:
    """Still open, theirs, and not put off meanwhile."""
    mine = follow_ups_due(to).filter(pk=follow_up.pk)
    return mine.exists()


def follow_ups_due(user: User) -> QuerySet[FollowUp]:
    """Their open ones that are due today or overdue, the oldest first."""
    mine = follow_ups().visible_to(user).filter(owner=user, state=FollowUpState.OPEN)
    return mine.filter(due__lte=today_of(user)).order_by("due", "pk")


def digest_is_due(user: User, to: User) -> bool:
    return user == to and user.wants_digest and follow_ups_due(user).exists()


def may_write_it(asked: Recommendation, to: Professor) -> bool:
    """Still asked of this professor, of whom the student is an own one now."""
    students = Student.objects.within(Reach(Role.PROFESSOR, professor_id=to.pk))
    mine = asked.state == "requested" and asked.professor == to
    return mine and students.filter(pk=asked.student_id).exists()


def keeps_out(student: Student, partner: Partner) -> bool:
    """Who blocks a partner hears nothing of it; nor does anybody of one that is a prospect again."""
    return not partner.is_active or Block.objects.filter(student=student, partner=partner).exists()


def may_be_introduced(asked: Introduction, to: Student) -> bool:
    """Who withdrew from the partner since is not asked any more."""
    return asked.student == to and asked.partner.is_active and level(asked.partner, to) > Level.NONE


def was_answered(asked: Introduction, to: User) -> bool:
    """The answer stands, and the recipient is who asked and still sees it."""
    answered = asked.state in {"accepted", "declined"} and asked.asked_by_id == to.pk
    return answered and Introduction.objects.visible_to(to).filter(pk=asked.pk).exists()


def may_be_proposed(stay: Immersion, to: Student) -> bool:
    return stay.state == "proposed" and stay.student == to and not keeps_out(to, stay.partner)


def may_be_offered(hire: Hire, to: Student) -> bool:
    return hire.state == "offered" and hire.student == to and not keeps_out(to, hire.partner)


def check_is_due(check: HireCheck, to: User) -> bool:
    """Nobody answered it, and its day was not put off meanwhile."""
    is_open = check.done_on is None and check.hire.state == "started" and check.due <= today_of(to)
    return is_open and to.role in {Role.ADMIN, Role.OFFICE}


def is_told_of_partners(partner: Partner, to: Student) -> bool:
    """Who let all partners see them, later ones too, is told of each."""
    asked_for = Consent.objects.active().filter(student=to, partner__isnull=True)
    return asked_for.exists() and not keeps_out(to, partner)


def candidate_for(machine: Machine, record: Any, partner_id: int | None) -> Student | None:
    """The student of a record, where people of this partner may read who it is."""
    reach = Reach(Role.PARTNER, partner_id=partner_id)
    student: Student = record.student
    named = names_student(reach, student, own_process=machine.states[record.state].own_process)
    return student if named and record.partner_id == partner_id else None
