"""What the tests of imported vocabularies share: fictional concepts, and the import with its result."""

from collections.abc import Sequence
from typing import Any

from crm.actions.import_skills import import_skills
from crm.concept_imports.concepts import Concept
from crm.concept_imports.results import ConceptOutcome, VocabularyResult
from crm.models import BroaderSkill, Skill, SkillAlias, SkillConcept
from tests import cast

BASE = "https://vocabulary.example/"
UNDER = "crispr"


def concept(name: str, label: str = "", *, above: str = "", names: Sequence[str] = (), **fields: Any) -> Concept:
    """`name`, and those in `above`, are the last parts of URIs; the label is made of it."""
    return Concept(
        where="test",
        uri=BASE + name,
        label=label or f"Quorb {name}",
        names=tuple(names),
        broader=tuple(BASE + each for each in above.split()),
        **fields,
    )


def take(*concepts: Concept, under: str = UNDER, **options: Any) -> VocabularyResult:
    """Every rejected concept has its reason."""
    result = import_skills(concepts=concepts, under=cast.skill(under), by=cast.BY, **options)
    assert len(result.rejections) == result.counts[ConceptOutcome.REJECTED]
    return result


def counts(result: VocabularyResult) -> dict[str, int]:
    """Those that are not zero."""
    return {outcome.value: count for outcome, count in result.counts.items() if count}


def skill_of(name: str) -> Skill:
    return Skill.objects.get(concepts__uri=BASE + name)


def names_of(skill: Skill) -> dict[str, bool]:
    """Alias -> whether it is ambiguous."""
    return dict(skill.aliases.values_list("name", "ambiguous"))


def above(skill: Skill) -> set[str]:
    return set(skill.broader.values_list("slug", flat=True))


def everything() -> list[list[dict[str, Any]]]:
    """All rows about skills."""
    models = (Skill, SkillAlias, BroaderSkill, SkillConcept)
    return [list(model._default_manager.order_by("pk").values()) for model in models]
