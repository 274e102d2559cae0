from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q

from crm import clock
from crm.models.base import PublicModel, not_blank
from crm.querysets.people import StudentQuerySet


class Degree(models.TextChoices):
    BACHELOR = "bachelor"
    MASTER = "master"
    PHD = "phd", "PhD"


class CefrLevel(models.TextChoices):
    """Levels of the Common European Framework of Reference; a native speaker counts as C2."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"


LONGEST_TEXT = 20_000
"""Characters: more is no profile, and every search that shows it would pay."""


def _text() -> "models.TextField[str, str]":
    return models.TextField(blank=True, max_length=LONGEST_TEXT, validators=[MaxLengthValidator(LONGEST_TEXT)])


class Student(PublicModel):
    """A person studying or graduated; owns a profile; the candidate of a search."""

    number = models.CharField(max_length=40, unique=True)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    native_name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    programme = models.ForeignKey("crm.Programme", null=True, blank=True, on_delete=models.PROTECT)
    degree = models.CharField(max_length=10, choices=Degree.choices, blank=True)
    graduation_date = models.DateField(null=True, blank=True)
    thesis_title = models.CharField(max_length=500, blank=True)
    thesis_abstract = _text()
    headline = models.CharField(max_length=200, blank=True)
    summary = _text()
    projects = _text()
    home_city = models.ForeignKey("crm.City", null=True, blank=True, on_delete=models.PROTECT, related_name="home_of")
    work_cities = models.ManyToManyField("crm.City", blank=True, related_name="wished_by")
    willing_to_travel = models.BooleanField(null=True, blank=True)
    available_from = models.DateField(null=True, blank=True)
    do_not_contact = models.BooleanField(default=False, help_text="Gets no mail from here.")
    placed = models.BooleanField(
        default=False, help_text="Hired already: leaves candidate search unless `placed` asks."
    )
    labs = models.ManyToManyField("crm.Lab", through="crm.LabMembership", related_name="students")
    supervisors = models.ManyToManyField("crm.Professor", through="crm.Supervision", related_name="students")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)

    objects = StudentQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            not_blank("crm_student_names_not_blank", "number", "family_name", "given_name"),
            models.CheckConstraint(condition=Q(degree__in=["", *Degree.values]), name="crm_student_degree_is_known"),
        ]

    def __str__(self) -> str:
        return f"student {self.pk}"

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


class StudentLanguage(models.Model):
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="languages")
    code = models.CharField(max_length=3, help_text="ISO 639 code")
    level = models.CharField(max_length=2, choices=CefrLevel.choices)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["student", "code"], name="crm_language_once_a_student"),
            models.CheckConstraint(condition=Q(level__in=CefrLevel.values), name="crm_language_level_is_known"),
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z]{2,3}$"), name="crm_language_code_is_iso"),
        ]


class Publication(PublicModel):
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="publications")
    title = models.CharField(max_length=500)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    url = models.URLField(blank=True)

    class Meta:
        ordering = ["-year", "id"]


class LinkKind(models.TextChoices):
    ORCID = "orcid", "ORCID"
    GITHUB = "github", "GitHub"
    LINKEDIN = "linkedin", "LinkedIn"
    SCHOLAR = "scholar"
    WEBSITE = "website"


class ProfileLink(models.Model):
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=10, choices=LinkKind.choices)
    url = models.URLField()

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["student", "kind", "url"], name="crm_link_once_a_student"),
            models.CheckConstraint(condition=Q(kind__in=LinkKind.values), name="crm_link_kind_is_known"),
        ]
