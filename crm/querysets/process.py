"""Who sees what happens between university and partners: contacts, introductions, immersions, hires.

Partner HR sees its own partner's records alone. What such a record shows of the student is another question, which
`crm.access.names_student` answers.
"""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Cast, Concat

from crm.access import Reach, Role, reach_of
from crm.querysets.gate import NOTHING, UNIVERSITY, M, VisibleQuerySet, own_record, rows_of
from crm.querysets.people import OWN_PROCESSES, blocking, consented, lab_ids_of, own_students

if TYPE_CHECKING:
    from crm.models import User


def _own_partner(reach: Reach) -> Q:
    return Q(partner_id=reach.partner_id) if reach.partner_id else NOTHING


def _own_labs(reach: Reach) -> set[int]:
    return lab_ids_of(reach.professor_id) if reach.professor_id else set()


class SeminarQuerySet(VisibleQuerySet[M]):
    """Open ones are for everybody; a closed one is for the university and for whom it invites."""

    rules = {
        **UNIVERSITY,
        Role.PROFESSOR: lambda reach: Q(),
        Role.PARTNER: lambda reach: Q(is_open=True) | _attended(representative__partner_id=reach.partner_id),
        Role.STUDENT: lambda reach: Q(is_open=True) | _attended(student_id=reach.student_id),
    }


def _attended(**person: int | None) -> Q:
    return Q(Exists(rows_of("Attendance").filter(seminar=OuterRef("pk"), **person)))


def _at_own_talk(reach: Reach) -> Q:
    speaks = rows_of("Seminar").filter(pk=OuterRef("seminar_id"), speakers=reach.professor_id)
    return Q(Exists(speaks))


class AttendanceQuerySet(VisibleQuerySet[M]):
    """Who came is the university's; partners and students see themselves."""

    rules = {
        **UNIVERSITY,
        Role.PROFESSOR: lambda reach: (
            Q(professor_id=reach.professor_id) | Q(seminar__lab_id__in=_own_labs(reach)) | _at_own_talk(reach)
        ),
        Role.PARTNER: lambda reach: Q(representative__partner_id=reach.partner_id) if reach.partner_id else NOTHING,
        Role.STUDENT: own_record("student_id"),
    }


def _took_part(reach: Reach) -> Q:
    mine = Q(professor_id=reach.professor_id) | Q(lab_id__in=_own_labs(reach))
    return Q(Exists(rows_of("Participant").filter(mine, contact=OuterRef("pk"))))


class ContactQuerySet(VisibleQuerySet[M]):
    """The log is the university's. Partners and students read of it in their timelines, without its words."""

    rules = {**UNIVERSITY, Role.PROFESSOR: _took_part}


class FollowUpQuerySet(VisibleQuerySet[M]):
    rules = {**UNIVERSITY, Role.PROFESSOR: lambda reach: Q(owner__professor_id=reach.professor_id)}

    def with_place(self) -> Self:
        """Adds `place`, a text to order by: open ones first, the oldest due first."""
        closed = Case(When(state="open", then=Value("0 ")), default=Value("1 "))
        return self.annotate(place=Concat(closed, Cast("due", CharField()), output_field=CharField()))


def _shared_with_partner(reach: Reach) -> Q:
    """What the student agreed to: addressed to this partner, or in general and read with the evidence."""
    if not reach.partner_id:
        return NOTHING
    addressed = Q(partner_id=reach.partner_id) & ~blocking(reach.partner_id, student="student_id")
    general = Q(partner_id__isnull=True) & consented(reach.partner_id, student="student_id", evaluations=True)
    return Q(state="shared") & (addressed | general)


class RecommendationQuerySet(VisibleQuerySet[M]):
    rules = {
        **UNIVERSITY,
        Role.PROFESSOR: lambda reach: Q(professor_id=reach.professor_id) if reach.professor_id else NOTHING,
        Role.PARTNER: _shared_with_partner,
        Role.STUDENT: own_record("student_id"),
    }


class IntroductionQuerySet(VisibleQuerySet[M]):
    """Nobody but the university sees whom another partner asked."""

    rules = {**UNIVERSITY, Role.PARTNER: _own_partner, Role.STUDENT: own_record("student_id")}


