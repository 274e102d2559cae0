from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = "Talent pipeline"

    def ready(self) -> None:
        post_migrate.connect(_add_cities, sender=self, dispatch_uid="crm.cities")


def _add_cities(**_: Any) -> None:
    from crm.actions.shipped import add_missing_cities
    from crm.reference_data import load_cities

    add_missing_cities(load_cities())
