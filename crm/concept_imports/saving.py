"""Writing the changes of a vocabulary in a handful of statements. The action holds the transaction."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet

from crm.concept_imports.standing import Changes, Vocabulary
from crm.imports.inserting import insert_rows
from crm.models import BroaderSkill, Skill, SkillAlias, SkillConcept

Ids = Mapping[str, int]


def save_changes(changes: Changes, vocabulary: Vocabulary) -> None:
    """All but the claims that move and the skills that are removed."""
    _save_skills(changes, vocabulary)
    ids = dict(Skill.objects.filter(slug__in=_touched(changes)).values_list("slug", "pk"))
    _save_aliases(changes, ids)
    _save_links(changes, ids)
    _save_concepts(changes, ids)


def altered(changes: Changes) -> set[str]:
    """Slugs of skills that were there before and whose name or place changes."""
    touched = {slug for slug, _ in (*changes.named, *changes.dropped, *changes.linked, *changes.unlinked)}
    return (touched | changes.altered | set(changes.removed)) - set(changes.made)


def _save_skills(changes: Changes, vocabulary: Vocabulary) -> None:
    new = [(slug, vocabulary.skills[slug]) for slug in changes.made]
    Skill.objects.bulk_create(Skill(slug=slug, label=skill.label, label_ru=skill.label_ru) for slug, skill in new)
    there = Skill.objects.in_bulk(changes.altered - set(changes.removed), field_name="slug")
    for slug, record in there.items():
        skill = vocabulary.skills[slug]
        record.label, record.label_ru, record.obsolete = skill.label, skill.label_ru, skill.obsolete
    Skill.objects.bulk_update(there.values(), ["label", "label_ru", "obsolete"], batch_size=100)


def _touched(changes: Changes) -> set[str]:
    pairs = {slug for pair in (*changes.linked, *changes.unlinked) for slug in pair}
    aliases = {slug for slug, _ in (*changes.named, *changes.dropped)}
    return pairs | aliases | {pair[0].slug for pair in changes.concepts.values() if pair}


def _save_aliases(changes: Changes, ids: Ids) -> None:
    gone = {(ids[slug], key) for slug, key in changes.dropped}
    _delete(SkillAlias.objects.filter(skill__in={pk for pk, _ in gone}), gone, "skill_id", "key")
    rows = [(ids[slug], name, key, ambiguous) for (slug, key), (name, ambiguous) in changes.named.items()]
    insert_rows(SkillAlias, ("skill_id", "name", "key", "ambiguous"), rows)


def _save_links(changes: Changes, ids: Ids) -> None:
    gone = {(ids[narrow], ids[broad]) for narrow, broad in changes.unlinked}
    _delete(BroaderSkill.objects.filter(narrow__in={pk for pk, _ in gone}), gone, "narrow_id", "broad_id")
    rows = [(ids[narrow], ids[broad]) for narrow, broad in changes.linked]
    insert_rows(BroaderSkill, ("narrow_id", "broad_id"), rows)


def _save_concepts(changes: Changes, ids: Ids) -> None:
    SkillConcept.objects.filter(uri__in=[uri for uri, pair in changes.concepts.items() if pair is None]).delete()
    kept = [(uri, *pair) for uri, pair in changes.concepts.items() if pair is not None]
    SkillConcept.objects.bulk_create(
        [
            SkillConcept(uri=uri, skill_id=ids[imported.slug], made=imported.made, content=content.as_json())
            for uri, imported, content in kept
        ],
        update_conflicts=True,
        unique_fields=["uri"],
        update_fields=["skill", "made", "content"],
    )


def _delete(rows: "QuerySet[Any]", gone: Collection[tuple[Any, ...]], *columns: str) -> None:
    held = rows.order_by().values_list("pk", *columns) if gone else ()
    rows.filter(pk__in=[pk for pk, *key in held if tuple(key) in gone]).delete()
