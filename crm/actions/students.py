"""Create and change a student's record, one at a time. Files of many go through crm/imports."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from crm.access import Audience, SystemProcess, require
from crm.actions.backing import back_claims_shown
from crm.actions.saving import save_checked
from crm.errors import Invalid, NotAllowed
from crm.models import (
    LabMembership,
    ProfileLink,
    Publication,
    SkillClaim,
    Student,
    StudentLanguage,
    Supervision,
    User,
)
from crm.signals import students_changed

CONTACT_FIELDS = ("email", "phone")
OWN_FIELDS = (
    *("native_name", *CONTACT_FIELDS, "headline", "summary", "projects", "home_city", "willing_to_travel"),
    *("available_from", "do_not_contact", "work_cities", "languages", "publications", "links", "claims"),
)
"""What students change themselves; all else is the university's."""

Rows = Sequence[Mapping[str, Any]]


def create_student(*, by: User | SystemProcess, **fields: Any) -> Student:
    """A new student, without any consent. Fields as in `update_student`; raises Invalid or Conflict."""
    require(by, "student.create")
    return _write(Student(), fields)


def update_student(*, student: Student, by: User | SystemProcess, **fields: Any) -> Student:
    """Sets the given fields. A collection (claims, languages, memberships, ...) is replaced as a whole.

    Raises Invalid for values, NotAllowed where a student touches what is the university's.
    """
    require(by, "student.update", student)
    if isinstance(by, User) and by.student_id == student.pk:
        _check_own_change(student, fields)
    return _write(student, fields)


def _check_own_change(student: Student, fields: Mapping[str, Any]) -> None:
    if foreign := set(fields) - set(OWN_FIELDS):
        raise NotAllowed(f"The university keeps: {', '.join(sorted(foreign))}.")
    if "claims" in fields:
        wished = {row["skill"].pk: row["level"] for row in fields["claims"]}
        backed = student.claims.filter(evidence__isnull=False).distinct()
        for claim in backed.select_related("skill").prefetch_related("evidence"):
            highest = claim.highest_backed()
            if not 1 <= wished.get(claim.skill_id, 0) <= highest:
                sentence = f"{claim.skill} is backed by evidence: it stays, at level {highest} or below."
                raise Invalid.field("claims", sentence)


@transaction.atomic
def _write(student: Student, fields: Mapping[str, Any]) -> Student:
    # Nobody saw a new student, so nobody has to be kept from seeing.
    narrows = Audience.PROFESSORS if student.pk and fields.keys() & {"memberships", "supervisions"} else None
    if student.pk:
        student = Student.objects.select_for_update().get(pk=student.pk)
        if fields.get("placed") is False and student.hires.held().exists():
            raise Invalid.field("placed", "A hire of this student is accepted or goes on.")
    student.updated_at = timezone.now()
    save_checked(student, {name: fields[name] for name in fields.keys() - COLLECTIONS.keys()})
    for name in fields.keys() & COLLECTIONS.keys():
        COLLECTIONS[name](student, fields[name])
    students_changed.send(Student, student_ids=[student.pk], narrows=narrows)
    return student


def _replacing(
    model: type[Any], name: str, once: Callable[[Any], object] = lambda row: None
) -> Callable[[Student, Rows], None]:
    """Replaces the student's rows of a model; a row that is the same stays, with its id.

    `once`: what two rows may not share; None for a row that may be repeated.
    """

    def replace(student: Student, rows: Rows) -> None:
        wanted = [model(student=student, **row) for row in rows]
        for row in wanted:
            try:
                row.full_clean(exclude=["student"], validate_unique=False, validate_constraints=False)
            except ValidationError as error:
                sentences = [f"{field}: {text}" for field, texts in error.message_dict.items() for text in texts]
                raise Invalid("Some values cannot be taken.", fields={name: sentences}) from error
        keys = [key for key in map(once, wanted) if key is not None]
        if len(keys) > len(set(keys)):
            raise Invalid.field(name, "Two entries are about the same thing.")
        _swap(model, student, wanted)

    return replace


def _swap(model: type[Any], student: Student, wanted: list[Any]) -> None:
    fields = [f.attname for f in model._meta.concrete_fields if f.attname not in {"id", "public_id", "student_id"}]
    missing = {tuple(getattr(row, f) for f in fields): row for row in wanted}
    for row in model.objects.filter(student=student):
        if missing.pop(tuple(getattr(row, f) for f in fields), None) is None:
            row.delete()
    model.objects.bulk_create(missing.values())


def _set_claims(student: Student, rows: Rows) -> None:
    """Levels change in place, so that evidence stays with its claim."""
    wanted = {row["skill"].pk: row["level"] for row in rows}
    if bad := [level for level in wanted.values() if level not in range(1, 6)]:
        raise Invalid.field("claims", f"Level {bad[0]} is not between 1 and 5.")
    SkillClaim.objects.filter(student=student).exclude(skill_id__in=wanted).delete()
    SkillClaim.objects.bulk_create(
        [SkillClaim(student=student, skill_id=skill, level=level) for skill, level in wanted.items()],
        update_conflicts=True,
        unique_fields=["student", "skill"],
        update_fields=["level"],
    )
    back_claims_shown(student.pk)


COLLECTIONS: Mapping[str, Callable[[Student, Any], None]] = {
    "work_cities": lambda student, cities: student.work_cities.set(cities),
    "claims": _set_claims,
    "languages": _replacing(StudentLanguage, "languages", lambda row: row.code),
    "publications": _replacing(Publication, "publications"),
    "links": _replacing(ProfileLink, "links", lambda row: (row.kind, row.url)),
    "memberships": _replacing(LabMembership, "memberships", lambda row: None if row.ends else row.lab_id),
    "supervisions": _replacing(Supervision, "supervisions", lambda row: None if row.ends else row.professor_id),
}
