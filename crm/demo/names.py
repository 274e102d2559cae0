"""Names of fictional people: drawn from the tables, in Latin letters and in their own script."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from crm.demo.contents import NameGroup
from crm.text import fold

_PAIRS = (
    "а:a б:b в:v г:g д:d е:e ж:zh з:z и:i й:y к:k л:l м:m н:n о:o п:p р:r "
    "с:s т:t у:u ф:f х:kh ц:ts ч:ch ш:sh щ:shch ъ: ы:y ь: э:e ю:yu я:ya ё:yo"
)
_LETTERS = dict(pair.split(":") for pair in _PAIRS.split())
_BEFORE_YE = frozenset("аеёиоуыэюяьъ")
_ADJECTIVE_END = re.compile(r"[иы]й$")
_FEMININE = (("ский", "ская"), ("ов", "ова"), ("ев", "ева"), ("ёв", "ёва"), ("ин", "ина"), ("ын", "ына"))


@dataclass(frozen=True, slots=True)
class Person:
    given: str
    family: str
    native: str
    group: NameGroup

    @property
    def mailbox(self) -> str:
        """The part of an e-mail address before the @."""
        return mailbox(self.given, self.family)


def mailbox(given: str, family: str) -> str:
    """
    >>> mailbox("José", "Müller-Lang")
    'jose.muller-lang'
    """
    return ".".join(re.sub(r"[^a-z-]", "", fold(part)) for part in (given, family))


def transliterate(native: str) -> str:
    """Russian letters to Latin ones.

    >>> transliterate("Евгений"), transliterate("Журавлёв"), transliterate("Илья")
    ('Yevgeny', 'Zhuravlyov', 'Ilya')
    """
    lowered = _ADJECTIVE_END.sub("ы", native.lower())
    latin = "".join(
        "ye" if letter == "е" and (not before or before in _BEFORE_YE) else _LETTERS[letter]
        for before, letter in zip(["", *lowered], lowered, strict=False)
    )
    return latin[:1].upper() + latin[1:]


def feminine(family: str) -> str:
    """A Russian family name as a woman bears it; unchanged where the rule knows no other form."""
    for ending, replacement in _FEMININE:
        if family.endswith(ending):
            return family.removesuffix(ending) + replacement
    return family


def draw_people(groups: Sequence[NameGroup], rng: Random) -> Iterator[Person]:
    """People without end, no two of whom share a mailbox."""
    seen: set[str] = set()
    while True:
        group = rng.choices(groups, weights=[group.weight for group in groups])[0]
        person = _draw(group, rng)
        if person.mailbox not in seen:
            seen.add(person.mailbox)
            yield person


def _draw(group: NameGroup, rng: Random) -> Person:
    woman = rng.random() < 0.5
    given, family = rng.choice(group.female if woman else group.male), rng.choice(group.family)
    if group.spelling == "russian":
        family = feminine(family) if woman else family
        return Person(transliterate(given), transliterate(family), f"{family} {given}", group)
    if group.spelling == "latin":
        return Person(given, family, "", group)
    (given, native_given), (family, native_family) = given.split("|"), family.split("|")
    space = "" if group.family_first_joined else " "
    return Person(given, family, f"{native_family}{space}{native_given}", group)
