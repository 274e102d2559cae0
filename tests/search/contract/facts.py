"""The small world of the contract suite: partners, labs, skills, and every spelling of its few words."""

import uuid
from functools import lru_cache

from crm.reference import Entry, Labs, Names, Reference, _index

NOW = 1_800_000_000_000
"""The moment of every search here, in milliseconds."""
DAY = 86_400_000
FOR_EVER = 253_402_300_799_000
PROFILE, EVALUATED = 1, 2
VERESK, QUILLWAVE, NEWCOMER = 11, 12, 13
"""Partners; no consent and no block names the newcomer."""
PARTNERS = (VERESK, QUILLWAVE, NEWCOMER)
PROFESSORS = {21: ("lab-1", "lab-2"), 22: ("lab-3",), 23: ()}
"""Professor -> own labs."""

WORDS = """
sequence=Sequence sequences=SEQUENCES sequencing sequenced
optimise optimised optimisation
diagnostic=Diagnostic diagnostics
network networks=Networks networking
cell=Cell cells
café=CAFÉ=cafe
naïve=Naïve=naive
редактирование=РЕДАКТИРОВАНИЕ редактирования редактированию
генома=ГЕНОМА геномов
обучение обучения
учёный=УЧЁНЫЙ=ученый учёного=ученого
съёмка=съемка съёмки=съемки
йод=Йод
C++=c++
C#=c#
C=c
python=Python
PCR=pcr
TP53=tp53
3D=3d
"""
"""One family of forms a line; `=` joins spellings of one form. Texts tell families apart, names tell forms apart."""

SEVERAL = {
    "RT-PCR": ("rt", "pcr"),
    "rt-pcr": ("rt", "pcr"),
    "Node.js": ("node", "js"),
    "don't": ("don", "t"),
    "Don’t": ("don", "t"),
}
"""Spellings that are more than one word."""

NAMES = (
    "Anna Ёлкин=ёлкин=Елкин Müller=MÜLLER=Muller Networks Żółć=Zolc Иван=ИВАН Sørensen=Sorensen José=Jose d'Arc Йорк"
)
NAME_FORMS = {"d'Arc": ("d", "arc")}


def _tables() -> dict[str, tuple[tuple[str, str], ...]]:
    """Spelling -> (form, family) of each of its words."""
    table: dict[str, tuple[tuple[str, str], ...]] = {}
    for line in [*WORDS.strip().splitlines(), *NAMES.split()]:
        forms = [group.split("=") for group in line.split()]
        for spellings in forms:
            for spelling in spellings:
                table.setdefault(spelling, ((spellings[-1].lower(), forms[0][0].lower()),))
    for spelling, words in (SEVERAL | NAME_FORMS).items():
        table[spelling] = tuple((table[word][0] if word in table else (word, word)) for word in words)
    return table


SPELLINGS = _tables()
TEXT_SPELLINGS = [spelling for line in WORDS.split() for spelling in line.split("=")] + list(SEVERAL)
NAME_SPELLINGS = [spelling for word in NAMES.split() for spelling in word.split("=")]


def words_of(text: str) -> list[tuple[str, str]]:
    """The (form, family) pairs of a text made of the spellings above."""
    return [
        pair
        for spelling in text.split()
        for pair in SPELLINGS.get(spelling) or [(part, part) for part in spelling.lower().split("-")]
    ]


SKILLS = {
    "programming": ("Python optimisation", ()),
    "python": ("Python", ("programming",)),
    "cpp": ("C++", ("programming",)),
    "csharp": ("C#", ("programming",)),
    "deep": ("3D networks", ("python",)),
    "pcr": ("PCR", ()),
    "rt-pcr": ("RT-PCR", ("pcr",)),
    "editing": ("редактирование генома", ()),
}
"""Slug -> label, broader slugs."""
LABS = {f"lab-{n}": f"cell diagnostics {n}" for n in range(12)}
PROGRAMMES = {"life": "naïve sequencing", "energy": "Node.js", "data": "обучение"}
CITIES = {slug: slug for slug in ("kazan", "perm", "tomsk", "omsk", "tula")}
DEGREES = ("bachelor", "master", "phd", "")
LANGUAGES = ("en", "ru", "de", "fr")
YEARS = range(2024, 2029)


def pk_of(kind: dict[str, object], slug: str) -> int:
    return list(kind).index(slug) + 1


def broader(slug: str) -> set[str]:
    """The skill and all above it."""
    return {slug}.union(*(broader(above) for above in SKILLS[slug][1]))


@lru_cache
def known() -> Reference:
    def entries(kind: dict[str, object], offset: int) -> list[Entry]:
        labels = [value[0] if isinstance(value, tuple) else str(value) for value in kind.values()]
        pairs = enumerate(zip(kind, labels, strict=True), start=1)
        return [Entry(pk, uuid.UUID(int=offset + pk), slug, label) for pk, (slug, label) in pairs]

    return Reference(
        stamp=None,
        labs=Labs(*_index(entries(LABS, 100))),
        programmes=Names(*_index(entries(PROGRAMMES, 200))),
        cities=Names(*_index(entries(CITIES, 300))),
        skills=Names(*_index(entries(SKILLS, 400))),
        broader={pk_of(SKILLS, slug): frozenset(pk_of(SKILLS, above) for above in broader(slug)) for slug in SKILLS},
    )


def with_broader(skills: dict[str, int]) -> dict[str, int]:
    """Each skill and those above it, at the highest level below."""
    best: dict[str, int] = {}
    for slug, level in skills.items():
        for above in broader(slug):
            best[above] = max(level, best.get(above, 0))
    return best
