"""Evaluations of an immersion: the office asks, the mentor gives, and what the student showed becomes evidence."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from crm.access import Actor, LinkBearer, require
from crm.actions.backing import back_claims_shown
from crm.actions.moving import locked_with_student
from crm.actions.saving import save_checked
from crm.errors import Conflict, Gone, Invalid, NotAllowed
from crm.models import (
    RUBRIC,
    Evaluation,
    EvaluationStage,
    Immersion,
    ImmersionState,
    Mail,
    Representative,
    ShownSkill,
    User,
)
from crm.notices import queue_mail
from crm.notices.recipients import address_of, may_be_written_to
from crm.signals import students_changed
from crm.touchpoints import write_touchpoints

ASKED = "evaluation_asked"
"""The notice that carries the mentor's one-time link."""


@transaction.atomic
def request_evaluation(*, immersion: Immersion, stage: str, by: Actor) -> None:
    """Writes to the mentor, again where it was asked before.

    Raises Invalid where there is nobody to write to, and Conflict where it is not the time.
    """
    immersion = locked_with_student(immersion)
    require(by, "immersion.invite_evaluation", immersion)
    _check_time(immersion, stage)
    mentor = immersion.mentor
    if mentor is None or not may_be_written_to(mentor) or not address_of(mentor):
        raise Invalid.field("mentor", "There is no mentor at the partner now who has an address and may be written to.")
    asked_before = Mail.objects.filter(template=ASKED, record=immersion.public_id, stage=stage).count()
    key = f"{ASKED}:{stage}:{immersion.public_id}:{asked_before + 1}"
    queue_mail(ASKED, record=immersion.public_id, to=mentor, stage=stage, key=key)


@transaction.atomic
def give_evaluation(
    *, immersion: Immersion, stage: str, by: Actor, shown_skills: Sequence[Mapping[str, Any]] = (), **said: Any
) -> Evaluation:
    """Keeps what the mentor says: a mark from 1 to 5 for each of RUBRIC, `remarks`, `would_hire`.

    `shown_skills` holds rows of a skill and the level shown: see `crm.actions.backing`.
    Raises NotAllowed, Invalid, Conflict where that stage was evaluated or the immersion is not active, and Gone for
    the link of somebody who is the mentor no more.
    """
    immersion = locked_with_student(immersion)
    require(by, "immersion.evaluate", immersion)
    mentor = _evaluator(immersion, stage, by)
    _check_time(immersion, stage)
    _check(said, shown_skills)
    evaluation = save_checked(Evaluation(immersion=immersion, stage=stage, mentor=mentor, **said))
    _keep_shown(evaluation, shown_skills)
    write_touchpoints(evaluation)
    return evaluation


def _evaluator(immersion: Immersion, stage: str, by: Actor) -> Representative | None:
    if isinstance(by, User):
        person: Representative | None = by.representative
        return person
    if isinstance(by, LinkBearer):
        if by.link.stage != stage:
            raise NotAllowed("This link is for another evaluation.")
        if by.link.representative_id != immersion.mentor_id:
            raise Gone("This link has expired.")
    return immersion.mentor


def _check_time(immersion: Immersion, stage: str) -> None:
    if stage not in EvaluationStage.values:
        raise Invalid.field("stage", f"Allowed: {', '.join(EvaluationStage.values)}.")
    if immersion.state != ImmersionState.ACTIVE:
        raise Conflict(f"This immersion is {immersion.state}; it is evaluated while it is active.")
    if immersion.evaluations.filter(stage=stage).exists():
        raise Conflict(f"The {stage} evaluation was given already.", fields={"stage": ["Given already."]})


def _check(said: Mapping[str, Any], shown_skills: Sequence[Mapping[str, Any]]) -> None:
    for criterion in RUBRIC:
        if said.get(criterion) not in range(1, 6):
            raise Invalid.field(criterion, "A mark from 1 (poor) to 5 (excellent).")
    if any(row["level"] not in range(1, 6) for row in shown_skills):
        raise Invalid.field("shown_skills", "A level from 1 to 5.")
    if len({row["skill"].pk for row in shown_skills}) < len(shown_skills):
        raise Invalid.field("shown_skills", "Two entries are about the same skill.")


def _keep_shown(evaluation: Evaluation, shown_skills: Sequence[Mapping[str, Any]]) -> None:
    """Each skill that the student claims becomes evidence that only the student may share; others wait for a claim."""
    ShownSkill.objects.bulk_create(ShownSkill(evaluation=evaluation, **row) for row in shown_skills)
    student_id = evaluation.immersion.student_id
    if back_claims_shown(student_id):
        students_changed.send(Evaluation, student_ids=[student_id], narrows=None)
