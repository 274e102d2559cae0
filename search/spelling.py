"""Spellings of one word, brought together around the stemmer: British and American, Greek and Latin plurals, letters of
the other alphabet that look like the word's own.

It need not be right English, only the same for both forms, at indexing and in queries.
"""

import re

_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # optimise, optimisation; not noise, raise
        (r"(?<=[a-z]{4})is(e[ds]?|ers?|ing|ations?|ational)$", r"iz\1"),
        (r"(?<=\w\w[bdilmpv])our(s|al|ed|ing|less|able)?$", r"or\1"),
        # fibre, centre, titre, litre, metre; of, say, millimetres
        (r"^(fib|cent|tit|lit|theat|\w*met)re(s?)$", r"\1er\2"),
        (r"haem", "hem"),
        (r"^(an|leuk|isch|gl[iy]c)aem", r"\1em"),
        (r"^(an)aesth", r"\1esth"),
        (r"^(p|orthop|gyn|c)ae(?=[dc])", r"\1e"),
        (r"^(o)e(?=str|dem|soph)", "e"),
        (r"^foet", "fet"),
        (r"^aetio", "etio"),
        (r"sulph", "sulf"),
        (r"^alumini", "alumin"),
        (r"(?<=[ao]l)ogue(s?)$", r"og\1"),
        (r"^programmes?$", "program"),
        (r"^mould", "mold"),
        (r"^grey", "gray"),
    )
)
_FORMS = {
    "bacteria": "bacterium",
    "mitochondria": "mitochondrion",
    "spectra": "spectrum",
    "matrices": "matrix",
    "indices": "index",
    "vertices": "vertex",
    "nuclei": "nucleus",
    "fungi": "fungus",
    "loci": "locus",
    "stimuli": "stimulus",
    "genera": "genus",
    "phenomena": "phenomenon",
    "criteria": "criterion",
    "larvae": "larva",
    "algae": "alga",
    "vertebrae": "vertebra",
    "mice": "mouse",
    "feet": "foot",
    "teeth": "tooth",
    "leaves": "leaf",
}


_LATIN, _CYRILLIC = re.compile("[a-z]"), re.compile("[а-я]")
_ALIKE = ("авекмнорстух", "abekmhopctyx")
"""Letters that look alike, some as capitals alone."""
_TO_LATIN, _TO_CYRILLIC = str.maketrans(*_ALIKE), str.maketrans(*_ALIKE[::-1])
_SIGNED = {"с++": "c++", "с#": "c#"}
"""Cyrillic -> Latin."""

_GREEK = re.compile(r"(?<=[aeiouy])s[iz]$|(?<=ly)z$")
"""Ends of stems: analysi(s), synthesi(s), analyz(e), beside analys(es), synthes(es), analys(e)."""


def one_alphabet(word: str) -> str:
    """A folded word with a few letters that only look like its own, in the alphabet of the most: пцp, рython, с++."""
    latin, cyrillic = len(_LATIN.findall(word)), len(_CYRILLIC.findall(word))
    if not latin or not cyrillic:
        return _SIGNED.get(word, word)
    if latin >= cyrillic and not _CYRILLIC.search(moved := word.translate(_TO_LATIN)):
        return moved
    if cyrillic >= latin and not _LATIN.search(moved := word.translate(_TO_CYRILLIC)):
        return moved
    return word


def one_spelling(word: str) -> str:
    """A folded English word in the spelling that stands for all of its spellings."""
    if word in _FORMS:
        return _FORMS[word]
    for pattern, replacement in _RULES:
        word = pattern.sub(replacement, word)
    return word


def one_stem(stem: str) -> str:
    """An English stem, the same for singular and plural, noun and verb of Greek words."""
    return _GREEK.sub("s", stem)
