"""The parts of the search that can be switched off, to see what each adds. The product itself has no such switches."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from crm.reference import Reference
from search.readings import Count
from search.recognition import Lexicon, Recogniser, recogniser
from search.words import All, Any, Node, Phrase, Some, Word


@dataclass(frozen=True)
class Parts:
    """How the search is run: as it is, or without a part of it."""

    in_texts: bool = True
    """Whether texts are looked through for skills at indexing; all else is a matter of queries."""
    recogniser: Callable[[Reference], Recogniser] = recogniser
    count: Callable[[Count], Count] = lambda count: count
    tree: Callable[[Node], Node] = lambda node: node


def _without_skills(known: Reference) -> Recogniser:
    return Recogniser(known, Lexicon("skill", ()), recogniser(known).labs)


def _as_if_all_were_found(_: Count) -> Count:
    """A word that somebody has is not mended."""
    return lambda texts: [1] * len(texts)


def apart(node: Node) -> Node:
    """A tree that finds the same, in which no two words stand side by side: so none makes a row with the next."""
    match node:
        case All(parts) | Some(parts):
            return replace(node, parts=tuple(map(_alone, parts)))
        case Any(parts):
            return Any(tuple(map(apart, parts)))
        case _:
            return node


def _alone(node: Node) -> Node:
    return Any((node,)) if isinstance(node, Word | Phrase) else apart(node)


WHOLE = Parts()
ABLATION: Mapping[str, Parts] = {
    "without the vocabulary": Parts(in_texts=False, recogniser=_without_skills),
    "without recognition in texts": Parts(in_texts=False),
    "without typos and layout": Parts(count=_as_if_all_were_found),
    "without phrases": Parts(tree=apart),
}
