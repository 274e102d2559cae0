"""Where the words of a query stand in a text, marked safely for HTML."""

from collections.abc import Collection
from html import escape
from itertools import takewhile

from search.analysis import composed, spans, stem

FRAGMENT = 200
"""Characters around the first match, about."""
OPEN, CLOSE = "<mark>", "</mark>"


def highlight(text: str, wanted: Collection[str]) -> str | None:
    """The fragment around the first of the wanted terms, escaped, with <mark>; None where none stands there."""
    text = composed(text)
    places = ((start, end) for token, start, end in spans(text) if stem(token) in wanted)
    found = next(places, None)
    if found is None:
        return None
    first, last = _window(text, *found)
    return _marked(text, [found, *takewhile(lambda place: place[1] <= last, places)], first, last)


def _window(text: str, place: int, place_end: int) -> tuple[int, int]:
    """Bounds at spaces where there are some, a quarter of the fragment before the place; the place is within."""
    if len(text) <= FRAGMENT:
        return 0, len(text)
    start = max(0, place - FRAGMENT // 4)
    first = 0 if start == 0 else text.find(" ", start, place) + 1 or start
    end = first + FRAGMENT
    return first, len(text) if end >= len(text) else max(text.rfind(" ", place_end, end), place_end)


def _marked(text: str, places: list[tuple[int, int]], first: int, last: int) -> str:
    parts, cursor = ["… " if first else ""], first
    for start, end in places:
        parts += [escape(text[cursor:start]), OPEN, escape(text[start:end]), CLOSE]
        cursor = end
    return "".join([*parts, escape(text[cursor:last]), " …" if last < len(text) else ""])
