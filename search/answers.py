"""What an answer says of how the words were read, and what the viewer may have meant."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from search.analysis import plain, tokens
from search.cards import Card
from search.query import CandidateQuery
from search.readings import Correction, Step
from search.recognition import Name
from search.typos import edits_allowed, is_near
from search.understanding import Understood
from search.words import All, Node, Some


def said(step: Step) -> dict[str, Any]:
    """`understood` of an answer."""
    reading = step.reading
    return {
        "concepts": [concept for one in reading.understood for concept in _concepts(one)],
        "corrections": [{"text": c.text, "to": c.to or None, "how": c.how} for c in step.corrections],
        "ignored": list(reading.ignored),
        "words_needed": {"at_least": step.least, "of": _of(reading.node)} if step.least else "all",
    }


def _concepts(one: Understood) -> Iterable[dict[str, Any]]:
    for name in one.names:
        entry = name.entry
        yield {
            "text": one.text,
            "kind": name.kind,
            "slug": entry.slug,
            "label": entry.label,
            "name": name.text,
            "how": one.how_named(name),
            "excluded": one.excluded,
        }


def _of(node: Node) -> int:
    some = (
        node
        if isinstance(node, Some)
        else next(p for p in node.parts if isinstance(p, Some))
        if isinstance(node, All)
        else None
    )
    return len(some.parts) if some else 0


def did_you_mean(step: Step, query: CandidateQuery, shown: Sequence[Card]) -> str | None:
    """The query with what was mended, drawn from the profiles shown alone; None where nothing was, or nobody found."""
    text, changed = str(query.values["q"][0]), False
    names = {one.text: one.names[0] for one in step.reading.understood if one.how}
    written = (
        [token for card in shown for _, words in card.texts() for token in tokens(words)] if step.corrections else []
    )
    for correction in step.corrections:
        better = _better(correction, names, written)
        typed = re.compile(rf"(?<!\w){re.escape(correction.text)}(?!\w)")
        if better and typed.search(text):
            text, changed = typed.sub(better.replace("\\", r"\\"), text, count=1), True
    return text if changed else None


def _better(correction: Correction, names: dict[str, Name], written: Sequence[str]) -> str | None:
    """What is written in a profile that is shown: the mended word, or the one that is spelled most alike."""
    name = names.get(correction.to)
    offered = name.text if name else correction.to
    # Whoever claims a skill has it under its label.
    there, labels = set(map(plain, written)), (offered, name.entry.label) if name else (offered,)
    if any(wanted and there.issuperset(wanted) for wanted in (list(map(plain, tokens(label))) for label in labels)):
        return offered
    word = plain(correction.text)
    near = [token for token in written if is_near(word, plain(token), edits_allowed(word))]
    return max(near, key=near.count, default=None) or (offered if offered and written else None)
