"""The language of conditions that both engines compile: four kinds, over the fields of search/fields.py."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """The field holds at least one of the tokens. Without tokens it matches nothing."""

    field: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The number lies between two bounds, both inclusive; a document without it does not match."""

    field: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Without:
    part: "Condition"


Condition = Terms | Between | Either | Without
