"""The skill vocabulary shipped with the product: one TOML file a domain in `data/`, read by `load`."""

from search.vocabulary.entries import SkillEntry, VocabularyError
from search.vocabulary.loader import load

__all__ = ["SkillEntry", "VocabularyError", "load"]
