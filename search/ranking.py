"""Relevance: the weights, in tables, and what a query's tree means in terms of fields, the same for both engines.

The structured part counts in points: a skill that is claimed, by itself or by a narrower one, how well, with what
evidence, how recently. The text part is BM25 over weighted fields: rows of words above single words. Skills that stand
in texts alone are ranked by BM25 too, below whoever claims them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from django.utils import timezone

from search.analysis import plain, stem
from search.fields import WORD_FIELDS, Kind, fields_of, level_token
from search.filters import Between, Condition, Terms
from search.sounds import sound
from search.values import SkillWish
from search.words import All, Any, Concept, Near, Node, Not, Phrase, Prefix, Some, Word

WEIGHTS: Mapping[str, float] = {
    "names": 4.0,
    "number": 4.0,
    "sounds": 3.0,
    "skills": 3.0,
    "headline": 3.0,
    "thesis_title": 2.0,
    "affiliation": 1.5,
    "texts": 1.0,
}
"""Field of words -> how much a word there counts. A word's score is that of its best field ..."""
OTHER_FIELDS = 0.1
"""... and this share of what it scores in the others."""
ROWS = 0.3
"""Words that follow each other as in the query add this share of what their row scores."""

MENTIONED: Mapping[str, float] = {"mentioned": 1.0, "mentioned_narrower": 0.4}
"""Skills that stand in texts: by BM25, narrower ones below."""
WORDS_OF_CONCEPT = 0.3
"""Of what the words of a recognised skill or lab score as words: they may stand anywhere, and mean something else."""
LAB = 60.0
CLAIMED, NARROWER = 100.0, 60.0
"""Points for a claim of the skill, or of a narrower one: above whatever a text may score."""
EVIDENCED = 6.0
LEVEL = 1.5
"""Points for each level above the first."""
RECENT: Mapping[int, float] = {1: 1.0, 3: 0.5}
"""Years since graduation, at most (or still to go) -> points, where skills or labs are asked for."""
FUZZY = 0.5
"""Points for a word that is spelled alike: below any word that is found as it is."""

FORMS: Mapping[Kind, Callable[[str], str]] = {Kind.NAMES: plain, Kind.SOUNDS: sound, Kind.TEXT: stem}
"""Kind of field -> the form in which words stand there."""


# What a tree means: few primitives, which both engines compile.


@dataclass(frozen=True, slots=True)
class InField:
    """One term of a field, or several in a row, by BM25."""

    field: str
    terms: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Like:
    """A term of a field that is so many edits from this one, or fewer."""

    field: str
    term: str
    edits: int
    points: float


@dataclass(frozen=True, slots=True)
class Begins:
    field: str
    beginning: str


@dataclass(frozen=True, slots=True)
class Points:
    """The same score for whoever meets a condition."""

    condition: Condition
    points: float


@dataclass(frozen=True, slots=True)
class Best:
    """At least one of the parts; scores as the best of them, and a share of the others."""

    parts: tuple["Scored", ...]
    others: float = 0.0


@dataclass(frozen=True, slots=True)
class Sum:
    """All of `must` (at least `least` of `should` where there is no `must`); scores add up."""

    must: tuple["Scored", ...] = ()
    should: tuple["Scored", ...] = ()
    least: int = 0


@dataclass(frozen=True, slots=True)
class Excluded:
    part: "Scored"


Scored = InField | Like | Begins | Points | Best | Sum | Excluded


def ranked(node: Node, family: str, wishes: Sequence[SkillWish] = ()) -> Scored:
    """The query of a text; `wishes` of filters, which narrow there, here move the order, never what it finds."""
    fields = {field.name for field in fields_of(family)}
    extra = tuple(_skill([wish.skill_id], wish.level) for wish in wishes)
    recent = tuple(_recent()) if wishes or _names_concepts(node) else ()
    return Sum(must=(_scored(node, fields),), should=(*extra, *recent))


def _names_concepts(node: Node) -> bool:
    match node:
        case Concept():
            return True
        case All(parts) | Any(parts) | Some(parts):
            return any(map(_names_concepts, parts))
        case _:
            return False


def _scored(node: Node, fields: set[str], share: float = 1.0) -> Scored:
    """`share`: of what words score in full."""
    match node:
        case All(parts):
            made = tuple(_scored(part, fields, share) for part in parts)
            return Sum(must=made, should=tuple(_rows(parts, fields, share)))
        case Any(parts):
            return Sum(should=tuple(_scored(part, fields, share) for part in parts), least=1)
        case Some(parts, least):
            made = tuple(_scored(part, fields, share) for part in parts)
            return Sum(must=(Sum(should=made, least=least),), should=tuple(_rows(parts, fields, share)))
        case Not(part):
            return Excluded(_scored(part, fields))
        case Word(token):
            return _words((token,), fields, share)
        case Phrase(tokens):
            return _words(tokens, fields, share)
        case Prefix(token):
            return Begins("names", plain(token))
        case Near(token, edits):
            return Best(tuple(_alike(token, edits, fields)))
        case Concept(skills, labs, words):
            return _concept(skills, labs, _scored(words, fields, WORDS_OF_CONCEPT))


def _words(tokens: Sequence[str], fields: set[str], share: float) -> Scored:
    """One word, or several in a row, in any of the fields of words."""
    parts = [
        InField(name, tuple(map(FORMS[WORD_FIELDS[name]], tokens)), weight * share)
        for name, weight in WEIGHTS.items()
        if name in fields
    ]
    return Best(tuple(parts), OTHER_FIELDS)


def _rows(parts: Sequence[Node], fields: set[str], share: float) -> Iterable[Scored]:
    """Two words that follow each other in the query do so in the text."""
    for one, two in pairwise(parts):
        if isinstance(one, Word) and isinstance(two, Word):
            yield _words((one.token, two.token), fields, share * ROWS)


def _alike(token: str, edits: int, fields: set[str]) -> Iterable[Scored]:
    for name in WEIGHTS:
        if name in fields and WORD_FIELDS[name] is not Kind.SOUNDS:
            yield Like(name, FORMS[WORD_FIELDS[name]](token), edits, FUZZY)


def _concept(skills: Sequence[int], labs: Sequence[int], words: Scored) -> Scored:
    parts: list[Scored] = [words]
    if skills:
        keys = tuple(map(str, skills))
        parts.append(_skill(skills, 1))
        parts += [InField(field, (key,), weight) for field, weight in MENTIONED.items() for key in keys]
    if labs:
        parts.append(Points(Terms("lab", tuple(map(str, labs))), LAB))
    return Sum(should=tuple(parts), least=1)


def _skill(skills: Sequence[int], level: int) -> Scored:
    """Whoever has one of the skills at the level, and how well."""
    claimed = tuple(map(str, skills))
    has = Terms("skill_level", tuple(level_token(key, level) for key in claimed))
    steps = tuple(
        Points(Terms("skill_level", tuple(level_token(key, step) for key in claimed)), LEVEL) for step in range(2, 6)
    )
    best = Best((Points(Terms("claimed", claimed), CLAIMED), Points(has, NARROWER)))
    return Sum(must=(Points(has, 0.0),), should=(best, Points(Terms("evidenced", claimed), EVIDENCED), *steps))


def _recent() -> Iterable[Scored]:
    today = timezone.localdate()
    for years, points in RECENT.items():
        yield Points(Between("graduation", low=(today - timedelta(days=366 * years)).toordinal()), points)
