"""The one table of consent: every combination of scopes, target and state, two consents at once, and a block.

What each gives is said here in the words of the design, and nothing of the code under test is used.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement, product

SCOPES = ("profile", "evaluations", "contact")
SCOPE_SETS = [frozenset(some) for size in (1, 2, 3) for some in combinations(SCOPES, size)]
TARGETS = ("ours", "theirs", "everyone")
STATES = {"active": True, "withdrawn": False, "expired": False}
BLOCKS = (None, "ours", "theirs")
VIEWERS = ("ours", "theirs", "later")
"""`later` is a partner that came after all consents: no consent and no block names it."""


@dataclass(frozen=True)
class Given:
    scopes: frozenset[str]
    target: str
    state: str


@dataclass(frozen=True)
class Case:
    consents: tuple[Given, ...]
    block: str | None

    def scopes_for(self, viewer: str) -> frozenset[str]:
        """Consents add up; a block beats them."""
        if self.block == viewer:
            return frozenset()
        held = [c.scopes for c in self.consents if STATES[c.state] and c.target in (viewer, "everyone")]
        return frozenset().union(*held)

    def level_for(self, viewer: str) -> str:
        scopes = self.scopes_for(viewer)
        return "evaluated" if "evaluations" in scopes else "profile" if "profile" in scopes else "none"

    def contact_for(self, viewer: str) -> bool:
        return "contact" in self.scopes_for(viewer)


def cases() -> Iterator[Case]:
    every = [Given(*combination) for combination in product(SCOPE_SETS, TARGETS, STATES)]
    held = [(), *((one,) for one in every), *combinations_with_replacement(every, 2)]
    return (Case(*combination) for combination in product(held, BLOCKS))


WRITTEN_BY_HAND = [
    # consents, block -> level and contact for: ours, theirs, later
    ((), None, ("none", "none", "none"), (False, False, False)),
    (("profile everyone active",), None, ("profile", "profile", "profile"), (False, False, False)),
    (("evaluations ours active",), None, ("evaluated", "none", "none"), (False, False, False)),
    (("contact everyone active",), None, ("none", "none", "none"), (True, True, True)),
    (("profile ours expired",), None, ("none", "none", "none"), (False, False, False)),
    (("evaluations everyone withdrawn",), None, ("none", "none", "none"), (False, False, False)),
    (
        ("profile everyone active", "evaluations theirs active"),
        None,
        ("profile", "evaluated", "profile"),
        (False, False, False),
    ),
    (
        ("profile everyone active", "contact everyone active"),
        "ours",
        ("none", "profile", "profile"),
        (False, True, True),
    ),
    (
        ("evaluations ours active", "profile everyone withdrawn"),
        "ours",
        ("none", "none", "none"),
        (False, False, False),
    ),
]
"""A few lines that a reader can check, to hold the rule above."""


def case_of(consents: tuple[str, ...], block: str | None) -> Case:
    words = [text.split() for text in consents]
    return Case(tuple(Given(frozenset({scope}), target, state) for scope, target, state in words), block)
