"""Names as they sound: one form for the Latin and Cyrillic spellings of a name, whatever the way of transliteration.

Щукин, Shchukin and Schukin meet, as do Алексей, Aleksei and Alexey. It keeps apart what sounds apart, and no more.
"""

import re
from functools import lru_cache

from search.analysis import plain

_LETTERS = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e zh z i i k l m n o p r s t u f kh ts ch sh shch _ i _ e iu ia".replace("_", "'").split(),
        strict=True,
    )
)
_SAME = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("'", ""),
        ("x", "ks"),
        ("w", "v"),
        ("shch|sch|sc(?=h)", "sh"),
        ("tz|c(?=[eivy])", "ts"),
        ("ck", "k"),
        ("ph", "f"),
        ("kh", "h"),
        ("tch", "ch"),
        ("c(?!h)", "k"),
        ("j|y", "i"),
        ("(?<=[ei])i+(?=[eaou])", "i"),
        ("^ie", "e"),
        ("i[eo](?=[lnmvdrt])", "e"),
        ("iia", "ia"),
        ("i+", "i"),
        (r"(.)\1+", r"\1"),
        ("i$", ""),
        ("ander$", "andr"),
    )
)


@lru_cache(maxsize=100_000)
def sound(token: str) -> str:
    """A word of a name as it sounds; a word without letters stays as it is."""
    word = "".join(_LETTERS.get(letter, letter) for letter in plain(token))
    for pattern, letters in _SAME:
        word = pattern.sub(letters, word)
    return word or plain(token)
