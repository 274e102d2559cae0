"""The ways to read a query, in turn, until one finds somebody: as typed; with what nobody has mended; with fewer words.

Each is said in the answer. What is mended or left out depends on nothing but what the viewer may see.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from search.analysis import plain, tokens
from search.idle_words import says_nothing
from search.keyboard import swapped
from search.recognition import Recogniser
from search.typos import edits_allowed
from search.understanding import Reading, Understanding, rows_in, tokens_of
from search.words import All, Any, Concept, Near, Node, Not, Phrase, Some, Word, leaf_of, parse_words

Leaf = Word | Phrase
Count = Callable[[Sequence[Node]], Sequence[int]]
"""How many of those whom the viewer sees each text finds."""
LAYOUT, FUZZY = "layout", "fuzzy"
SHORTEST_IN_ANOTHER_LAYOUT = 3
PARTING = re.compile("[,;]")
"""Keys that part words, and are letters in the other layout."""
FEW = 3
"""Words of which it counts first how many are there."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that nobody has, and what was looked for instead; `to` is blank where only its letters were varied."""

    text: str
    to: str
    how: str


@dataclass(frozen=True, slots=True)
class Step:
    reading: Reading
    corrections: tuple[Correction, ...] = ()
    least: int | None = None
    """Where fewer words than all will do: how many must be there at least."""


def readings(
    text: Node, recogniser: Recogniser, beside: Iterable[int], count: Count, *, typed: str = ""
) -> Iterator[Step]:
    """`beside` are skills that filters ask for; `typed` is the text as it was typed, where somebody did."""
    context = tuple(beside)
    step = Step(Understanding(recogniser, context).read(text))
    yield step
    if mended := _mended(text, step.reading, recogniser, context, count, typed):
        step = mended
        yield step
    for least in _fewer(step.reading.node):
        node = _relaxed(step.reading.node, least)
        yield replace(step, reading=replace(step.reading, node=node), least=least)


def _mended(
    text: Node, reading: Reading, recogniser: Recogniser, beside: Sequence[int], count: Count, typed: str
) -> Step | None:
    """With other words in the place of those that nobody has; None where there are none such."""
    dead = _dead(reading.node, count)
    if not dead:
        return None
    text, retyped = _retyped(text, typed, recogniser, count)
    if retyped:
        dead = _dead(Understanding(recogniser, beside).read(text).node, count)
    text, joined = _joined(text, dead, recogniser)
    corrections = retyped + joined
    dead = [leaf for leaf in dead if all(leaf.typed not in one.text.split() for one in corrections)]
    others = _in_the_other_layout(dead, recogniser, count)
    corrections += [Correction(leaf.typed, others[leaf].typed, LAYOUT) for leaf in dead if leaf in others]
    for leaf in dead:
        if leaf not in others and (better := _spelled(leaf, _replaced(text, others), recogniser)):
            others[leaf] = better
            corrections.append(Correction(leaf.typed, better.typed, FUZZY))
    # Beside a skill a word that is far from any other is left out sooner than taken for it.
    most = 1 if reading.understood else 2
    unknown = _varying([leaf for leaf in dead if leaf not in others], most, count)
    corrections += [Correction(leaf.typed, "", FUZZY) for leaf in unknown]
    how = {token: c.how for c in corrections for token in tokens(c.to)}
    mended = Understanding(recogniser, beside, how).read(_replaced(text, others))
    wrong = {token: leaf for leaf in dead for token in _tokens(others.get(leaf)) if how[token] == FUZZY}
    node = _varied(mended.node, wrong, unknown)
    return Step(replace(mended, node=node), tuple(corrections)) if node != reading.node else None


def _joined(node: Node, dead: Sequence[Leaf], recogniser: Recogniser) -> tuple[Node, list[Correction]]:
    """Neighbours of which nobody has one, and which are a word of the vocabulary together: `micro fluidics`."""
    if not isinstance(node, All) or node.explicit:
        return node, []
    made: list[Node] = []
    corrections = []
    for part in node.parts:
        one = made[-1] if made else None
        if isinstance(one, Word) and isinstance(part, Word) and (one in dead or part in dead):
            whole = one.token + part.token
            if one.typed and part.typed and recogniser.has_word(plain(whole)):
                corrections.append(Correction(f"{one.typed} {part.typed}", whole, FUZZY))
                made[-1] = Word(whole, whole)
                continue
        made.append(part)
    return All(tuple(made)) if len(made) > 1 else made[0], corrections


def _dead(node: Node, count: Count) -> list[Leaf]:
    """Words that were not recognised, and that nobody has."""
    bare = list(dict.fromkeys(_bare(node)))
    return [leaf for leaf, number in zip(bare, count(bare), strict=True) if not number]


def _bare(node: Node) -> Iterator[Leaf]:
    """Words that were not recognised, taken back or quoted."""
    match node:
        case Word() | Phrase() if node.typed:
            yield node
        case All(parts) | Any(parts):
            for part in parts:
                yield from _bare(part)


def _tokens(leaf: Node | None) -> tuple[str, ...]:
    return tokens_of(leaf) if isinstance(leaf, Word | Phrase) else ()


