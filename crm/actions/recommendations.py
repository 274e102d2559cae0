"""Professors vouch for students, asked or unasked. Partners read it only after the student agreed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm import stages
from crm.access import Actor, Audience, Reach, Role, require
from crm.actions.moving import locked_with_student, move
from crm.actions.saving import locked, save_checked
from crm.errors import Conflict, Invalid
from crm.models import (
    Endorsement,
    Evidence,
    EvidenceKind,
    Partner,
    Professor,
    Recommendation,
    RecommendationState,
    SkillClaim,
    Student,
    User,
)
from crm.notices import queue_mail
from crm.signals import students_changed
from crm.touchpoints import write_touchpoints

Endorsements = Sequence[Mapping[str, Any]]
"""Rows of {"skill": Skill, "level": 1 to 5}."""


@transaction.atomic
def write_recommendation(
    *, student: Student, text: str, by: User, partner: Partner | None = None, endorsements: Endorsements = ()
) -> Recommendation:
    """A professor's own, for one partner or in general (None).

    Raises NotAllowed unless the student is an own one now, Invalid without a text.
    """
    written = Recommendation(student=locked(student), professor=by.professor, partner=partner, text=text.strip())
    require(by, "recommendation.write", written)
    written.state = RecommendationState.WRITTEN
    _check_text(written)
    save_checked(written)
    _set_endorsements(written, endorsements)
    stages.record_change(stages.RECOMMENDATION, written, to=written.state, by=by)
    _tell_student(written)
    return written


@transaction.atomic
def request_recommendation(
    *, student: Student, professor: Professor, by: User, partner: Partner | None = None, request: str = ""
) -> Recommendation:
    """Asks a professor to write one.

    Raises Invalid where the student is not an own one of that professor now, Conflict where the same is asked already.
    """
    asked = Recommendation(student=locked(student), professor=professor, partner=partner, request=request.strip())
    require(by, "recommendation.request", asked)
    asked.state, asked.requested_by = RecommendationState.REQUESTED, by
    if not Student.objects.within(Reach(Role.PROFESSOR, professor_id=professor.pk)).filter(pk=student.pk).exists():
        raise Invalid.field("professor", "This professor neither supervises the student nor leads their lab now.")
    if Recommendation.objects.filter(
        student=student, professor=professor, partner=partner, state=RecommendationState.REQUESTED
    ).exists():
        raise Conflict("This professor is asked for this recommendation already.")
    save_checked(asked)
    stages.record_change(stages.RECOMMENDATION, asked, to=asked.state, by=by)
    queue_mail("recommendation_requested", record=asked.public_id, to=professor)
    return asked


@transaction.atomic
def change_recommendation(
    *, recommendation: Recommendation, by: Actor, text: str | None = None, endorsements: Endorsements | None = None
) -> Recommendation:
    """Writes one that was requested, or changes one that the student has not shared. Endorsements are replaced.

    Raises Conflict where it is shared or withdrawn: it stays what the student agreed to.
    """
    record = locked_with_student(recommendation)
    require(by, "recommendation.write", record)
    if record.state not in {RecommendationState.REQUESTED, RecommendationState.WRITTEN}:
        raise Conflict(f"A recommendation that is {record.state} stays as it is: withdraw it and write another.")
    if endorsements is not None:
        _set_endorsements(record, endorsements)
    if text is None:
        return record
    record.text = text.strip()
    _check_text(record)
    if record.state == RecommendationState.REQUESTED:
        move(stages.RECOMMENDATION, record, RecommendationState.WRITTEN, by=by)
        _tell_student(record)
        return record
    return save_checked(record)


@transaction.atomic
def move_recommendation(
    *,
    recommendation: Recommendation,
    to: str,
    by: Actor,
    reason: str = "",
    text: str = "",
    endorsements: Endorsements | None = None,
) -> Recommendation:
    """Written, with its text and endorsements; shared, when a general one becomes evidence; withdrawn, when that ends.

    Raises InvalidMove, NotAllowed, and Invalid where nothing is written.
    """
    record = locked_with_student(recommendation)
    move(stages.RECOMMENDATION, record, to, by=by, reason=reason, fields=_set_by(to, text))
    if to == RecommendationState.WRITTEN:
        if endorsements is not None:
            _set_endorsements(record, endorsements)
        _tell_student(record)
    elif to == RecommendationState.SHARED and record.partner_id is None:
        _back_claims(record)
    elif to == RecommendationState.WITHDRAWN:
        _remove_evidence(record)
    write_touchpoints(record)
    return record


def _set_by(to: str, text: str) -> dict[str, Any]:
    """The fields that go with a move."""
    if to == RecommendationState.WRITTEN:
        return {"text": text.strip()} if text.strip() else {}
    return {"shared_at": timezone.now()} if to == RecommendationState.SHARED else {}


def _check_text(record: Recommendation) -> None:
    if not record.text:
        raise Invalid.field("text", "Say why you recommend the student.")


def _tell_student(record: Recommendation) -> None:
    queue_mail("recommendation_to_share", record=record.public_id, to=record.student)


def _set_endorsements(record: Recommendation, rows: Endorsements) -> None:
    wanted = [Endorsement(recommendation=record, **row) for row in rows]
    if len({row.skill_id for row in wanted}) < len(wanted):
        raise Invalid.field("endorsements", "Name each skill once.")
    if bad := [row.level for row in wanted if row.level not in range(1, 6)]:
        raise Invalid.field("endorsements", f"Level {bad[0]} is not between 1 and 5.")
    record.endorsements.all().delete()
    Endorsement.objects.bulk_create(wanted)


def _back_claims(record: Recommendation) -> None:
    """A claim that the student has not made yet is made at the level endorsed."""
    endorsements = list(record.endorsements.all())
    if not endorsements:
        return
    new = [SkillClaim(student_id=record.student_id, skill_id=e.skill_id, level=e.level) for e in endorsements]
    SkillClaim.objects.bulk_create(new, ignore_conflicts=True)
    claims = dict(SkillClaim.objects.filter(student=record.student_id).values_list("skill_id", "pk"))
    Evidence.objects.bulk_create(
        Evidence(
            claim_id=claims[endorsement.skill_id],
            kind=EvidenceKind.RECOMMENDATION,
            title=f"Recommendation by {record.professor.name}",
            date=timezone.localdate(record.shared_at),
            shared=True,
            level=endorsement.level,
            recommendation=record,
        )
        for endorsement in endorsements
    )
    Student.objects.filter(pk=record.student_id).update(updated_at=timezone.now())
    students_changed.send(Recommendation, student_ids=[record.student_id], narrows=None)


def _remove_evidence(record: Recommendation) -> None:
    """The claims stay: they are the student's."""
    removed, _ = Evidence.objects.filter(recommendation=record).delete()
    if removed:
        students_changed.send(Recommendation, student_ids=[record.student_id], narrows=Audience.PARTNERS)
