"""Named reads. `visible_to(user)` is the one gate: a table from role to condition; a role not in it sees no row."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from crm.access import Reach, Role, reach_of

if TYPE_CHECKING:
    from crm.models import User

M = TypeVar("M", bound=models.Model)
Rule = Callable[[Reach], Q]


def everything(reach: Reach) -> Q:
    return Q()


UNIVERSITY: Mapping[Role, Rule] = {Role.ADMIN: everything, Role.OFFICE: everything}
EVERYBODY: Mapping[Role, Rule] = dict.fromkeys(Role, everything)


class VisibleQuerySet(models.QuerySet[M]):
    rules: ClassVar[Mapping[Role, Rule]] = {}

    def visible_to(self, user: "User | AnonymousUser | None") -> Self:
        reach = reach_of(user)
        return self.within(reach) if reach else self.none()

    def within(self, reach: Reach) -> Self:
        rule = self.rules.get(reach.role)
        return self.filter(rule(reach)) if rule else self.none()


def _rows(model: str) -> "models.QuerySet[Any]":
    rows: models.QuerySet[Any] = apps.get_model("crm", model)._default_manager.all()
    return rows


def period_holds(prefix: str = "") -> Q:
    """Rows of a period model that hold today, in the university's time zone."""
    day = timezone.localdate()
    started = Q(**{f"{prefix}starts__isnull": True}) | Q(**{f"{prefix}starts__lte": day})
    return started & (Q(**{f"{prefix}ends__isnull": True}) | Q(**{f"{prefix}ends__gte": day}))


def own_labs(professor_id: int | None) -> Q:
    """Labs that a professor heads or belongs to now, as a condition on `lab_id`."""
    mine = Q(professor_id=professor_id) & period_holds()
    headed, belongs = (_rows(model).filter(mine) for model in ("LabHeadship", "ProfessorMembership"))
    return Q(lab_id__in=headed.values("lab_id")) | Q(lab_id__in=belongs.values("lab_id"))


def lab_ids_of(professor_id: int) -> set[int]:
    """Primary keys of the labs that a professor heads or belongs to now."""
    mine = Q(professor_id=professor_id) & period_holds()
    rows = (
        _rows(model).filter(mine).values_list("lab_id", flat=True) for model in ("LabHeadship", "ProfessorMembership")
    )
    return {pk for found in rows for pk in found}


def _own_students(reach: Reach) -> Q:
    now = Q(student=OuterRef("pk")) & period_holds()
    in_own_lab = _rows("LabMembership").filter(now & own_labs(reach.professor_id))
    supervised = _rows("Supervision").filter(now & Q(professor_id=reach.professor_id))
    return Q(Exists(in_own_lab)) | Q(Exists(supervised))


def consented(partner_id: int, at: datetime | None = None, **scope: bool) -> Q:
    """Students with an active consent of a scope for the partner or for all, whom no block keeps out."""
    active = _rows("Consent").filter(_active_consent(at or timezone.now()), _for_partner(partner_id), **scope)
    blocks = _rows("Block").filter(student=OuterRef("pk"), partner_id=partner_id)
    return Q(Exists(active.filter(student=OuterRef("pk")))) & ~Q(Exists(blocks))


def _active_consent(at: datetime) -> Q:
    return Q(stored_state="active") & (Q(expires__isnull=True) | Q(expires__gt=at))


def _for_partner(partner_id: int) -> Q:
    return Q(partner_id=partner_id) | Q(partner_id__isnull=True)


NOTHING = Q(pk__in=[])


def _own_record(field: str) -> Rule:
    return lambda reach: Q(**{field: reach.student_id}) if reach.student_id else NOTHING


def _consented_to(reach: Reach) -> Q:
    return consented(reach.partner_id, reach.at, profile=True) if reach.partner_id else NOTHING


class StudentQuerySet(VisibleQuerySet[M]):
    rules = {
        **UNIVERSITY,
        Role.PROFESSOR: _own_students,
        Role.PARTNER: _consented_to,
        Role.STUDENT: _own_record("pk"),
    }

    def with_evaluations(self, partner_id: int, at: datetime | None = None) -> Self:
        """Adds `evaluated`: whether the partner may read shared evidence."""
        evaluated = consented(partner_id, at, evaluations=True)
        return self.annotate(evaluated=models.ExpressionWrapper(evaluated, output_field=models.BooleanField()))


class ReferenceQuerySet(VisibleQuerySet[M]):
    rules = EVERYBODY


class PartnerQuerySet(VisibleQuerySet[M]):
    """Partner HR sees its own organisation, students and professors the active ones."""

    rules = {
        **UNIVERSITY,
        Role.PARTNER: lambda reach: Q(pk=reach.partner_id),
        **dict.fromkeys((Role.PROFESSOR, Role.STUDENT), lambda reach: Q(state="active")),
    }


class RepresentativeQuerySet(VisibleQuerySet[M]):
    rules = {**UNIVERSITY, Role.PARTNER: lambda reach: Q(partner_id=reach.partner_id)}


class ConsentQuerySet(VisibleQuerySet[M]):
    rules = {**UNIVERSITY, Role.STUDENT: _own_record("student_id")}

    def active(self, at: datetime | None = None) -> Self:
        return self.filter(_active_consent(at or timezone.now()))


class BlockQuerySet(VisibleQuerySet[M]):
    rules = {**UNIVERSITY, Role.STUDENT: _own_record("student_id")}


class EvidenceQuerySet(VisibleQuerySet[M]):
    rules = {**UNIVERSITY, Role.STUDENT: _own_record("claim__student_id")}


class DisclosureQuerySet(VisibleQuerySet[M]):
    rules = {Role.ADMIN: everything, Role.STUDENT: _own_record("student_id")}

    def opened_by(self, user_id: int, since: datetime) -> Self:
        return self.filter(viewer_id=user_id, kind__in=("candidate", "contact"), at__gte=since)


class UserQuerySet(VisibleQuerySet[M]):
    rules = {Role.ADMIN: everything}