def _of_own_student(reach: Reach) -> Q:
    return own_students(reach, "student_id")


class ImmersionQuerySet(VisibleQuerySet[M]):
    rules = {
        **UNIVERSITY,
        Role.PROFESSOR: lambda reach: Q(academic_supervisor_id=reach.professor_id) | _of_own_student(reach),
        Role.PARTNER: _own_partner,
        Role.STUDENT: own_record("student_id"),
    }


class EvaluationQuerySet(VisibleQuerySet[M]):
    rules = {
        **UNIVERSITY,
        Role.PROFESSOR: lambda reach: (
            Q(immersion__academic_supervisor_id=reach.professor_id) | own_students(reach, "immersion__student_id")
        ),
        Role.PARTNER: lambda reach: Q(immersion__partner_id=reach.partner_id) if reach.partner_id else NOTHING,
        Role.STUDENT: own_record("immersion__student_id"),
    }


class HireQuerySet(VisibleQuerySet[M]):
    rules = {
        **UNIVERSITY,
        Role.PROFESSOR: _of_own_student,
        Role.PARTNER: _own_partner,
        Role.STUDENT: own_record("student_id"),
    }

    def held(self) -> Self:
        """Those that make their student placed."""
        return self.filter(state__in=["accepted", "started"])


class OutcomeQuerySet(VisibleQuerySet[M]):
    rules = {**UNIVERSITY, Role.STUDENT: own_record("student_id")}


OWN_PROCESS = ("introduction", "immersion", "evaluation", "offer", "hire")
"""Kinds of touchpoints that stand for a partner's own records with a student."""


MEETINGS = ("seminar", "contact")
"""Kinds of touchpoints at which a partner meets labs and professors."""


def _partners_touchpoints(reach: Reach) -> Q:
    """A partner reads which labs and professors it met, and of students what its own records say.

    A student who only took part in a contact stands there by consent. The lab and the supervisor of a stay do not: they
    would tell who it is where the record does not. A recommendation stands there as long as it may be read.
    """
    if not reach.partner_id:
        return NOTHING
    met = Q(kind__in=MEETINGS)
    own = Q(kind__in=OWN_PROCESS, student_id__isnull=False)
    recommendations: Any = rows_of("Recommendation")
    readable = Exists(recommendations.within(reach).filter(public_id=OuterRef("record")))
    by_consent = consented(reach.partner_id, student="student_id", profile=True)
    return _own_partner(reach) & (
        own | met & (Q(student_id__isnull=True) | by_consent) | Q(kind="recommendation") & Q(readable)
    )


def _professors_touchpoints(reach: Reach) -> Q:
    """Of themselves, their labs and their students; whom a partner asked to meet is between those two."""
    if not reach.professor_id:
        return NOTHING
    of_students = _of_own_student(reach) & ~Q(kind="introduction")
    return Q(professor_id=reach.professor_id) | Q(lab_id__in=_own_labs(reach)) | of_students


class TouchpointQuerySet(VisibleQuerySet[M]):
    rules = {
        **UNIVERSITY,
        Role.PROFESSOR: _professors_touchpoints,
        Role.PARTNER: _partners_touchpoints,
        Role.STUDENT: own_record("student_id"),
    }

    def naming(self, user: "User | AnonymousUser | None") -> Self:
        """Those whose record tells the user who its student is; to all but partners, each does.

        What is asked about one student is asked of these alone: others would be told apart by it.
        """
        reach = reach_of(user)
        if reach is None or reach.role != Role.PARTNER:
            return self
        return self.filter(_names(reach.partner_id)) if reach.partner_id else self.none()


def _names(partner_id: int) -> Q:
    """By consent, or because an own process goes on."""
    by_consent = consented(partner_id, student="student_id", profile=True)
    evaluations = rows_of("Evaluation").filter(immersion__in=rows_of("Immersion").filter(OWN_PROCESSES["Immersion"]))
    going_on = [evaluations, *(rows_of(model).filter(named) for model, named in OWN_PROCESSES.items())]
    return reduce(or_, (Q(Exists(rows.filter(public_id=OuterRef("record")))) for rows in going_on), by_consent)


class UniversityQuerySet(VisibleQuerySet[M]):
    """Of the university's staff alone."""

    rules = UNIVERSITY
