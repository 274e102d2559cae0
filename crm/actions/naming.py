"""One name means one record of a kind, so that no spelling leads a search or an import to another one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models

from crm import reference
from crm.errors import Conflict
from crm.models import City, Lab, Programme, Skill
from crm.reference import Entry
from crm.text import fold, lab_key, make_slug

FIELDS: Mapping[type[models.Model], Sequence[str]] = {
    Lab: ("slug", "name"),
    Programme: ("slug", "name", "aliases"),
    City: ("slug", "name", "name_ru", "aliases"),
    Skill: ("slug", "label", "label_ru", "aliases", "ambiguous"),
}
"""The fields of a record that name it."""


def take_names(record: Lab | Programme | City | Skill, fields: Mapping[str, Any]) -> None:
    """Checks the names that the record is to have, and makes its slug from the label where there is none.

    Call `reference.wait_for_turn` before. Raises Conflict where another record of its kind has such a name, whatever
    the case. Names that the record had before are its own.
    """
    taken = reference.names_taken(type(record))
    others = {key: entry for key, entry in taken if entry.pk != record.pk}
    own = {key for key, entry in taken if entry.pk == record.pk}
    _, label, *_ = FIELDS[type(record)]
    if not record.slug and "slug" not in fields:
        record.slug = make_slug(str(fields.get(label, getattr(record, label))), taken=others.keys())
    if clashes := _clashes(record, fields, {key: other for key, other in others.items() if key not in own}):
        raise Conflict("A name is taken.", fields=clashes)


def _clashes(record: models.Model, fields: Mapping[str, Any], others: Mapping[str, Entry]) -> dict[str, list[str]]:
    """Field -> a sentence for each of its names that is another's."""
    key = lab_key if isinstance(record, Lab) else fold
    unclear = set(map(key, fields.get("ambiguous") or ()))
    found: dict[str, list[str]] = {}
    for field in FIELDS[type(record)]:
        for name in _names(record, fields, field):
            other = others.get(key(name))
            if other and not (key(name) in unclear and key(name) in other.ambiguous):
                found.setdefault(field, []).append(_sentence(record, name, other))
    return found


def _names(record: models.Model, fields: Mapping[str, Any], field: str) -> Iterable[str]:
    """Those of one field; aliases of a skill are rows of their own, and stay where they are not given."""
    rows = field in {"aliases", "ambiguous"} and isinstance(record, Skill)
    value = fields.get(field) or [] if rows else fields.get(field, getattr(record, field))
    return filter(str.strip, [value] if isinstance(value, str) else value)


def _sentence(record: models.Model, name: str, other: Entry) -> str:
    if isinstance(record, Lab):
        return f"{name!r} is another spelling of a lab that exists: {other.label}."
    return f"{name!r} names the {record._meta.verbose_name} {other.label} already."
