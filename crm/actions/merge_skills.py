"""One skill takes the place of another in what people said: claims with their evidence, endorsements, shown skills."""

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q

from crm.models import Endorsement, Evidence, ShownSkill, Skill, SkillClaim, Student

NAMED_BY: dict[type[Any], str] = {
    SkillClaim: "student_id",
    Endorsement: "recommendation_id",
    ShownSkill: "evaluation_id",
}
"""What names a skill, with a level -> whose word it is: each names a skill once."""


def in_use(slugs: Collection[str]) -> set[str]:
    """Those of the skills that somebody claims, endorses or has shown."""
    used = Q()
    for model in NAMED_BY:
        used |= Q(Exists(model.objects.filter(skill=OuterRef("pk"))))
    return set(Skill.objects.filter(used, slug__in=slugs).values_list("slug", flat=True))


def replace_skill(*, old: Skill, new: Skill) -> list[int]:
    """Moves everything said of one skill to another; where both were named, the highest level stands.

    Part of an action that has checked the right to it, in its transaction. Returns the students whose claims moved.
    """
    claimants = SkillClaim.objects.filter(skill=old).values("student")
    # In one order, so that two writers cannot deadlock.
    locked = Student.objects.select_for_update().filter(pk__in=claimants).order_by("pk")
    students = list(locked.values_list("pk", flat=True))
    for model, whose in NAMED_BY.items():
        moving, staying = model.objects.filter(skill=old), model.objects.filter(skill=new)
        kept = {getattr(row, whose): row for row in staying.filter(**{f"{whose}__in": moving.values(whose)})}
        for row in list(moving.filter(**{f"{whose}__in": staying.values(whose)})):
            _merge(row, kept[getattr(row, whose)])
        moving.update(skill=new)
    return students


def _merge(row: Any, kept: Any) -> None:
    if isinstance(row, SkillClaim):
        _move_evidence(row, kept)
    if row.level > kept.level:
        kept.level = row.level
        kept.save(update_fields=["level"])
    row.delete()


def _move_evidence(claim: SkillClaim, kept: SkillClaim) -> None:
    """Evidence for whatever is claimed goes on to back the level that it backed, not the higher one of the other."""
    if claim.level != kept.level:
        lower = min(claim, kept, key=lambda each: each.level)
        lower.evidence.filter(level__isnull=True).update(level=lower.level)
    Evidence.objects.filter(claim=claim).update(claim=kept)
