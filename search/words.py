"""The query language of `q`: text -> tree. All words by default, "phrases", AND OR NOT, -word, parentheses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crm.errors import Invalid
from search.analysis import tokens

LONGEST = 256
MOST_TERMS = 32
DEEPEST = 8
"""Parentheses open at once: engines and parsers refuse trees that are nested without end."""


@dataclass(frozen=True, slots=True)
class Word:
    token: str
    typed: str = field(default="", compare=False)
    """As it was typed, signs and all; blank within quotation marks, where nothing is read into a word."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a word of a name; made for suggestions, no query text leads to it."""

    token: str


@dataclass(frozen=True, slots=True)
class Phrase:
    tokens: tuple[str, ...]
    typed: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Node", ...]
    explicit: frozenset[int] = field(default=frozenset(), compare=False)
    """Places of the parts that an AND joins to the one before."""


@dataclass(frozen=True, slots=True)
class Some:
    """At least so many of the parts; no query text leads to it."""

    parts: tuple["Node", ...]
    least: int


@dataclass(frozen=True, slots=True)
class Concept:
    """Words that name skills or labs (primary keys): whoever has one of them, or these words somewhere."""

    skills: tuple[int, ...]
    labs: tuple[int, ...]
    words: "Node"


@dataclass(frozen=True, slots=True)
class Near:
    """A word that may be mistyped by so many edits."""

    token: str
    edits: int


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


Node = Word | Prefix | Phrase | All | Some | Concept | Near | Any | Not

_LEXEME = re.compile(
    r'[\s/,;|]*(?:"(?P<phrase>[^"]*)"|(?P<open>\()|(?P<close>\))'
    r'|(?P<minus>(?<![/,;|])-(?=[^\s\-]))|(?P<word>[^\s()"/,;|]+))'
)
PARTED_BY = re.compile(r"[\s/,;|]+")
"""Strokes, commas and the like part words as spaces do."""


def parse_words(text: str) -> Node | None:
    """The tree of a query, None for a blank one.

    Raises Invalid (field `q`) for unbalanced quotes or parentheses, operators without words, more than 256
    characters or 32 terms, parentheses more than 8 deep, and text without any word.
    """
    if not text.strip():
        return None
    if len(text) > LONGEST:
        raise _wrong(f"{len(text)} characters are too many: {LONGEST} are allowed.")
    if text.count('"') % 2:
        raise _wrong("A quotation mark is not closed.")
    node = _Parser(list(_lexemes(text))).parse()
    if node is None:
        raise _wrong("There is no word to search for.")
    if (count := sum(1 for _ in leaves(node))) > MOST_TERMS:
        raise _wrong(f"{count} terms are too many: {MOST_TERMS} are allowed.")
    return node


def leaves(node: Node, *, negated: bool = True) -> Iterator[str]:
    """The tokens of a tree, each as often as it stands there; those under NOT only where asked."""
    match node:
        case Word(token) | Prefix(token) | Near(token):
            yield token
        case Phrase(parts):
            yield from parts
        case Concept(words=words):
            yield from leaves(words, negated=negated)
        case All(children) | Any(children) | Some(children):
            for child in children:
                yield from leaves(child, negated=negated)
        case Not(child) if negated:
            yield from leaves(child)


def _wrong(sentence: str) -> Invalid:
    return Invalid.field("q", sentence)


def _lexemes(text: str) -> Iterator[tuple[str, str]]:
    for match in _LEXEME.finditer(text):
        kind = str(match.lastgroup)
        value = match[kind]
        yield (value, "") if kind == "word" and value in {"AND", "OR", "NOT"} else (kind, value)


class _Parser:
    """Recursive descent: any := all (OR all)*; all := one (AND? one)*; one := NOT one | ( any ) | phrase | word."""

    def __init__(self, lexemes: list[tuple[str, str]]) -> None:
        self.lexemes = lexemes
        self.place = 0
        self.depth = 0

    def parse(self) -> Node | None:
        node = self.any()
        if self.next() == "close":
            raise _wrong("A parenthesis is closed that was not opened.")
        return node

    def next(self) -> str:
        return self.lexemes[self.place][0] if self.place < len(self.lexemes) else "end"

    def take(self) -> str:
        self.place += 1
        return self.lexemes[self.place - 1][1]

    def any(self) -> Node | None:
        parts = [self.all()]
        while self.next() == "OR":
            self.operator()
            parts.append(self.all())
        return _group(Any, parts)

    def all(self) -> Node | None:
        parts, explicit = [self.one()], set[int]()
        while self.next() not in {"end", "close", "OR"}:
            joined = self.next() == "AND"
            if joined:
                self.operator()
            parts.append(self.one())
            if joined and parts[-1] is not None:
                explicit.add(sum(part is not None for part in parts) - 1)
        made = _group(All, parts)
        return All(made.parts, frozenset(explicit)) if isinstance(made, All) and explicit else made

    def operator(self) -> None:
        name = self.next()
        self.take()
        if self.next() in {"end", "close", "OR", "AND"}:
            raise _wrong(f"{name} needs a word on both sides; in quotation marks it is a word itself.")

    def one(self) -> Node | None:
        match self.next():
            case "NOT" | "minus" as sign:
                self.take()
                if sign == "NOT" and self.next() in {"end", "close", "OR", "AND"}:
                    raise _wrong("NOT needs a word after it; in quotation marks it is a word itself.")
                part = self.one()
                # Twice not is yes; so only parentheses make a tree deep.
                return part.part if isinstance(part, Not) else Not(part) if part else None
            case "open":
                return self.group()
            case "phrase":
                return leaf_of(self.take(), typed="")
            case "word":
                return leaf_of(self.take())
            case "end" | "close":
                return None
            case name:
                raise _wrong(f"{name} needs a word on both sides; in quotation marks it is a word itself.")

    def group(self) -> Node | None:
        self.take()
        self.depth += 1
        if self.depth > DEEPEST:
            raise _wrong(f"Parentheses stand too deep: {DEEPEST} may be open at once.")
        node = self.any()
        if self.next() != "close":
            raise _wrong("A parenthesis is not closed.")
        self.take()
        self.depth -= 1
        return node


def leaf_of(text: str, *, typed: str | None = None) -> Word | Phrase | None:
    """A word of several tokens, such as RT-PCR, is a phrase; `typed` is the text where it is not said."""
    found, typed = tokens(text), text if typed is None else typed
    if not found:
        return None
    return Word(found[0], typed) if len(found) == 1 else Phrase(tuple(found), typed)


def _group(kind: type[All] | type[Any], parts: list[Node | None]) -> Node | None:
    kept = tuple(part for part in parts if part is not None)
    if len(kept) < 2:
        return kept[0] if kept else None
    return kind(kept)
