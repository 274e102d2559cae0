"""What the domain asks of candidate search, of which it knows no more than this: search/apps.py says who answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from crm.models import User

MOST_WATCHED = 5_000
"""An alert watches a search that finds no more candidates than these."""


class Finder(Protocol):
    def kept(self, parameters: str) -> str:
        """The parameters of a search, checked, without a place in its answer. Raises Invalid that names the field."""
        ...

    def matching(self, user: User, parameters: str) -> list[int]:
        """Students (primary keys) whom the search finds for the user now, the last updated first.

        MOST_WATCHED and one more at the most. Raises Invalid where something that is asked for is no more, NotAllowed,
        Unavailable.
        """
        ...

    def with_skills(self, parameters: str, instead: Mapping[str, str]) -> str:
        """The parameters, where they ask for a skill by one of these names (folded), with what stands for it now."""
        ...

    def problem(self) -> str | None:
        """Why search answers nobody now, in a few words; None where it answers."""
        ...


@dataclass
class _Given:
    finder: Finder | None = None


_given = _Given()


def provide(finder: Finder) -> None:
    _given.finder = finder


def finder() -> Finder:
    assert _given.finder, "search/apps.py provides it"
    return _given.finder
