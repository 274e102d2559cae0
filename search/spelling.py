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


_LATIN, _CYRILLIC = re.compile("[A-Za-z]"), re.compile("[А-Яа-яЁё]")
_SIGNED = {"С++": "C++", "с++": "c++", "С#": "C#", "с#": "c#"}
"""Cyrillic -> Latin."""
_ALIKE = ("АВЕКМНОРСТУХаекорсух", "ABEKMHOPCTYXaekopcyx")
_TO_LATIN, _TO_CYRILLIC = str.maketrans(*_ALIKE), str.maketrans(*_ALIKE[::-1])

_GREEK = re.compile(r"(?<=[aeiouy])s[iz]$|(?<=ly)z$")
"""Ends of stems: analysi(s), synthesi(s), analyz(e), beside analys(es), synthes(es), analys(e)."""


def one_alphabet(token: str) -> str:
    """A token with letters among its own that only look like them, in one alphabet: ПЦP, рython, С++."""
    latin, cyrillic = len(_LATIN.findall(token)), len(_CYRILLIC.findall(token))
    if not latin or not cyrillic:
        return _SIGNED.get(token, token)
    ways = ((_TO_LATIN, _CYRILLIC), (_TO_CYRILLIC, _LATIN))
    moved = ((token.translate(table), others) for table, others in (ways if latin >= cyrillic else ways[::-1]))
    return next((word for word, others in moved if not others.search(word)), token)


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
