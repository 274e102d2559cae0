"""Pathways: the documented chain of touchpoints between a partner and a student's labs, professors and the student.

It says what is on record, in order of time; never that one thing led to another.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from crm.access import names_student, reach_of, require
from crm.errors import NotAllowed
from crm.models import (
    Contact,
    Hire,
    LabHeadship,
    LabMembership,
    ProfessorMembership,
    Recommendation,
    Seminar,
    Student,
    Supervision,
    Touchpoint,
    User,
)
from crm.querysets.process import MEETINGS, OWN_PROCESS
from crm.stages import HIRE
from crm.timeline import PLACE, Entry, entries_of, places_of

MOST_STEPS = 100
"""Of a pathway are shown: the first touch, and the last ones before the hire."""


@dataclass(frozen=True)
class Pathway:
    """`first` and `last` touch before the hire, `assisting` between them; `count` counts all, shown or not."""

    count: int
    first: Entry | None
    assisting: list[Entry]
    last: Entry | None


@dataclass(frozen=True)
class Circle:
    """Whom a touchpoint must concern to stand in a student's pathway.

    Labs and professors count where they met the partner; what else they did there was with other students.
    """

    student_id: int
    lab_ids: Collection[int]
    professor_ids: Collection[int]

    def condition(self) -> Q:
        met = Q(lab_id__in=self.lab_ids) | Q(professor_id__in=self.professor_ids)
        return Q(student_id=self.student_id) | met & Q(kind__in=MEETINGS)


def circle_of(student_id: int, partner_id: int | None = None) -> Circle:
    """The student, the labs and supervisors of all times, the professors of those labs, and who recommended.

    With a partner, who recommended in general or there: no partner learns of a recommendation to another.
    """
    recommended = Recommendation.objects.filter(state="shared")
    if partner_id:
        recommended = recommended.filter(Q(partner_id=partner_id) | Q(partner_id__isnull=True))
    labs = set(LabMembership.objects.filter(student_id=student_id).values_list("lab_id", flat=True))
    professors = {
        *Supervision.objects.filter(student_id=student_id).values_list("professor_id", flat=True),
        *LabHeadship.objects.filter(lab_id__in=labs).values_list("professor_id", flat=True),
        *ProfessorMembership.objects.filter(lab_id__in=labs).values_list("professor_id", flat=True),
        *recommended.filter(student_id=student_id).values_list("professor_id", flat=True),
    }
    return Circle(student_id, labs, professors)


def pathway_of(hire: Hire, *, by: User) -> Pathway:
    """From the first touchpoint between the partner and the student's circle to the last one before the hire.

    Raises NotAllowed for a partner to whom the hire does not show who the student is.
    """
    require(by, "pathway.view")
    reach, own_process = reach_of(by), HIRE.states[hire.state].own_process
    if reach is None or not names_student(reach, hire.student, own_process=own_process):
        raise NotAllowed("This record no longer shows whose path it is.")
    until = hire.answered_on or hire.offered_on
    circle = _circle_for(by, hire)
    rows = Touchpoint.objects.visible_to(by).filter(circle.condition(), partner_id=hire.partner_id)
    rows = rows.filter(date__lte=until).exclude(record=hire.public_id)
    latest = places_of(rows, MOST_STEPS, backwards=False)
    earliest = places_of(rows, 1, backwards=True)
    chosen = [*(place for place in earliest if place not in latest), *reversed(latest)]
    read = entries_of(by, chosen)
    entries = [entry for entry in read if entry.says_whose()]
    return Pathway(
        count=rows.values(*PLACE).distinct().count() - len(read) + len(entries),
        first=entries[0] if entries else None,
        assisting=entries[1:-1],
        last=entries[-1] if entries else None,
    )


def _circle_for(by: User, hire: Hire) -> Circle:
    """Labs and professors are the profile's: without consent a partner's own record tells of the student alone."""
    if not Student.objects.visible_to(by).filter(pk=hire.student_id).exists():
        return Circle(hire.student_id, (), ())
    return circle_of(hire.student_id, hire.partner_id)


def followed(record: Contact | Seminar, *, by: User) -> list[Entry]:
    """What stands on record after a contact or seminar between the same partners and the students it touched.

    Touched are the students named, and those who were in a lab, or supervised by a professor, that it touched, as far
    as the user sees their profiles.
    """
    require(by, "pathway.view")
    touches = Touchpoint.objects.visible_to(by).filter(record__in=_records_of(record))
    partners, begin = _partners_and_day(touches)
    if begin is None:
        return []
    later = Touchpoint.objects.visible_to(by).filter(
        _students_of(touches, by), partner_id__in=partners, kind__in=OWN_PROCESS, date__gte=begin
    )
    places = places_of(later, MOST_STEPS, backwards=True)
    return [entry for entry in entries_of(by, places) if entry.says_whose()]


def _records_of(record: Contact | Seminar) -> list[uuid.UUID]:
    if isinstance(record, Contact):
        return [record.public_id]
    attended = record.attendances.values_list("public_id", flat=True)
    return [*attended, *record.contacts.values_list("public_id", flat=True)]


def _partners_and_day(touches: QuerySet[Touchpoint]) -> tuple[set[int], date | None]:
    found = list(touches.values_list("partner_id", "date"))
    return {partner for partner, _ in found}, min((day for _, day in found), default=None)


def _students_of(touches: QuerySet[Touchpoint], by: User) -> Q:
    """As a condition on Touchpoint.student_id."""
    labs = {pk for pk in touches.values_list("lab_id", flat=True) if pk}
    professors = {pk for pk in touches.values_list("professor_id", flat=True) if pk}
    students = {pk for pk in touches.values_list("student_id", flat=True) if pk}
    for model in (LabHeadship, ProfessorMembership):
        labs |= set(model.objects.filter(professor_id__in=professors).values_list("lab_id", flat=True))
    members = LabMembership.objects.filter(lab_id__in=labs).values("student_id")
    supervised = Supervision.objects.filter(professor_id__in=professors).values("student_id")
    seen = Q(student_id__in=Student.objects.visible_to(by).values("pk"))
    return Q(student_id__in=students) | seen & (Q(student_id__in=members) | Q(student_id__in=supervised))
