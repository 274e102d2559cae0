"""What a state machine is: stages with what they require, moves with who may make them, and the history of moves.

The machines themselves stand in crm/stages.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from crm.access import Actor, LinkBearer, SystemProcess, can
from crm.errors import Invalid, InvalidMove, NotAllowed
from crm.models import StageChange

Requirement = tuple[str, str, Callable[[Any], bool]]
"""(field, sentence, whether it is met)"""


@dataclass(frozen=True)
class Stage:
    open: bool = True
    """Whether the record goes on; what ends in a closed one is over."""
    own_process: bool = False
    """Whether the partner reads the student's name in it, even after consent ended."""
    requires: tuple[Requirement, ...] = ()
    """What must stand before a record enters."""


@dataclass(frozen=True)
class Move:
    verb: str
    """Of access.RULES."""
    needs_reason: bool = False


@dataclass(frozen=True)
class Machine:
    kind: str
    states: Mapping[str, Stage]
    moves: Mapping[tuple[str, str], Move]
    """(from, to) -> the move."""
    by_time: frozenset[str] = field(default_factory=frozenset)
    """States that come by time alone."""

    def open_moves(self, record: Any, by: Actor) -> list[str]:
        return [to for (start, to), move in self.moves.items() if start == record.state and can(by, move.verb, record)]

    def missing(self, record: Any, to: str) -> dict[str, list[str]]:
        """Field -> what must still be given before the record may enter the state."""
        found: dict[str, list[str]] = {}
        for name, sentence, is_met in self.states[to].requires:
            if not is_met(record):
                found.setdefault(name, []).append(sentence)
        return found

    def missing_for_next(self, record: Any) -> dict[str, dict[str, list[str]]]:
        """Next state -> what is missing for it, where something is."""
        steps = {to: self.missing(record, to) for (start, to) in self.moves if start == record.state}
        return {to: missing for to, missing in steps.items() if missing}

    def history(self, record: Any) -> QuerySet[StageChange]:
        """The moves that were made, the oldest first."""
        made = StageChange.objects.filter(kind=self.kind, record=record.public_id)
        return made.select_related("user").order_by("id")

    def check(self, record: Any, to: str, *, by: Actor, reason: str = "") -> None:
        """Raises InvalidMove (with the moves that exist), NotAllowed, or Invalid where something is missing."""
        move = self.moves.get((record.state, to))
        if move is None:
            allowed = [end for (start, end) in self.moves if start == record.state]
            known = f"allowed from here: {', '.join(allowed)}" if allowed else "no move leads on from here"
            article = "An" if self.kind[0] in "aeiou" else "A"
            sentence = f"{article} {self.kind} that is {record.state} cannot become {str(to)!r}; {known}."
            raise InvalidMove(sentence, allowed=allowed)
        if not can(by, move.verb, record):
            raise NotAllowed(f"Your role may not make this {self.kind} {to}.")
        if move.needs_reason and not reason.strip():
            raise Invalid.field("reason", f"Say why this {self.kind} becomes {to}.")
        if missing := self.missing(record, to):
            raise Invalid(f"This {self.kind} lacks something to become {to}.", fields=missing)


def record_change(
    machine: Machine, record: Any, *, to: str, by: Actor, start: str = "", reason: str = ""
) -> StageChange:
    """Writes the history of one move: from, to, who, when, why."""
    return StageChange.objects.create(
        kind=machine.kind, record=record.public_id, from_state=start, to_state=to, reason=reason, **_who(by)
    )


def _who(by: Actor) -> dict[str, Any]:
    if isinstance(by, SystemProcess):
        return {"process": by.name}
    if isinstance(by, LinkBearer):
        return {"process": f"link: {by.link.purpose}"}
    return {"user": by}


def given(name: str, sentence: str) -> Requirement:
    return name, sentence, lambda record: bool(getattr(record, name))


def not_ahead(name: str, sentence: str) -> Requirement:
    """A day that is given is today or past."""
    return name, sentence, lambda record: (getattr(record, name) or date.min) <= timezone.localdate()


def in_order(earlier: str, later: str, sentence: str) -> Requirement:
    """Where both days are given, the later one is not before the earlier; the sentence is about the later."""

    def is_met(record: Any) -> bool:
        first: date | None = getattr(record, earlier)
        last: date | None = getattr(record, later)
        return first is None or last is None or first <= last

    return later, sentence, is_met
