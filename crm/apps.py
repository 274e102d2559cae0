from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = "Talent pipeline"

    def ready(self) -> None:
        post_migrate.connect(_complete, sender=self, dispatch_uid="crm.complete")


def _complete(using: str, **_: Any) -> None:
    """What belongs to a complete database besides its tables."""
    from crm.actions.shipped import add_missing_cities
    from crm.append_only import TABLE, guard
    from crm.reference_data import load_cities

    if TABLE in connections[using].introspection.table_names():
        guard(using)
        add_missing_cities(load_cities())