def _retyped(node: Node, typed: str, recogniser: Recogniser, count: Count) -> tuple[Node, list[Correction]]:
    """With what stands between spaces in the other layout, where commas and semicolons are letters.

    `,bj[bvbz` is one word; the query language parts it at the comma. What is quoted stands as it is.
    """
    other = {
        piece: made
        for piece in ([] if '"' in typed else typed.split())
        if PARTING.search(piece) and piece.isascii() and isinstance(made := leaf_of(swapped(piece)), Word)
    }
    numbers = dict(zip(other, count(list(other.values())), strict=True))
    known = [piece for piece, made in other.items() if recogniser.has_word(plain(made.token)) or numbers[piece]]
    if not known:
        return node, []
    text = parse_words(" ".join(swapped(piece) if piece in known else piece for piece in typed.split()))
    return text or node, [Correction(piece, swapped(piece), LAYOUT) for piece in known]


def _in_the_other_layout(dead: Sequence[Leaf], recogniser: Recogniser, count: Count) -> dict[Leaf, Leaf]:
    """Those that are a name, or that somebody has, in the other layout; of few letters, names alone."""
    other = {leaf: made for leaf in dead if (made := leaf_of(swapped(leaf.typed)))}
    numbers = dict(zip(other, count(list(other.values())), strict=True))
    return {
        leaf: made
        for leaf, made in other.items()
        if _is_name(made, recogniser) or (numbers[leaf] and len(leaf.typed) >= SHORTEST_IN_ANOTHER_LAYOUT)
    }


def _is_name(leaf: Leaf, recogniser: Recogniser) -> bool:
    whole = tokens_of(leaf)
    return any(m.end - m.start == len(whole) and not m.ambiguous for m in recogniser.concepts_at(whole))


def _varying(leaves: Sequence[Leaf], most: int, count: Count) -> dict[Leaf, Near]:
    """Those for which somebody has a word that is spelled alike."""
    near = {leaf: _near(leaf.token, most) for leaf in leaves if isinstance(leaf, Word)}
    near = {leaf: one for leaf, one in near.items() if one.edits}
    return {leaf: near[leaf] for leaf, number in zip(near, count(list(near.values())), strict=True) if number}


def _near(token: str, most: int = 2) -> Near:
    return Near(token, min(most, edits_allowed(plain(token))))


def _spelled(leaf: Leaf, text: Node, recogniser: Recogniser) -> Leaf | None:
    """What the vocabulary has that is spelled alike: a word, or two that were written as one.

    Of several, what makes the most of the text names: `flow cytometery` is flow cytometry, not a cytometer.
    """
    spelled = recogniser.spelled(leaf.token) if isinstance(leaf, Word) else ()
    made = [one for one in map(leaf_of, spelled) if one and one != leaf]
    return max(made, key=lambda one: _named(_replaced(text, {leaf: one}), recogniser), default=None)


def _named(text: Node, recogniser: Recogniser) -> int:
    """How many words of a text name skills or labs."""
    return sum(m.end - m.start for row in rows_in(text) for m in recogniser.concepts_at(row.tokens))


def _replaced(node: Node, others: Mapping[Leaf, Leaf]) -> Node:
    match node:
        case Word() | Phrase():
            return others.get(node, node) if node.typed else node
        case All(parts, explicit):
            return All(tuple(_replaced(part, others) for part in parts), explicit)
        case Any(parts):
            return Any(tuple(_replaced(part, others) for part in parts))
        case _:
            return node


def _varied(node: Node, wrong: Mapping[str, Leaf], unknown: Mapping[Leaf, Near]) -> Node:
    """Beside what the vocabulary offers, names and texts are looked through for words spelled alike."""
    match node:
        case All(parts, explicit):
            return All(tuple(_varied(part, wrong, unknown) for part in parts), explicit)
        case Any(parts):
            return Any(tuple(_varied(part, wrong, unknown) for part in parts))
        case Concept(words=Word(token)) | Word(token) if token in wrong:
            return Any((node, _near(tokens_of(wrong[token])[0])))
        case Word() if node in unknown:
            return unknown[node]
        case _:
            return node


def _is_concept(part: Node) -> bool:
    return isinstance(part, Concept) or (isinstance(part, Any) and isinstance(part.parts[0], Concept))


def _fewer(node: Node) -> Iterable[int]:
    """How many of the words will do, from most to one; none where an AND, an OR or quotation marks say otherwise.

    Of a few words each counts alike; in a sentence the rare ones say more than how many there are.
    """
    if not isinstance(node, All) or node.explicit:
        return ()
    total = sum(map(_may_lack, node.parts))
    return range(total - 1, 0, -1) if total <= FEW else (1,)


def _relaxed(node: Node, least: int) -> Node:
    assert isinstance(node, All)
    named = any(map(_is_concept, node.parts))
    wanted = tuple(_loose(part, beside=named) if least == 1 else part for part in node.parts if _may_lack(part))
    fixed = tuple(part for part in node.parts if not _may_lack(part))
    some = Some(wanted, least)
    return All((some, *fixed)) if fixed else some


def _loose(part: Node, *, beside: bool) -> Node:
    """Where one word will do, so will one of those that a hyphen or a stroke joins, if it says something."""
    if not isinstance(part, Phrase):
        return part
    said = [token for token in part.tokens if not says_nothing(token, beside=beside)]
    return Some(tuple(map(Word, said or part.tokens)), 1)


def _may_lack(part: Node) -> bool:
    """What is taken back or quoted is meant as it stands."""
    return not isinstance(part, Not) and not (isinstance(part, Word | Phrase) and not part.typed)
