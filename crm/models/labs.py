from django.db import models
from django.db.models import Q

from crm.models.base import Period, PublicModel, not_blank
from crm.querysets.people import ReferenceQuerySet


class Programme(PublicModel):
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200, unique=True)
    aliases = models.JSONField(default=list, blank=True)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        constraints = [not_blank("crm_programme_names_not_blank", "name", "slug")]

    def __str__(self) -> str:
        return self.name


class Lab(PublicModel):
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    name_key = models.CharField(
        max_length=200,
        unique=True,
        editable=False,
        help_text="The name without 'lab of' and the like, folded.",
    )
    description = models.TextField(blank=True)
    collaborators = models.ManyToManyField("self", blank=True)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        constraints = [not_blank("crm_lab_names_not_blank", "name", "name_key", "slug")]

    def __str__(self) -> str:
        return self.name


class LabHeadship(Period):
    """Who headed a lab, and when."""

    lab = models.ForeignKey(Lab, on_delete=models.CASCADE, related_name="headships")
    professor = models.ForeignKey("crm.Professor", on_delete=models.CASCADE, related_name="headships")

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(fields=["lab"], condition=Q(ends__isnull=True), name="crm_lab_one_open_head"),
        ]


class ProfessorMembership(Period):
    professor = models.ForeignKey("crm.Professor", on_delete=models.CASCADE, related_name="memberships")
    lab = models.ForeignKey(Lab, on_delete=models.CASCADE, related_name="professor_memberships")

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(
                fields=["professor", "lab"],
                condition=Q(ends__isnull=True),
                name="crm_professor_one_open_membership",
            ),
        ]


class LabMembership(Period):
    """A student works, or worked, in a lab."""

    student = models.ForeignKey("crm.Student", on_delete=models.CASCADE, related_name="memberships")
    lab = models.ForeignKey(Lab, on_delete=models.CASCADE, related_name="student_memberships")

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(
                fields=["student", "lab"],
                condition=Q(ends__isnull=True),
                name="crm_student_one_open_membership",
            ),
        ]


class Supervision(Period):
    """A professor supervises, or supervised, a student; a student may have several supervisors."""

    student = models.ForeignKey("crm.Student", on_delete=models.CASCADE, related_name="supervisions")
    professor = models.ForeignKey("crm.Professor", on_delete=models.CASCADE, related_name="supervisions")

    class Meta(Period.Meta):
        constraints = [
            *Period.Meta.constraints,
            models.UniqueConstraint(
                fields=["student", "professor"],
                condition=Q(ends__isnull=True),
                name="crm_student_one_open_supervision",
            ),
        ]
