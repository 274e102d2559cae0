"""`visible_to(user)`, the one gate: a table from role to condition; a role not in it sees no row."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from crm.access import Reach, Role, reach_of

if TYPE_CHECKING:
    from crm.models import User

M = TypeVar("M", bound=models.Model)
Rule = Callable[[Reach], Q]

NOTHING = Q(pk__in=[])


def everything(reach: Reach) -> Q:
    return Q()


PERSON: Mapping[Role, str] = {
    Role.PROFESSOR: "professor_id",
    Role.PARTNER: "partner_id",
    Role.STUDENT: "student_id",
}
"""Roles whose reach stands for somebody, and which key it holds."""

UNIVERSITY: Mapping[Role, Rule] = {Role.ADMIN: everything, Role.OFFICE: everything}
EVERYBODY: Mapping[Role, Rule] = dict.fromkeys(Role, everything)


class VisibleQuerySet(models.QuerySet[M]):
    rules: ClassVar[Mapping[Role, Rule]] = {}

    def visible_to(self, user: "User | AnonymousUser | None") -> Self:
        reach = reach_of(user)
        return self.within(reach) if reach else self.none()

    def within(self, reach: Reach) -> Self:
        rule = self.rules.get(reach.role)
        # Compared with None, a column would show the rows of others.
        stands_for_nobody = reach.role in PERSON and getattr(reach, PERSON[reach.role]) is None
        return self.none() if rule is None or stands_for_nobody else self.filter(rule(reach))


def own_record(field: str) -> Rule:
    """Rows of the student that the user is."""
    return lambda reach: Q(**{field: reach.student_id}) if reach.student_id else NOTHING


def rows_of(model: str) -> "models.QuerySet[Any]":
    rows: models.QuerySet[Any] = apps.get_model("crm", model)._default_manager.all()
    return rows


def period_holds(prefix: str = "") -> Q:
    """Rows of a period model that hold today, in the university's time zone."""
    day = timezone.localdate()
    started = Q(**{f"{prefix}starts__isnull": True}) | Q(**{f"{prefix}starts__lte": day})
    return started & (Q(**{f"{prefix}ends__isnull": True}) | Q(**{f"{prefix}ends__gte": day}))
