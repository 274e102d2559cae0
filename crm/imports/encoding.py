"""Which encoding a text file is in: UTF-8 and UTF-16 by proof, cp1251 by the look of its words, else it is refused."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from crm.imports.errors import UnreadableFile

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
ADVICE = "Save it as “CSV UTF-8” and import it again."

_WORD = re.compile(r"[^\W\d_]+")
_RUSSIAN_WORD = re.compile(r"[ЁА-ЩЭ-Я]?[ёа-я]+|[ЁА-Я]+")
_NO_WORD_BEGINS = frozenset("ъьЪЬ")
_TYPOGRAPHY = frozenset("«»“”„‘’‚–—…•·№°§©®™€±\u00a0\u00ad")
_FREQUENT = frozenset("оеаинтсрвлкм")
"""Three quarters of the letters of Russian text; other encodings read as cp1251 show half of that or less."""
ENOUGH_WORDS = 20_000


def find_encoding(path: Path) -> str:
    """The name Python knows the encoding by. Raises UnreadableFile where it is unclear."""
    with path.open("rb") as file:
        start = file.read(4096)
    marked = next((name for mark, name in MARKS.items() if start.startswith(mark)), None)
    if marked is not None:
        return _proved(path, marked)
    if start.count(b"\0") > len(start) // 50:
        raise UnreadableFile(f"This is no text file, or UTF-16 without its mark. {ADVICE}")
    if _decodes(path, "utf-8"):
        return "utf-8"
    if _decodes(path, "cp1251") and looks_russian(_chunks(path, "cp1251")):
        return "cp1251"
    raise UnreadableFile(
        f"The file is not UTF-8, and read as cp1251 its words do not look Russian, so its encoding is unclear. {ADVICE}"
    )


def _proved(path: Path, encoding: str) -> str:
    if not _decodes(path, encoding):
        raise UnreadableFile(f"The file begins like {encoding.upper()} but is damaged further on. {ADVICE}")
    return encoding


def _decodes(path: Path, encoding: str) -> bool:
    try:
        return all(True for _ in _chunks(path, encoding))
    except UnicodeError:
        return False


def _chunks(path: Path, encoding: str) -> Iterator[str]:
    with path.open(encoding=encoding, newline="") as file:
        yield from iter(lambda: file.read(1 << 20), "")


def looks_russian(chunks: Iterator[str]) -> bool:
    """Whether nine in ten words beyond ASCII are spelt like Russian ones, with letters as often as in Russian."""
    good: Counter[str] = Counter()
    bad = words = 0
    for chunk in chunks:
        for word in filter(lambda word: not word.isascii(), _WORD.findall(chunk)):
            words += 1
            if _RUSSIAN_WORD.fullmatch(word) and word[0] not in _NO_WORD_BEGINS:
                good.update(word.lower())
            else:
                bad += 1
        bad += sum(1 for c in set(chunk) if not c.isascii() and not c.isalpha() and c not in _TYPOGRAPHY)
        if words > ENOUGH_WORDS:
            break
    frequent = sum(good[letter] for letter in _FREQUENT)
    return good.total() > 2 and bad * 9 <= words - bad and frequent >= good.total() * 0.5
