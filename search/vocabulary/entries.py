"""One skill as it stands in the shipped vocabulary."""

from collections.abc import Iterator
from dataclasses import dataclass


class VocabularyError(ValueError):
    """The vocabulary's files break one of its rules; the sentence says which skill and where."""


@dataclass(frozen=True, slots=True)
class SkillEntry:
    """A concept: labels and aliases in English and Russian, and the slugs of the skills just above it."""

    slug: str
    domain: str
    """The name of the file it stands in, such as `molecular-biology`."""
    label_en: str
    label_ru: str
    aliases_en: tuple[str, ...] = ()
    aliases_ru: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    """Of its names, those that mean something else as well, and count only beside a related skill."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """The aliases of both languages."""
        return self.aliases_en + self.aliases_ru

    @property
    def names(self) -> Iterator[str]:
        """Every name that means this skill: slug, labels, aliases."""
        yield self.slug
        yield from self.spoken_names

    @property
    def spoken_names(self) -> Iterator[str]:
        """The names that people write: labels and aliases."""
        yield from (self.label_en, self.label_ru)
        yield from self.aliases
