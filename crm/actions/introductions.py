"""Partner HR asks to meet a candidate; the student answers; accepting releases contact details."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from crm import stages
from crm.access import Actor, LinkBearer, SystemProcess, require
from crm.actions.consents import grant_consent
from crm.actions.moving import locked_with_student, move
from crm.actions.saving import save_checked
from crm.errors import Conflict, Invalid
from crm.links import end_links
from crm.models import Consent, ConsentScope, Introduction, IntroductionState, Partner, Student, User
from crm.notices import queue_mail
from crm.touchpoints import write_touchpoints

EXPIRY = SystemProcess("expiry of introductions")


@transaction.atomic
def ask_introduction(*, student: Student, message: str, by: User) -> Introduction:
    """A representative asks to meet a candidate whom they may see now.

    Raises Invalid for a student who is hidden, as for one who is not there; Conflict while an earlier one is open, and
    until INTRODUCTION_PAUSE_DAYS after a decline.
    """
    require(by, "introduction.ask")
    assert by.representative is not None
    partner, now = by.representative.partner, timezone.now()
    list(Student.objects.select_for_update().filter(pk=student.pk).values_list("pk"))
    if not Student.objects.visible_to(by).filter(pk=student.pk).exists():
        raise Invalid.field("candidate", f"Unknown: {str(student.public_id)!r}.")
    _check_may_ask(student, partner)
    if not message.strip():
        raise Invalid.field("message", "Say why you want to meet the candidate.")
    asked = Introduction(student=student, partner=partner, asked_by=by, message=message.strip(), asked_at=now)
    asked.expires = now + timedelta(days=settings.INTRODUCTION_DAYS)
    save_checked(asked)
    stages.record_change(stages.INTRODUCTION, asked, to=IntroductionState.ASKED, by=by)
    queue_mail("introduction_asked", record=asked.public_id, to=student)
    return asked


def _check_may_ask(student: Student, partner: Partner) -> None:
    for earlier in Introduction.objects.select_for_update().filter(student=student, partner=partner):
        if _store_expiry(earlier, EXPIRY):
            continue
        if stages.INTRODUCTION.states[earlier.state].open:
            raise Conflict("You asked for this candidate already.", fields={"candidate": [_still(earlier)]})
        again = _day_to_ask_again(earlier)
        if timezone.localdate() < again:
            raise Conflict(
                f"The candidate declined. You may ask again from {again:%Y-%m-%d}.",
                fields={"candidate": [f"Ask again from {again:%Y-%m-%d}."]},
            )


def _still(open_one: Introduction) -> str:
    return f"The introduction {open_one.public_id} is {open_one.state}."


def _day_to_ask_again(earlier: Introduction) -> Any:
    if earlier.state != IntroductionState.DECLINED or earlier.answered_at is None:
        return timezone.localdate()
    return timezone.localdate(earlier.answered_at) + timedelta(days=settings.INTRODUCTION_PAUSE_DAYS)


def accept_introduction(*, introduction: Introduction, by: Actor, reason: str = "") -> Introduction:
    """The student, or the bearer of their link. The partner gets the contact consent; see `move_introduction`."""
    return move_introduction(introduction=introduction, to=IntroductionState.ACCEPTED, by=by, reason=reason)


def decline_introduction(*, introduction: Introduction, by: Actor, reason: str = "") -> Introduction:
    return move_introduction(introduction=introduction, to=IntroductionState.DECLINED, by=by, reason=reason)


@transaction.atomic
def move_introduction(*, introduction: Introduction, to: str, by: Actor, reason: str = "") -> Introduction:
    """Accepted or declined by the student, withdrawn by the partner, closed by partner or office.

    A consent that was withdrawn since does not keep the student from answering. Raises InvalidMove, NotAllowed, and
    Conflict where the student accepts a partner whom they block, or who is not active.
    """
    record = locked_with_student(introduction)
    answered = to in {IntroductionState.ACCEPTED, IntroductionState.DECLINED}
    fields = {"answered_at": timezone.now()} if answered else {}
    move(stages.INTRODUCTION, record, to, by=by, reason=reason, fields=fields)
    if to == IntroductionState.ACCEPTED:
        _release_contact(record, by)
    end_links(record.public_id)
    if answered and record.asked_by:
        queue_mail("introduction_answered", record=record.public_id, to=record.asked_by)
    write_touchpoints(record)
    return record


def _release_contact(record: Introduction, by: Actor) -> None:
    """Records a contact consent of this partner, beside any other: it stays until it is withdrawn itself."""
    if not record.partner.is_active:
        raise Conflict("This partner is not active any more.")
    if record.student.blocks.filter(partner=record.partner_id).exists():
        raise Conflict("You block this partner. Lift the block first, or decline.")
    record.consent = _granted(record, by)
    record.save(update_fields=["consent"])


def _granted(record: Introduction, by: Actor) -> Consent:
    return grant_consent(
        student=record.student,
        partner=record.partner,
        scopes=[ConsentScope.CONTACT],
        source=f"introduction accepted on {timezone.localdate():%Y-%m-%d}",
        by=SystemProcess(f"link: {by.link.purpose}") if isinstance(by, LinkBearer) else by,
    )


def expire_introductions(*, by: SystemProcess) -> int:
    """Stores what time has decided already: who was not answered in time. Returns how many."""
    require(by, "introduction.expire")
    due = Introduction.objects.filter(stored_state=IntroductionState.ASKED, expires__lte=timezone.now())
    return sum(_expire(pk, by) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _expire(pk: int, by: SystemProcess) -> bool:
    introduction = Introduction.objects.filter(pk=pk).first()
    if introduction is None:
        return False
    list(Student.objects.select_for_update().filter(pk=introduction.student_id).values_list("pk"))
    still_there = Introduction.objects.select_for_update().filter(pk=pk).first()
    return still_there is not None and _store_expiry(still_there, by)


def _store_expiry(introduction: Introduction, by: SystemProcess) -> bool:
    """Whether a locked introduction had run out without this being stored."""
    if introduction.stored_state != IntroductionState.ASKED or introduction.state != IntroductionState.EXPIRED:
        return False
    introduction.state = IntroductionState.EXPIRED
    introduction.save(update_fields=["stored_state"])
    stages.record_change(
        stages.INTRODUCTION, introduction, start=IntroductionState.ASKED, to=IntroductionState.EXPIRED, by=by
    )
    end_links(introduction.public_id)
    return True
