from django.db import models
from django.db.models import Q

from crm.models.base import PublicModel, not_blank
from crm.querysets.people import ReferenceQuerySet


class City(PublicModel):
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    name_ru = models.CharField(max_length=120, blank=True)
    aliases = models.JSONField(default=list, blank=True)
    country = models.CharField(max_length=2)
    latitude = models.DecimalField(max_digits=8, decimal_places=5)
    longitude = models.DecimalField(max_digits=8, decimal_places=5)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        verbose_name_plural = "cities"
        constraints = [
            not_blank("crm_city_names_not_blank", "name", "slug"),
            models.CheckConstraint(condition=Q(latitude__range=(-90, 90)), name="crm_city_latitude"),
            models.CheckConstraint(condition=Q(longitude__range=(-180, 180)), name="crm_city_longitude"),
        ]

    def __str__(self) -> str:
        return self.name
