"""State machines as data: which states a record has, which moves are open, and the verb that says who may make them."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm.access import SystemProcess, can
from crm.errors import InvalidMove, NotAllowed
from crm.models import Consent, StageChange, User


@dataclass(frozen=True)
class Machine:
    kind: str
    states: Mapping[str, bool]
    """State -> whether a record in it is open."""
    moves: Mapping[tuple[str, str], str]
    """(from, to) -> the verb of access.RULES that allows it."""

    def open_moves(self, record: Consent, by: User | SystemProcess) -> list[str]:
        return [to for (start, to), verb in self.moves.items() if start == record.state and can(by, verb, record)]

    def check(self, record: Consent, to: str, *, by: User | SystemProcess) -> None:
        """Raises InvalidMove (with the moves that exist) or NotAllowed."""
        verb = self.moves.get((record.state, to))
        if verb is None:
            allowed = [end for (start, end) in self.moves if start == record.state]
            known = f"allowed from here: {', '.join(allowed)}" if allowed else "no move leads on from here"
            raise InvalidMove(f"A {self.kind} that is {record.state} cannot become {to!r}; {known}.")
        if not can(by, verb, record):
            raise NotAllowed(f"Your role may not make this {self.kind} {to}.")


CONSENT = Machine(
    kind="consent",
    states={"active": True, "withdrawn": False, "expired": False},
    moves={("active", "withdrawn"): "consent.withdraw"},
)


def record_change(
    machine: Machine, record: Consent, *, to: str, by: User | SystemProcess, start: str = "", reason: str = ""
) -> None:
    """Writes the history of one move: from, to, who, when, why."""
    who = {"process": by.name} if isinstance(by, SystemProcess) else {"user": by}
    StageChange.objects.create(
        kind=machine.kind, record=record.public_id, from_state=start, to_state=to, reason=reason, **who
    )
