"""A concept of a vocabulary of others, as its files describe it, and what an import took from it."""

import re
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

from crm.text import fold, words_of

LONGEST_NAME = 120
_LONGEST_URI = 500
_URI = re.compile(r"(?:https?://|urn:)[^\s<>\"{}|\\^`\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class Concept:
    """Names on one line each; `names` are the others of both languages, `broader` and `replaced_by` are URIs."""

    where: str
    """The file, and the line where it has one."""
    uri: str
    label: str = ""
    label_ru: str = ""
    names: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    obsolete: bool = False
    replaced_by: tuple[str, ...] = ()
    problem: str = ""
    """What the reader could not make sense of."""

    def refusal(self) -> str:
        """Why it cannot be taken; empty where it can."""
        if self.problem:
            return self.problem
        if not _URI.fullmatch(self.uri) or len(self.uri) > _LONGEST_URI:
            return "Its URI is no whole address (http://, https:// or urn:)."
        if self.obsolete:
            return ""
        label = Name.of(self.label)
        if not label.said:
            return "It has no English label: give the file with the English names as well."
        return "" if label.fits else f"Its label is longer than {LONGEST_NAME} characters."


class Name(NamedTuple):
    """A name as it is written, folded, and said: hyphens and the like make no difference then."""

    text: str
    key: str
    said: str

    @classmethod
    def of(cls, text: str) -> Self:
        # Many are in lower case already, and one copy of these is enough.
        key = text if (folded := fold(text)) == text else folded
        return cls(text, key, words_of(key))

    @property
    def fits(self) -> bool:
        """Whether there is room for it in the database; some letters unfold to many."""
        return max(len(self.text), len(self.key)) <= LONGEST_NAME

    @property
    def is_short(self) -> bool:
        """One or two letters mean many things; `C#` means one."""
        return 0 < len(self.said) <= 2 and self.said[-1] not in "+#"


@dataclass(frozen=True, slots=True)
class Content:
    """What an import took from a concept: the next one takes over only what differs from this."""

    label: str = ""
    label_ru: str = ""
    names: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    """Slugs of our skills."""
    obsolete: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        return cls(**{**stored, "names": tuple(stored["names"]), "broader": tuple(stored["broader"])})


@dataclass(frozen=True, slots=True)
class Imported:
    """Which skill a concept is here; `made`: that skill was made from it."""

    slug: str
    made: bool
