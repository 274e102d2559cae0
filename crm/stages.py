"""State machines as data: the states of a record, the moves between them, who may make each, and what it requires."""

from collections.abc import Mapping

from crm.machines import Machine, Move, Stage, given, in_order, not_ahead, record_change

__all__ = [
    "CONSENT",
    "FOLLOW_UP",
    "HIRE",
    "IMMERSION",
    "INTRODUCTION",
    "MACHINES",
    "RECOMMENDATION",
    "Machine",
    "record_change",
]

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
        "written": Stage(requires=(given("text", "The professor has not written it."),)),
        # Shown to partners only while the student agrees and does not block them: then also whom it is about.
        "shared": Stage(own_process=True, requires=(given("text", "The professor has not written it."),)),
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
                given("accepted_by_student", "The student has not accepted."),
                given("accepted_by_university", "The university has not accepted."),
                given("accepted_by_partner", "The partner has not accepted."),
                given("starts", "The first day is not known."),
                given("ends", "The last day is not known."),
            ),
        ),
        "active": Stage(
            own_process=True,
            requires=(
                given("mentor", "There is no mentor."),
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
    not_ahead("offered_on", "This day lies ahead."),
    in_order("offered_on", "answer_by", "This day lies before the offer."),
)
_ANSWERED = (
    *_OFFERED,
    not_ahead("answered_on", "This day lies ahead."),
    in_order("offered_on", "answered_on", "This day lies before the offer."),
)
_STARTED = (
    *_ANSWERED,
    given("starts", "The first day is not known."),
    not_ahead("starts", "The first day lies ahead."),
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
                given("left_on", "The last day is not known."),
                not_ahead("left_on", "The last day lies ahead."),
                in_order("starts", "left_on", "The last day lies before the first."),
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
