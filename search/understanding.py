"""From the words of a query to the skills and labs that they name, said openly; quotation marks switch it off."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from search.idle_words import is_function_word, says_nothing
from search.recognition import Mention, Name, Recogniser
from search.words import All, Any, Concept, Node, Not, Phrase, Word


@dataclass(frozen=True, slots=True)
class Understood:
    """Words of the query, and what they were taken for."""

    text: str
    concept: Concept
    names: tuple[Name, ...]
    how: str = ""
    """What was mended before: layout or fuzzy; blank for nothing."""
    excluded: bool = False
    """Whether nobody is to have it."""

    def how_named(self, name: Name) -> str:
        return self.how or ("exact" if name.is_label else "alias")


@dataclass(frozen=True)
class Reading:
    """One way to read a query."""

    node: Node
    understood: tuple[Understood, ...] = ()
    ignored: tuple[str, ...] = ()

    @cached_property
    def concepts(self) -> dict[Concept, Understood]:
        return {one.concept: one for one in self.understood}


@dataclass(frozen=True, slots=True)
class _Row:
    """Neighbouring words: their tokens, and with which token each part begins."""

    parts: tuple[Word | Phrase, ...]

    @property
    def tokens(self) -> list[str]:
        return [token for part in self.parts for token in tokens_of(part)]

    @property
    def begins(self) -> list[int]:
        ends = [0]
        for part in self.parts:
            ends.append(ends[-1] + len(tokens_of(part)))
        return ends


def words_of(part: Word | Phrase) -> list[Word | Phrase]:
    return [Word(token, token) for token in tokens_of(part)]


def tokens_of(part: Word | Phrase) -> tuple[str, ...]:
    return (part.token,) if isinstance(part, Word) else part.tokens


class Understanding:
    """Reads one tree. `beside` are skills that filters ask for: they tell what an ambiguous name means."""

    def __init__(
        self, recogniser: Recogniser, beside: Iterable[int] = (), mended: dict[str, str] | None = None
    ) -> None:
        self.recogniser = recogniser
        self.beside = set(beside)
        self.named = len(self.beside)
        """Skills and labs that the query asks for, clear or not."""
        self.mended = mended or {}
        """Words that are not as they were typed -> what was wrong with them."""
        self.found: list[Understood] = []
        self.ignored: list[str] = []
        self.excluding = False

    def read(self, node: Node) -> Reading:
        self._gather(node)
        return Reading(self._read(node, whole=True), tuple(self.found), tuple(self.ignored))

    def _gather(self, node: Node) -> None:
        """What else is named: beside it names are clear that mean something else as well."""
        for row in rows_in(node):
            tokens = row.tokens
            for mention in self.recogniser.concepts_at(tokens):
                self.named += not is_function_word(tokens[mention.start])
                self.beside |= {n.entry.pk for n in mention.names if n.kind == "skill" and not n.ambiguous}

    def _read(self, node: Node, *, whole: bool) -> Node:
        match node:
            case Word() | Phrase() if node.typed:
                return self._row(_Row((node,)), whole=whole)[0]
            case All(parts, explicit):
                return self._all(parts, explicit, whole=whole)
            case Any(parts):
                return Any(tuple(self._read(part, whole=False) for part in parts))
            case Not(part):
                self.excluding = not self.excluding
                made = Not(self._read(part, whole=False))
                self.excluding = not self.excluding
                return made
            case _:
                return node

    def _all(self, parts: Sequence[Node], explicit: frozenset[int], *, whole: bool) -> Node:
        made: list[Node] = []
        joined: set[int] = set()
        runs = list(_runs(parts, explicit))
        for run in runs:
            if run[0][0] in explicit:
                joined.add(len(made))
            row = _Row(tuple(part for _, part in run if isinstance(part, Word | Phrase) and part.typed))
            if len(row.parts) == len(run):
                made += self._row(row, whole=whole and len(runs) == 1)
            else:
                made += [self._read(part, whole=False) for _, part in run]
        return All(tuple(made), frozenset(joined)) if len(made) > 1 else made[0]

    def _row(self, row: _Row, *, whole: bool) -> list[Node]:
        """The parts of a row, with concepts in the place of the words that name them."""
        row = self._without_hyphens(row)
        made: list[Node] = []
        tokens, begins, place = row.tokens, row.begins, 0
        mentions = {m.start: m for m in self.recogniser.concepts_at(tokens) if {m.start, m.end} <= set(begins)}
        while place < len(row.parts):
            mention = mentions.get(begins[place])
            names = self._meant(mention, tokens, whole=whole) if mention else ()
            if mention and names:
                end = begins.index(mention.end)
                made.append(self._concept(row.parts[place:end], names))
                place = end
                continue
            made.append(row.parts[place])
            place += 1
        return self._without_function_words(made)

    def _without_hyphens(self, row: _Row) -> _Row:
        """What a hyphen joins stands as words where only one of them names something: `инженер-робототехник`."""
        tokens, begins = row.tokens, set(row.begins)
        clear = [m for m in self.recogniser.concepts_at(tokens) if not m.ambiguous]
        cut = {edge for m in clear if not {m.start, m.end} <= begins for edge in (m.start, m.end)}
        parts: list[Word | Phrase] = []
        for part, begin in zip(row.parts, row.begins, strict=False):
            inside = range(begin + 1, begin + len(tokens_of(part)))
            parts += words_of(part) if any(edge in inside for edge in cut) else [part]
        return _Row(tuple(parts))

    def _without_function_words(self, parts: list[Node]) -> list[Node]:
        """All of them where nothing else is left."""
        named = any(isinstance(part, Concept) for part in parts)
        kept = [part for part in parts if not (isinstance(part, Word) and says_nothing(part.token, beside=named))]
        if not kept or len(kept) == len(parts):
            return parts
        self.ignored += [part.token for part in parts if isinstance(part, Word) and part not in kept]
        return kept

    def _meant(self, mention: Mention, tokens: Sequence[str], *, whole: bool) -> tuple[Name, ...]:
        """The names of a mention; ambiguous ones beside a related skill, or where nothing else was typed.

        Whoever types `python ML` means both: beside any other skill or lab an ambiguous name counts as well, unless it
        is a single letter. Those who have the words without the skill are found too.
        """
        plainly = tuple(name for name in mention.names if not name.ambiguous)
        beside = tuple(n for n in mention.names if n.ambiguous and self.recogniser.settled(n, self.beside))
        first = tokens[mention.start]
        alone = whole and mention.end - mention.start == len(tokens)
        in_company = self.named > 1 and len(first) > 1 and not is_function_word(first)
        return plainly or beside or (mention.names if alone or in_company else ())

    def _concept(self, parts: Sequence[Word | Phrase], names: tuple[Name, ...]) -> Concept:
        words: Node = All(tuple(replace(part, typed="") for part in parts)) if len(parts) > 1 else parts[0]
        skills = tuple(name.entry.pk for name in names if name.kind == "skill")
        labs = tuple(name.entry.pk for name in names if name.kind == "lab")
        concept = Concept(skills, labs, words)
        how = next((self.mended[token] for part in parts for token in tokens_of(part) if token in self.mended), "")
        self.found.append(Understood(" ".join(part.typed for part in parts), concept, names, how, self.excluding))
        return concept


def rows_in(node: Node) -> Iterator[_Row]:
    match node:
        case Word() | Phrase() if node.typed:
            yield _Row((node,))
        case All(parts, explicit):
            for run in _runs(parts, explicit):
                leaves = tuple(part for _, part in run if isinstance(part, Word | Phrase) and part.typed)
                if len(leaves) == len(run):
                    yield _Row(leaves)
                else:
                    yield from (row for _, part in run for row in rows_in(part))
        case Any(parts):
            yield from (row for part in parts for row in rows_in(part))


def _runs(parts: Sequence[Node], explicit: frozenset[int]) -> Iterator[list[tuple[int, Node]]]:
    """Neighbouring bare words together, all else alone; an AND parts them."""
    run: list[tuple[int, Node]] = []
    for place, part in enumerate(parts):
        bare = isinstance(part, Word | Phrase) and bool(part.typed)
        if run and (place in explicit or not bare):
            yield run
            run = []
        run.append((place, part))
        if not bare:
            yield run
            run = []
    if run:
        yield run
