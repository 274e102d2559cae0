"""Russian names of skills in other cases, by a few plain rules; what they do not know is not declined.

Apart from the product's own analysis, so that the one can be held against the other.
"""

import re

CASES = ("gen", "ins", "dat")
_ADJECTIVES = (
    (r"(?<=[кгх])ий$", ("ого", "им", "ому")),
    (r"ий$", ("его", "им", "ему")),
    (r"[ыо]й$", ("ого", "ым", "ому")),
    (r"(?<=[кгх])ая$", ("ой", "ой", "ой")),
    (r"(?<=[жшщч])ая$", ("ей", "ей", "ей")),
    (r"ая$", ("ой", "ой", "ой")),
    (r"яя$", ("ей", "ей", "ей")),
    (r"(?<=[кгх])ое$", ("ого", "им", "ому")),
    (r"ое$", ("ого", "ым", "ому")),
    (r"ее$", ("его", "им", "ему")),
)
_NOUNS = (
    (r"ия$", ("ии", "ией", "ии")),
    (r"(?<=[аеия]н)ие$|(?<=[иы]т)ие$", ("ия", "ием", "ию")),
    (r"ость$", ("ости", "остью", "ости")),
    (r"(?<=[кгх])а$", ("и", "ой", "е")),
    (r"(?<=[бвдзлмнпрст])а$", ("ы", "ой", "е")),
    (r"(?<=[бвгдзклмнпрстфх])$", ("а", "ом", "у")),
)
_FLEETING = re.compile(r"(ок|ек|ёк|ец|ень|ень)$")
_WORD = re.compile(r"[а-яё]+(-[а-яё]+)*")


def declined(name: str, case: str) -> str | None:
    """`вычислительная биология` in the genitive is `вычислительной биологии`; None where no rule fits.

    >>> declined("Проточная цитометрия", "ins"), declined("ВЭЖХ", "gen")
    ('проточной цитометрией', None)
    """
    words = name[:1].lower() + name[1:]
    parts, made = words.split(), []
    for place, word in enumerate(parts):
        if not _WORD.fullmatch(word):
            return None
        if adjective := _ended(word, _ADJECTIVES, case):
            made.append(adjective)
            continue
        noun = None if _FLEETING.search(word) else _ended(word, _NOUNS, case)
        return " ".join([*made, noun, *parts[place + 1 :]]) if noun else None
    return None


def _ended(word: str, rules: tuple[tuple[str, tuple[str, ...]], ...], case: str) -> str | None:
    for pattern, endings in rules:
        if re.search(pattern, word):
            return re.sub(pattern, endings[CASES.index(case)], word)
    return None
