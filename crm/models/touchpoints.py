import uuid

from django.db import models
from django.db.models import Case, Value, When

from crm.models.base import PublicModel
from crm.models.persons import exactly_one, link
from crm.querysets.process import TouchpointQuerySet

TOUCHED = ("lab", "professor", "student")


class TouchpointKind(models.TextChoices):
    """In the order of the story."""

    SEMINAR = "seminar"
    CONTACT = "contact"
    RECOMMENDATION = "recommendation"
    INTRODUCTION = "introduction"
    IMMERSION = "immersion"
    EVALUATION = "evaluation"
    OFFER = "offer"
    HIRE = "hire"


def _rank() -> Case:
    ranks = (When(kind=kind, then=Value(place)) for place, kind in enumerate(TouchpointKind.values))
    return Case(*ranks, default=Value(len(TouchpointKind)))


class Touchpoint(PublicModel):
    """A record links a partner, on a date, with one lab, professor or student. `record` is its public id.

    `rank` orders a day: the database derives it from the kind.
    """

    kind = models.CharField(max_length=16, choices=TouchpointKind.choices)
    record = models.UUIDField(default=uuid.uuid4)
    date = models.DateField()
    rank = models.GeneratedField(expression=_rank(), output_field=models.PositiveSmallIntegerField(), db_persist=True)
    partner = models.ForeignKey("crm.Partner", on_delete=models.CASCADE, related_name="touchpoints")
    lab = link("Lab", "touchpoints")
    professor = link("Professor", "touchpoints")
    student = link("Student", "touchpoints")

    objects = TouchpointQuerySet.as_manager()

    class Meta:
        ordering = ["-date", "-rank", "-record"]
        indexes = [
            models.Index(fields=[who, "date", "rank", "record"], name=f"crm_touchpoint_{who}_idx")
            for who in ("partner", *TOUCHED)
        ]
        constraints = [
            exactly_one(TOUCHED, "crm_touchpoint_touches_one"),
            *(
                models.UniqueConstraint(fields=["record", "kind", "partner", who], name=f"crm_touchpoint_once_a_{who}")
                for who in TOUCHED
            ),
        ]
