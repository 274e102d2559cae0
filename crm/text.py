"""Folding of names, so that spellings of one thing meet: case, accents, ё, spaces. Texts on one line."""

import re
import unicodedata
from collections.abc import Set
from itertools import filterfalse

from django.utils.text import slugify

_SPECIAL = str.maketrans({"ё": "е", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})
_LAB_WORD = r"(?:labs?|laborator(?:y|ies)|лаборатория|лаб)\.?"
_LAB = re.compile(
    r"(?:the )?(?:labs?|laborator(?:y|ies))\.? (?:of|for) (?P<of>.+)"
    r"|(?:лаборатория|лаб\.?) (?P<russian>.+)"
    rf"|(?P<before>.+?) (?:{_LAB_WORD}|\({_LAB_WORD}\))"
)
_WORD = re.compile(r"[^\W_]+(?:\+\+|#)?")
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_LATIN = [
    "a",
    "b",
    "v",
    "g",
    "d",
    "e",
    "zh",
    "z",
    "i",
    "y",
    "k",
    "l",
    "m",
    "n",
    "o",
    "p",
    "r",
    "s",
    "t",
    "u",
    "f",
]
_LATIN += ["kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya"]
_RUSSIAN = dict(zip(_CYRILLIC, _LATIN, strict=True))


def fold(text: str) -> str:
    """Lower case, without accents, ё as е, й kept; one space between words."""
    if text.isascii():
        return " ".join(text.lower().split())
    lowered = unicodedata.normalize("NFKC", text).lower().translate(_SPECIAL)
    kept = lowered.replace("й", "\ue000")
    plain = "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFD", kept)))
    return " ".join(unicodedata.normalize("NFC", plain.replace("\ue000", "й")).split())


def spoken(name: str) -> str:
    """A name as it is read in texts: folded, without hyphens and the like; `C++` and `C#` keep their sign.

    >>> spoken("Real-time PCR") == spoken("real time pcr")
    True
    """
    return words_of(fold(name))


def words_of(folded: str) -> str:
    """The same for a name that is folded already."""
    said = " ".join(_WORD.findall(folded))
    # Most are the same: one copy of each is enough where there are many.
    return folded if said == folded else said


def printable_line(text: str) -> str:
    """On one line, without what cannot be seen: fit for a header or a list."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def lab_key(name: str) -> str:
    """One key for 'Lab of X', 'Laboratory of X', 'X Lab.', 'X (lab)', 'X Laboratories', 'лаборатория X' and 'X'.

    'Laboratory Medicine' and 'Lab Automation' are names of their own.

    >>> lab_key("Laboratory of Genome Editing") == lab_key("genome editing lab")
    True
    """
    key = fold(name)
    while match := _LAB.fullmatch(key):
        key = match["of"] or match["russian"] or match["before"]
    return key


def make_slug(name: str, *, taken: Set[str] = frozenset(), fallback: str = "item") -> str:
    """A slug in Latin letters that is not taken; a number is added where it is."""
    latin = "".join(_RUSSIAN.get(c, c) for c in fold(name))
    base = slugify(latin)[:70] or fallback
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug
