"""What mentors saw becomes evidence of the claims that the student makes, and of none besides."""

from django.utils import timezone

from crm.models import Evidence, EvidenceKind, ShownSkill, SkillClaim


def back_claims_shown(student_id: int) -> int:
    """Evidence, unshared, for each skill that a mentor saw and the student claims; returns how much is new.

    A skill that is not claimed waits: else what a mentor says of it would be read by whoever reads the profile.
    Part of an action that holds the student.
    """
    shown = ShownSkill.objects.filter(evaluation__immersion__student_id=student_id)
    rows = list(shown.select_related("evaluation__immersion").order_by("pk"))
    if not rows:
        return 0
    claims = dict(SkillClaim.objects.filter(student_id=student_id).values_list("skill_id", "pk"))
    backing = Evidence.objects.filter(evaluation__isnull=False, claim__student_id=student_id)
    backed = set(backing.values_list("evaluation_id", "claim_id"))
    new = [
        _evidence(row, claims[row.skill_id])
        for row in rows
        if row.skill_id in claims and (row.evaluation_id, claims[row.skill_id]) not in backed
    ]
    return len(Evidence.objects.bulk_create(new))


def _evidence(row: ShownSkill, claim_id: int) -> Evidence:
    given = row.evaluation
    return Evidence(
        claim_id=claim_id,
        kind=EvidenceKind.EVALUATION,
        # Without the partner: whoever reads shared evidence may be another one.
        title=f"{given.immersion.get_kind_display()} immersion, {given.get_stage_display().lower()} evaluation",
        date=timezone.localdate(given.given_at),
        level=row.level,
        evaluation=given,
    )
