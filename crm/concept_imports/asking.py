"""Saved searches go on asking for a skill that an import replaces, or takes a name from."""

from collections.abc import Mapping

from crm.concept_imports.standing import Changes, Vocabulary
from crm.finding import finder
from crm.models import SavedSearch, Skill, SkillAlias
from crm.text import fold


def asked_names(changes: Changes) -> dict[str, str]:
    """What searches may call the skills that change, folded -> slug; read before they do. No ambiguous names."""
    slugs = {*changes.altered, *changes.removed, *(slug for slug, _ in changes.dropped)}
    if not slugs:
        return {}
    aliases = SkillAlias.objects.filter(skill__slug__in=slugs, ambiguous=False)
    names = dict(aliases.values_list("key", "skill__slug"))
    for slug, *labels in Skill.objects.filter(slug__in=slugs).values_list("slug", "label", "label_ru"):
        names |= dict.fromkeys((*map(fold, filter(None, labels)), slug), slug)
    removed = Skill.objects.filter(slug__in=changes.removed).values_list("public_id", "slug")
    return names | {str(public_id): slug for public_id, slug in removed}


def keep_asking(names: Mapping[str, str], changes: Changes, vocabulary: Vocabulary) -> None:
    """Names that mean nothing any more become the slug of the skill, or of its heir, in the parameters of searches."""
    heirs = dict(changes.moved)
    instead = {
        name: heirs.get(slug, slug)
        for name, slug in names.items()
        if (slug in heirs or slug in vocabulary.skills) and not vocabulary.means_something(name)
    }
    if not instead:
        return
    asking = SavedSearch.objects.filter(parameters__contains="skill").order_by("pk").values_list("pk", "parameters")
    concerned = [pk for pk, parameters in asking if finder().with_skills(parameters, instead) != parameters]
    searches = list(SavedSearch.objects.select_for_update().filter(pk__in=concerned).order_by("pk"))
    for search in searches:
        search.parameters = finder().with_skills(search.parameters, instead)
    SavedSearch.objects.bulk_update(searches, ["parameters"], batch_size=100)
