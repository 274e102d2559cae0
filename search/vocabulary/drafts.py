"""Concepts of vocabularies of others as they come together from files: names, places and languages may come apart."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from crm.concept_imports.concepts import Concept
from crm.imports.cells import clean, one_line
from crm.imports.names import has_cyrillic

LANGUAGES = ("en", "ru")
OBSOLETE = frozenset({"obsolete", "deprecated"})
"""What the status of a concept says that is no longer to be used."""


@dataclass(slots=True)
class Draft:
    where: str = ""
    """Where it is said to be a concept; blank while it is not."""
    labels: dict[str, list[str]] = field(default_factory=dict)
    """Preferred labels by language tag, in lower case."""
    names: list[str] = field(default_factory=list)
    broader: dict[str, None] = field(default_factory=dict)
    replaced_by: dict[str, None] = field(default_factory=dict)
    obsolete: bool = False

    def add_label(self, text: str, tag: str) -> None:
        if (tag := tag_of(text, tag)) and (label := one_line(clean(text))):
            self.labels.setdefault(tag, []).append(label)

    def add_name(self, text: str, tag: str) -> None:
        if tag_of(text, tag) and (name := one_line(clean(text))):
            self.names.append(name)

    def finished(self, uri: str) -> Concept:
        english, russian = map(self._labels_in, LANGUAGES)
        return Concept(
            where=self.where,
            uri=uri,
            label=next(iter(english), ""),
            label_ru=next(iter(russian), ""),
            names=tuple(dict.fromkeys([*english[1:], *russian[1:], *self.names])),
            broader=tuple(self.broader),
            obsolete=self.obsolete,
            replaced_by=tuple(self.replaced_by),
        )

    def _labels_in(self, language: str) -> list[str]:
        """`en` before `en-gb`."""
        tags = sorted(tag for tag in self.labels if tag.split("-")[0] == language)
        return [label for tag in tags for label in self.labels[tag]]


class Drafts:
    """By URI. `unnamed` are concepts that have none, and lines that cannot be read."""

    def __init__(self) -> None:
        self.by_uri: dict[str, Draft] = defaultdict(Draft)
        self.unnamed: list[Concept] = []

    def reject(self, where: str, problem: str) -> None:
        self.unnamed.append(Concept(where, "", problem=problem))

    def finished(self) -> Iterator[Concept]:
        for uri, draft in self.by_uri.items():
            if draft.where:
                yield draft.finished(uri)
        yield from self.unnamed


def tag_of(text: str, tag: str) -> str:
    """The language tag in lower case, blank where it is neither English nor Russian. Without one the letters tell."""
    if not tag:
        return "ru" if has_cyrillic(text) else "en"
    tag = tag.lower().replace("_", "-")
    return tag if tag.split("-")[0] in LANGUAGES else ""
