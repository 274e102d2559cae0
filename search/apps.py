from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class SearchConfig(AppConfig):
    name = "search"

    def ready(self) -> None:
        from crm.finding import provide
        from crm.signals import students_changed
        from search import outbox
        from search.saved import SavedFinder

        provide(SavedFinder())
        students_changed.connect(outbox.on_students_changed, dispatch_uid="search.outbox")
        post_migrate.connect(_add_skills, sender=self, dispatch_uid="search.skills")


def _add_skills(using: str, **_: Any) -> None:
    from crm.actions.shipped import ShippedSkill, ship_skills
    from crm.models import Skill
    from search import vocabulary

    if Skill._meta.db_table in connections[using].introspection.table_names():
        ship_skills(
            vocabulary.version(),
            lambda: (
                ShippedSkill(e.slug, e.label_en, e.label_ru, e.aliases, e.broader, e.ambiguous)
                for e in vocabulary.read()
            ),
        )
