"""State machines as data: the states of a record, the moves between them, who may make each, and what it requires."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

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

    def check(self, record: Any, to: str, *, by: Actor, reason: str = "") -> None:
        """Raises InvalidMove (with the moves that exist), NotAllowed, or Invalid where something is missing."""
        move = self.moves.get((record.state, to))
        if move is None:
            allowed = [end for (start, end) in self.moves if start == record.state]
            known = f"allowed from here: {', '.join(allowed)}" if allowed else "no move leads on from here"
            article = "An" if self.kind[0] in "aeiou" else "A"
            sentence = f"{article} {self.kind} that is {record.state} cannot become {to!r}; {known}."
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


def _given(name: str, sentence: str) -> Requirement:
    return name, sentence, lambda record: bool(getattr(record, name))


def _not_ahead(name: str, sentence: str) -> Requirement:
    """A day that is given is today or past."""
    return name, sentence, lambda record: (getattr(record, name) or date.min) <= timezone.localdate()


def _in_order(earlier: str, later: str, sentence: str) -> Requirement:
    """Where both days are given, the later one is not before the earlier; the sentence is about the later."""

    def is_met(record: Any) -> bool:
        first: date | None = getattr(record, earlier)
        last: date | None = getattr(record, later)
        return first is None or last is None or first <= last

    return later, sentence, is_met


CLOSED = Stage(open=False)

CONSENT = Machine(
    kind="consent",
    states={"active": Stage(), "withdrawn": CLOSED, "expired": CLOSED},
    moves={("active", "withdrawn"): Move("consent.withdraw")},
    by_time=frozenset({"expired"}),
)

FOLLOW_UP = Machine(
    kind="follow-up",
    states={"open": Stage(), "done": CLOSED, "dropped": CLOSED},
    moves={
        ("open", "done"): Move("follow_up.close"),
        ("open", "dropped"): Move("follow_up.close", needs_reason=True),
        ("done", "open"): Move("follow_up.close"),
        ("dropped", "open"): Move("follow_up.close"),
    },
)

RECOMMENDATION = Machine(
    kind="recommendation",
    states={
        "requested": Stage(),
        "written": Stage(requires=(_given("text", "The professor has not written it."),)),
        # Shown to partners only while the student agrees and does not block them: then also whom it is about.
        "shared": Stage(own_process=True, requires=(_given("text", "The professor has not written it."),)),
        "withdrawn": CLOSED,
    },
    moves={
        ("requested", "written"): Move("recommendation.write"),
        ("requested", "withdrawn"): Move("recommendation.drop"),
        ("written", "shared"): Move("recommendation.share"),
        ("written", "withdrawn"): Move("recommendation.withdraw"),
        ("shared", "withdrawn"): Move("recommendation.withdraw"),
    },
)

INTRODUCTION = Machine(
    kind="introduction",
    states={
        "asked": Stage(),
        "accepted": Stage(own_process=True),
        "closed": CLOSED,
        "declined": CLOSED,
        "expired": CLOSED,
        "withdrawn": CLOSED,
    },
    moves={
        ("asked", "accepted"): Move("introduction.answer"),
        ("asked", "declined"): Move("introduction.answer"),
        ("asked", "withdrawn"): Move("introduction.withdraw"),
        ("accepted", "closed"): Move("introduction.close"),
    },
    by_time=frozenset({"expired"}),
)

IMMERSION = Machine(
    kind="immersion",
    states={
        "proposed": Stage(),
        "applied": Stage(own_process=True),
        "accepted": Stage(own_process=True),
        "agreed": Stage(
            own_process=True,
            requires=(
                _given("accepted_by_student", "The student has not accepted."),
                _given("accepted_by_university", "The university has not accepted."),
                _given("accepted_by_partner", "The partner has not accepted."),
                _given("starts", "The first day is not known."),
                _given("ends", "The last day is not known."),
            ),
        ),
        "active": Stage(
            own_process=True,
            requires=(
                _given("mentor", "There is no mentor."),
                (
                    "trainings",
                    "A required training is not passed.",
                    lambda record: all(training.passed_on for training in record.trainings.all()),
                ),
            ),
        ),
        "completed": Stage(
            open=False,
            requires=(
                (
                    "evaluations",
                    "The final evaluation is not given.",
                    lambda record: any(given.stage == "final" for given in record.evaluations.all()),
                ),
            ),
        ),
        "rejected": CLOSED,
        "declined": CLOSED,
        "cancelled": CLOSED,
    },
    moves={
        ("proposed", "applied"): Move("immersion.apply"),
        ("proposed", "declined"): Move("immersion.apply"),
        ("applied", "accepted"): Move("immersion.select"),
        ("applied", "rejected"): Move("immersion.select"),
        ("applied", "declined"): Move("immersion.apply"),
        ("accepted", "agreed"): Move("immersion.run"),
        ("accepted", "declined"): Move("immersion.apply"),
        ("agreed", "active"): Move("immersion.run"),
        ("active", "completed"): Move("immersion.run"),
        **{
            (start, "cancelled"): Move("immersion.cancel", needs_reason=True)
            for start in ("proposed", "applied", "accepted", "agreed", "active")
        },
    },
)

_OFFERED = (
    _not_ahead("offered_on", "This day lies ahead."),
    _in_order("offered_on", "answer_by", "This day lies before the offer."),
)
_ANSWERED = (
    *_OFFERED,
    _not_ahead("answered_on", "This day lies ahead."),
    _in_order("offered_on", "answered_on", "This day lies before the offer."),
)
_STARTED = (
    *_ANSWERED,
    _given("starts", "The first day is not known."),
    _not_ahead("starts", "The first day lies ahead."),
)

HIRE = Machine(
    kind="hire",
    states={
        "offered": Stage(requires=_OFFERED),
        "accepted": Stage(own_process=True, requires=_ANSWERED),
        "started": Stage(own_process=True, requires=_STARTED),
        "left": Stage(
            open=False,
            own_process=True,
            requires=(
                *_STARTED,
                _given("left_on", "The last day is not known."),
                _not_ahead("left_on", "The last day lies ahead."),
                _in_order("starts", "left_on", "The last day lies before the first."),
            ),
        ),
        "declined": Stage(open=False, requires=_ANSWERED),
        "rescinded": CLOSED,
    },
    moves={
        ("offered", "accepted"): Move("hire.answer"),
        ("offered", "declined"): Move("hire.answer"),
        ("offered", "rescinded"): Move("hire.rescind", needs_reason=True),
        ("accepted", "rescinded"): Move("hire.rescind", needs_reason=True),
        ("accepted", "started"): Move("hire.run"),
        ("started", "left"): Move("hire.run"),
    },
)

MACHINES: Mapping[str, Machine] = {
    machine.kind: machine for machine in (CONSENT, FOLLOW_UP, RECOMMENDATION, INTRODUCTION, IMMERSION, HIRE)
}
