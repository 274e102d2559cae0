"""Vocabularies of others, from files of one of the formats that are understood."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from crm.concept_imports.concepts import Concept
from crm.errors import Invalid
from search.vocabulary.drafts import Drafts
from search.vocabulary.esco import read_esco
from search.vocabulary.skos import read_skos

Read = Callable[[Path, Drafts], None]
FORMATS: Mapping[str, Read] = {
    "esco": read_esco,
    "turtle": partial(read_skos, syntax="turtle"),
    "xml": partial(read_skos, syntax="xml"),
}
ENDINGS = {".csv": "esco", ".ttl": "turtle", ".turtle": "turtle", ".rdf": "xml", ".xml": "xml", ".owl": "xml"}


def read_concepts(paths: Iterable[Path], format: str | None = None) -> list[Concept]:
    """The concepts of all files together, each URI once. Without a format, the files' names tell it.

    Raises UnreadableFile with file and line, and Invalid where no format is told or the files hold no concept.
    """
    drafts = Drafts()
    for path in paths:
        FORMATS[format or _format_of(path)](path, drafts)
    concepts = list(drafts.finished())
    if not concepts:
        raise Invalid("The files hold no concepts: SKOS has them as skos:Concept, ESCO in skills_en.csv and the like.")
    return concepts


def _format_of(path: Path) -> str:
    format = ENDINGS.get(path.suffix.lower())
    if format is None:
        raise Invalid.field("format", f"{path.name} does not tell its format: choose one of {', '.join(FORMATS)}.")
    return format
