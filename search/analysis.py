"""The one text analyser: the same terms at indexing, in queries and for highlights, whatever the engine.

A token is a run of letters and digits; `c++`, `c#` and the like keep their sign. Tokens are lower-cased, accents and ё
are folded, letters of another alphabet that look alike are taken for the word's own, and they are stemmed by Snowball:
Latin ones as English (porter2), Cyrillic ones as Russian, each helped where Snowball keeps forms of one word apart.
Engines get the terms joined by spaces and split them at white space only, so they cannot disagree.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from Stemmer import Stemmer

from crm.text import fold
from search.spelling import one_alphabet, one_spelling, one_stem

LONGEST_TERM = 64
GAP = "\u00b6"
"""A term that no query holds: phrases do not reach across it."""

_MARKS = "\u0300-\u036f"
_TOKEN = re.compile(rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*(?:\+\+|#)?")
_CYRILLIC = re.compile(r"[а-я]")
_FLEETING = re.compile(r"(?<=[бвгджзйклмнпрстфхцчшщ])[ое](?=[клнц]$)")
"""The vowel that comes and goes: клеток and клетка, образец and образца, стекол and стекло."""
_ENGLISH, _RUSSIAN = Stemmer("english"), Stemmer("russian")
_ROOTS = (
    "геном метагеном эпигеном пангеном протеом транскриптом метаболом экзом микробиом хромосом рибосом лизосом "
    "симптом синдром атом диплом"
)
_WHOLE = {form: root for root in _ROOTS.split() for form in (root, f"{root}у")}
"""Forms of which Snowball takes -ом or -ому for an ending, though the other forms of these words keep -ом."""


@lru_cache(maxsize=200_000)
def plain(token: str) -> str:
    """A token folded, not stemmed: the form of names. A few signs, such as a lone iota subscript, fold to nothing."""
    word = fold(token).replace(" ", "")
    return (word if token.isascii() else one_alphabet(word))[:LONGEST_TERM]


@lru_cache(maxsize=200_000)
def stem(token: str) -> str:
    """A token folded and stemmed: the form of texts."""
    word = plain(token)
    if word in _WHOLE:
        return _WHOLE[word]
    if not _CYRILLIC.search(word):
        return one_stem(str(_ENGLISH.stemWord(one_spelling(word))))
    stemmed = str(_RUSSIAN.stemWord(word))
    return _FLEETING.sub("", stemmed) if len(stemmed) > 4 else stemmed


def composed(text: str) -> str:
    """The text with accents joined to their letters, as `spans` wants it."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def tokens(text: str) -> list[str]:
    found: list[str] = _TOKEN.findall(composed(text))
    return found if text.isascii() else [token for token in found if plain(token)]


def terms_in(text: str) -> set[str]:
    """The stems of a text; each token is looked at once."""
    return set(map(stem, set(_TOKEN.findall(composed(text))))) - {""}


def spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Tokens of a composed text with their places in it."""
    for match in _TOKEN.finditer(text):
        yield match[0], match.start(), match.end()


def joined(texts: Iterable[str], form: Callable[[str], str]) -> str:
    """What an engine indexes: the terms of each text, with a gap between texts."""
    return f" {GAP} ".join(" ".join(map(form, tokens(text))) for text in texts if text)
