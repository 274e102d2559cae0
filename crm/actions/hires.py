"""Hires: offer, answer, start and leaving, and the partner's confirmation.

Whoever has an accepted or started hire is placed, and leaves candidate search unless `placed` asks for them.
"""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm import stages
from crm.access import Actor, LinkBearer, Role, can, names_student, reach_of, require
from crm.actions.hire_checks import close_checks, make_checks, move_checks
from crm.actions.moving import locked_with_student, move
from crm.actions.saving import save_checked
from crm.errors import Conflict, Invalid, NotAllowed
from crm.links import end_links
from crm.models import Hire, HireState, Immersion, Partner, Representative, Student, User
from crm.notices import queue_mail
from crm.signals import students_changed
from crm.touchpoints import write_touchpoints

OPEN = [name for name, stage in stages.HIRE.states.items() if stage.open]
CONFIRMABLE = {HireState.ACCEPTED, HireState.STARTED, HireState.LEFT}
WITHOUT_OFFER = {"proposed", "rejected", "declined", "cancelled"}
"""States of an immersion that no offer is made from."""
LATE_RECORD = timedelta(days=31)
"""How long before the offer was recorded here the first day may lie, unless the office says so."""


@transaction.atomic
def offer_hire(*, student: Student, partner: Partner, position: str, by: Actor, **fields: Any) -> Hire:
    """A partner's offer to a student; `fields`: place, offered_on, answer_by, starts, immersion, salary_band.

    Partner HR offers to those whom it knows by consent or by a process of its own. Raises NotAllowed, Invalid for
    values, and Conflict where an offer or a hire of the two is open.
    """
    student = Student.objects.select_for_update().get(pk=student.pk)
    account = by if isinstance(by, User) else None
    hire = Hire(student=student, partner=partner, offered_on=timezone.localdate(), created_by=account)
    require(by, "hire.offer", hire)
    _check_offer(hire, fields, by)
    _save(hire, {**fields, "position": position.strip()})
    stages.record_change(stages.HIRE, hire, to=hire.state, by=by)
    write_touchpoints(hire)
    queue_mail("hire_offered", record=hire.public_id, to=student)
    return hire


def _check_offer(hire: Hire, fields: dict[str, Any], by: Actor) -> None:
    if fields.get("salary_band"):
        require(by, "hire.change", hire)
    _check_first_day(hire, fields.get("starts"), by)
    stay: Immersion | None = fields.get("immersion")
    # First, so that the answer is the same whoever it was.
    if stay and not _names(stay, by):
        raise Invalid.field("immersion", "This record no longer shows whose stay it was.")
    if (
        getattr(by, "role", None) == Role.PARTNER
        and not Student.objects.known_to(by).filter(pk=hire.student_id).exists()
    ):
        raise NotAllowed("You do not see this candidate any more.")
    if stay and (stay.student_id, stay.partner_id) != (hire.student_id, hire.partner_id):
        raise Invalid.field("immersion", "This immersion is of another student or partner.")
    if stay and stay.state in WITHOUT_OFFER:
        raise Invalid.field("immersion", f"No offer is made from an immersion that is {stay.state}.")
    if Hire.objects.filter(student=hire.student, partner=hire.partner, state__in=OPEN).exists():
        raise Conflict("An offer or a hire of this student at this partner is open already.")


def _check_first_day(hire: Hire, starts: date | None, by: Actor) -> None:
    """The checks after 6 and 12 months would else be due at once, for years past."""
    earliest = timezone.localdate(hire.created_at) - LATE_RECORD
    if starts and starts < earliest and not can(by, "hire.change", hire):
        sentence = f"This day lies more than {LATE_RECORD.days} days before the offer was recorded here"
        raise Invalid.field("starts", f"{sentence}. The career office can record it.")


def _names(stay: Immersion, by: Actor) -> bool:
    """A partner makes no offer from a stay that does not tell it who the student is: the answer would."""
    reach = reach_of(by) if isinstance(by, User) else None
    own_process = stages.IMMERSION.states[stay.state].own_process
    return reach is None or names_student(reach, stay.student, own_process=own_process)


def _save(hire: Hire, fields: dict[str, Any]) -> None:
    """Raises Invalid for values, also those that the stage does not allow."""
    for name, value in fields.items():
        setattr(hire, name, value)
    if missing := stages.HIRE.missing(hire, hire.state):
        raise Invalid("Some values cannot be taken.", fields=missing)
    save_checked(hire)


@transaction.atomic
def change_hire(*, hire: Hire, by: Actor, **fields: Any) -> Hire:
    """Corrects what is known of a hire. Raises NotAllowed, and Invalid for days that its stage does not allow."""
    hire = locked_with_student(hire)
    require(by, "hire.change", hire)
    if "left_on" in fields and hire.state != HireState.LEFT:
        raise Invalid.field("left_on", "The student has not left.")
    if "answered_on" in fields and hire.answered_on is None:
        raise Invalid.field("answered_on", "The student has not answered.")
    _save(hire, fields)
    if "starts" in fields and hire.state == HireState.STARTED:
        move_checks(hire)
    write_touchpoints(hire)
    return hire


@transaction.atomic
def answer_hire(
    *, hire: Hire, accepted: bool, by: Actor, reason: str = "", answered_on: date | None = None, force: bool = False
) -> Hire:
    """The student's answer, or the office's note of it, which alone may name another day than today.

    Raises Conflict where the student accepts after `answer_by`, and where another hire of theirs is accepted or goes
    on, which the office passes with `force`.
    """
    hire = locked_with_student(hire)
    if answered_on or force:
        require(by, "hire.change", hire)
    to = HireState.ACCEPTED if accepted else HireState.DECLINED
    days = {"answered_on": answered_on or timezone.localdate()}
    hire = move(stages.HIRE, hire, to, by=by, reason=reason, fields=days)
    if accepted:
        _check_free(hire, by, force=force)
        _ask_to_confirm(hire)
    return _settled(hire)


def _check_free(hire: Hire, by: Actor, *, force: bool) -> None:
    is_student = getattr(by, "student_id", None) == hire.student_id
    if is_student and hire.answer_by and hire.answer_by < timezone.localdate():
        raise Conflict(f"This offer was open until {hire.answer_by}. The career office can record a later answer.")
    others = Hire.objects.held().filter(student=hire.student).exclude(pk=hire.pk)
    if others.exists() and not force:
        raise Conflict("Another hire of this student is accepted or goes on. The career office can pass it: force.")


def _ask_to_confirm(hire: Hire) -> None:
    """Who made the offer, or all who represent the partner now."""
    present = [person for person in hire.partner.representatives.all() if person.is_current()]
    offerer = hire.created_by.representative if hire.created_by else None
    for person in [offerer] if offerer in present else present:
        queue_mail("hire_to_confirm", record=hire.public_id, to=person)


def _settled(hire: Hire) -> Hire:
    """After a move: touchpoints, and whether the student is placed."""
    write_touchpoints(hire)
    placed = Hire.objects.held().filter(student=hire.student).exists()
    if Student.objects.filter(pk=hire.student_id).exclude(placed=placed).update(placed=placed):
        students_changed.send(Hire, student_ids=[hire.student_id], narrows=None)
    return hire


@transaction.atomic
def rescind_hire(*, hire: Hire, reason: str, by: Actor) -> Hire:
    """The offer, accepted or not, no longer stands; links to confirm it end."""
    hire = move(stages.HIRE, locked_with_student(hire), HireState.RESCINDED, by=by, reason=reason)
    end_links(hire.public_id)
    return _settled(hire)


@transaction.atomic
def start_hire(*, hire: Hire, by: Actor, starts: date | None = None, reason: str = "") -> Hire:
    """The first day has come; `starts` where it is another than was agreed. Checks fall due 6 and 12 months later."""
    days = {"starts": starts} if starts else {}
    hire = move(stages.HIRE, locked_with_student(hire), HireState.STARTED, by=by, reason=reason, fields=days)
    _check_first_day(hire, starts, by)
    make_checks(hire)
    return _settled(hire)


@transaction.atomic
def leave_hire(*, hire: Hire, by: Actor, left_on: date | None = None, reason: str = "") -> Hire:
    """`left_on` is the last day. Checks that are not done yet are answered by it."""
    days = {"left_on": left_on}
    hire = move(stages.HIRE, locked_with_student(hire), HireState.LEFT, by=by, reason=reason, fields=days)
    close_checks(hire)
    return _settled(hire)


@transaction.atomic
def confirm_hire(*, hire: Hire, by: Actor) -> Hire:
    """The partner, by account or by link, says that it hired the student. Raises Conflict where that cannot be."""
    hire = locked_with_student(hire)
    require(by, "hire.confirm", hire)
    if hire.state not in CONFIRMABLE:
        raise Conflict(f"A hire that is {hire.state} cannot be confirmed.")
    if hire.confirmed_at:
        raise Conflict("This hire is confirmed already.")
    hire.confirmed_at, hire.confirmed_by = timezone.now(), _representative(by)
    hire.save(update_fields=["confirmed_at", "confirmed_by"])
    end_links(hire.public_id)
    return hire


def _representative(by: Actor) -> Representative | None:
    return by.link.representative if isinstance(by, LinkBearer) else getattr(by, "representative", None)
