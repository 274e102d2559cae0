from django.db import models

from crm.models.base import PublicModel, not_blank
from crm.querysets.people import ReferenceQuerySet


class Professor(PublicModel):
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100)
    native_name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    do_not_contact = models.BooleanField(default=False, help_text="Gets no mail from here.")

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [not_blank("crm_professor_names_not_blank", "family_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()
