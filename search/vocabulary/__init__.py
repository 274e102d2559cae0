"""The skill vocabulary shipped with the product: one TOML file a domain in `data/`."""

from search.vocabulary.entries import SkillEntry, VocabularyError
from search.vocabulary.loader import load, read, version

__all__ = ["SkillEntry", "VocabularyError", "load", "read", "version"]
