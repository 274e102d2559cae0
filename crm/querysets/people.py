"""Who sees students, their records, partners and reference data."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from crm.access import Reach, Role, reach_of
from crm.querysets.gate import (
    EVERYBODY,
    NOTHING,
    UNIVERSITY,
    M,
    VisibleQuerySet,
    everything,
    own_record,
    period_holds,
    rows_of,
)

if TYPE_CHECKING:
    from crm.models import User


def own_labs(professor_id: int | None) -> Q:
    """Labs that a professor heads or belongs to now, as a condition on `lab_id`."""
    mine = Q(professor_id=professor_id) & period_holds()
    headed, belongs = (rows_of(model).filter(mine) for model in ("LabHeadship", "ProfessorMembership"))
    return Q(lab_id__in=headed.values("lab_id")) | Q(lab_id__in=belongs.values("lab_id"))


def lab_ids_of(professor_id: int) -> set[int]:
    """Primary keys of the labs that a professor heads or belongs to now."""
    mine = Q(professor_id=professor_id) & period_holds()
    rows = (
        rows_of(model).filter(mine).values_list("lab_id", flat=True) for model in ("LabHeadship", "ProfessorMembership")
    )
    return {pk for found in rows for pk in found}


def own_students(reach: Reach, student: str = "pk") -> Q:
    """Students in an own lab now, or supervised now; `student` is the field that holds their key."""
    now = Q(student=OuterRef(student)) & period_holds()
    in_own_lab = rows_of("LabMembership").filter(now & own_labs(reach.professor_id))
    supervised = rows_of("Supervision").filter(now & Q(professor_id=reach.professor_id))
    return Q(Exists(in_own_lab)) | Q(Exists(supervised))


def consented(partner_id: int, at: datetime | None = None, *, student: str = "pk", **scope: bool) -> Q:
    """Students with an active consent of a scope for the partner or for all, whom no block keeps out.

    `student` is the field that holds their key.
    """
    active = rows_of("Consent").filter(_active_consent(at or timezone.now()), _for_partner(partner_id), **scope)
    return Q(Exists(active.filter(student=OuterRef(student)))) & ~blocking(partner_id, student=student)


def blocking(partner_id: int, *, student: str = "pk") -> Q:
    """Students who keep the partner out."""
    return Q(Exists(rows_of("Block").filter(student=OuterRef(student), partner_id=partner_id)))


def _active_consent(at: datetime) -> Q:
    return Q(stored_state="active") & (Q(expires__isnull=True) | Q(expires__gt=at))


def _for_partner(partner_id: int) -> Q:
    return Q(partner_id=partner_id) | Q(partner_id__isnull=True)


def _consented_to(reach: Reach) -> Q:
    return consented(reach.partner_id, reach.at, profile=True) if reach.partner_id else NOTHING


OWN_PROCESSES = {
    "Introduction": Q(stored_state="accepted"),
    "Immersion": Q(state__in=["applied", "accepted", "agreed", "active"]),
    "Hire": Q(state__in=["accepted", "started", "left"]),
}
"""Model -> the stages in which a partner reads who the student is, whatever the consents say: as in crm.stages."""


def _in_own_process(partner_id: int) -> Q:
    """Students named by a process that the partner has with them."""
    found = Q()
    for model, named in OWN_PROCESSES.items():
        found |= Q(Exists(rows_of(model).filter(named, student=OuterRef("pk"), partner_id=partner_id)))
    return found


class StudentQuerySet(VisibleQuerySet[M]):
    rules = {
        **UNIVERSITY,
        Role.PROFESSOR: own_students,
        Role.PARTNER: _consented_to,
        Role.STUDENT: own_record("pk"),
    }

    def known_to(self, user: "User | AnonymousUser | None") -> Self:
        """Visible students; for a partner also those whom a process of its own names."""
        reach = reach_of(user)
        if reach is None or not reach.partner_id:
            return self.visible_to(user)
        return self.filter(_consented_to(reach) | _in_own_process(reach.partner_id))

    def reachable_by(self, reach: Reach) -> Self:
        """Whose contact details may be asked for: who is seen, and who released them without showing the profile."""
        if reach.role != Role.PARTNER or not reach.partner_id:
            return self.within(reach)
        return self.filter(_consented_to(reach) | consented(reach.partner_id, reach.at, contact=True))

    def with_evaluations(self, partner_id: int, at: datetime | None = None) -> Self:
        """Adds `evaluated`: whether the partner may read shared evidence."""
        evaluated = consented(partner_id, at, evaluations=True)
        return self.annotate(evaluated=models.ExpressionWrapper(evaluated, output_field=models.BooleanField()))


class ReferenceQuerySet(VisibleQuerySet[M]):
    rules = EVERYBODY


class SkillQuerySet(ReferenceQuerySet[M]):
    def offered(self) -> Self:
        """Without those that are obsolete."""
        return self.filter(obsolete=False)


class SkillClaimQuerySet(models.QuerySet[M]):
    def with_backing(self) -> "models.QuerySet[Any]":
        """With up to which level evidence backs each claim, 0 for none: `backed`, and `backed_by_shared` evidence.

        Evidence without a level of its own backs whatever is claimed; no evidence backs more than that.
        """
        level = Least(F("level"), Coalesce(F("evidence__level"), F("level")))
        return self.annotate(
            backed=Coalesce(Max(level, filter=Q(evidence__isnull=False)), 0),
            backed_by_shared=Coalesce(Max(level, filter=Q(evidence__shared=True)), 0),
        )


class PartnerQuerySet(VisibleQuerySet[M]):
    """Partner HR sees its own organisation, students and professors the active ones."""

    rules = {
        **UNIVERSITY,
        Role.PARTNER: lambda reach: Q(pk=reach.partner_id),
        **dict.fromkeys((Role.PROFESSOR, Role.STUDENT), lambda reach: Q(state="active")),
    }

    def with_slug(self, slug: str) -> M | None:
        """Whatever the case; where two older ones differ in nothing else, only exactly."""
        found = list(self.filter(slug__iexact=slug.strip()))
        exact = [one for one in found if one.slug == slug.strip()]  # type: ignore[attr-defined] # M is a Partner here
        if not exact and len(found) > 1:
            return None
        return next(iter(exact or found), None)


class RepresentativeQuerySet(VisibleQuerySet[M]):
    rules = {**UNIVERSITY, Role.PARTNER: lambda reach: Q(partner_id=reach.partner_id)}


class ConsentQuerySet(VisibleQuerySet[M]):
    rules = {**UNIVERSITY, Role.STUDENT: own_record("student_id")}

    def active(self, at: datetime | None = None) -> Self:
        return self.filter(_active_consent(at or timezone.now()))

    def with_blocked(self) -> Self:
        """`blocked`: whether the student keeps out its partner, or any where it is for all."""
        blocks = rows_of("Block").filter(student=OuterRef("student"))
        its_own = Coalesce(OuterRef("partner"), F("partner"))
        return self.annotate(blocked=Exists(blocks.filter(partner=its_own)))


class BlockQuerySet(VisibleQuerySet[M]):
    rules = {**UNIVERSITY, Role.STUDENT: own_record("student_id")}


class EvidenceQuerySet(VisibleQuerySet[M]):
    rules = {**UNIVERSITY, Role.STUDENT: own_record("claim__student_id")}


class DisclosureQuerySet(VisibleQuerySet[M]):
    rules = {Role.ADMIN: everything, Role.STUDENT: own_record("student_id")}

    def opened_by(self, user_id: int, since: datetime) -> Self:
        return self.filter(viewer_id=user_id, kind__in=("candidate", "contact"), at__gte=since)


class UserQuerySet(VisibleQuerySet[M]):
    rules = {Role.ADMIN: everything}

    def staff(self) -> Self:
        """Active accounts of the university: they may own a follow-up."""
        return self.filter(is_active=True, role__in=(Role.ADMIN, Role.OFFICE, Role.PROFESSOR))
