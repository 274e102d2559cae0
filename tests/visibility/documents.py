"""A plain reading of the language of conditions: whether a document matches, without any engine."""

from typing import Any

from search.filters import Between, Condition, Either, Terms, Without


def matches(document: dict[str, Any], condition: Condition) -> bool:
    match condition:
        case Terms(field, tokens):
            return bool(set(document.get(field) or ()) & set(tokens))
        case Between(field, low, high):
            value = document.get(field)
            return value is not None and (low is None or value >= low) and (high is None or value <= high)
        case Either(parts):
            return any(matches(document, part) for part in parts)
        case Without(part):
            return not matches(document, part)
