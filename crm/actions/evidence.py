"""Evidence behind a skill claim: the office adds it, the student decides whether partners read it."""

from datetime import date

from django.db import transaction

from crm.access import Audience, SystemProcess, require
from crm.errors import Invalid
from crm.models import Evidence, EvidenceKind, SkillClaim, Student, User
from crm.signals import students_changed


@transaction.atomic
def add_evidence(
    *, claim: SkillClaim, kind: str, title: str, by: User | SystemProcess, date: date | None = None
) -> Evidence:
    """Evidence begins unshared. Raises Invalid for an unknown kind or an empty title."""
    require(by, "evidence.add")
    if kind not in EvidenceKind.values:
        raise Invalid.field("kind", f"Allowed: {', '.join(EvidenceKind.values)}.")
    if not title.strip():
        raise Invalid.field("title", "Say what the evidence is.")
    Student.objects.select_for_update().get(pk=claim.student_id)
    evidence = Evidence.objects.create(claim=claim, kind=kind, title=title.strip(), date=date)
    students_changed.send(Evidence, student_ids=[claim.student_id], narrows=None)
    return evidence


@transaction.atomic
def share_evidence(*, evidence: Evidence, shared: bool, by: User | SystemProcess) -> Evidence:
    student = Student.objects.select_for_update().get(pk=evidence.claim.student_id)
    require(by, "evidence.share", student)
    evidence = Evidence.objects.select_for_update().get(pk=evidence.pk)
    evidence.shared = shared
    evidence.save(update_fields=["shared"])
    students_changed.send(Evidence, student_ids=[student.pk], narrows=None if shared else Audience.PARTNERS)
    return evidence
