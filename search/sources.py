"""What the documents of students are made of: plain rows, read in a constant number of queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

from crm.models import Block, Consent, LabMembership, Publication, SkillClaim, Student, StudentLanguage, Supervision


class Claim(NamedTuple):
    """A claim of a skill, and up to which level evidence backs it: all of it, or what the student shared."""

    skill_id: int
    level: int
    backed: int
    backed_by_shared: int


class Language(NamedTuple):
    code: str
    level: str


@dataclass(frozen=True, slots=True)
class Source:
    """A student with all that a document may hold."""

    student: Student
    consents: Sequence[Consent]
    blocked: Sequence[int]
    """Primary keys of partners."""
    memberships: Sequence[LabMembership]
    supervisions: Sequence[Supervision]
    claims: Sequence[Claim]
    languages: Sequence[Language]
    work_cities: Sequence[int]
    """Primary keys."""
    publications: Sequence[str]
    """Titles."""


def load(student_ids: Sequence[int]) -> dict[int, Source]:
    """The students that are there, by primary key."""
    ids = list(student_ids)
    students = Student.objects.in_bulk(ids)
    consents, memberships, supervisions = (
        _by_student(model.objects.all(), ids) for model in (Consent, LabMembership, Supervision)
    )
    blocked = _by_student(Block.objects.all(), ids, "partner_id")
    claims = _by_student(SkillClaim.objects.with_backing(), ids, *Claim._fields)
    languages = _by_student(StudentLanguage.objects.all(), ids, *Language._fields)
    work_cities = _by_student(Student.work_cities.through.objects.all(), ids, "city_id")
    publications = _by_student(Publication.objects.all(), ids, "title")
    return {
        pk: Source(
            student=student,
            consents=consents[pk],
            blocked=[partner for (partner,) in blocked[pk]],
            memberships=memberships[pk],
            supervisions=supervisions[pk],
            claims=[Claim(*row) for row in claims[pk]],
            languages=[Language(*row) for row in languages[pk]],
            work_cities=[city for (city,) in work_cities[pk]],
            publications=[title for (title,) in publications[pk]],
        )
        for pk, student in students.items()
    }


def _by_student(rows: QuerySet[Any, Any], ids: Sequence[int], *columns: str) -> Mapping[int, list[Any]]:
    """Student -> the rows, or these columns of them, in an order that stays: documents are told apart by content."""
    found: dict[int, list[Any]] = defaultdict(list)
    chosen = rows.filter(student_id__in=ids).order_by("pk")
    if not columns:
        for record in chosen:
            found[record.student_id].append(record)
    else:
        for student_id, *row in chosen.values_list("student_id", *columns):
            found[student_id].append(row)
    return found
