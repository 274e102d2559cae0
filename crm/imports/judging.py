"""What becomes of each row of a batch, given what is stored. Nothing is written here."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from crm.imports.errors import Rejected
from crm.imports.profiles import Profile, apply
from crm.imports.results import Outcome
from crm.imports.rows import Wish
from crm.imports.saving import Change

Warn = Callable[[str], None]
FindLabs = Callable[[list[str], Warn], list[int]]


class Verdict(NamedTuple):
    wish: Wish
    outcome: Outcome
    warnings: list[str]
    reason: str = ""
    """Why it is rejected, where it is."""


def judge(
    wishes: Sequence[Wish], stored: Mapping[str, Profile], find_labs: FindLabs
) -> tuple[list[Verdict], dict[str, Change]]:
    """A verdict for each row, and the profiles that differ in the end. Rows of one student build upon each other."""
    verdicts: list[Verdict] = []
    known = dict(stored)
    for wish in wishes:
        verdict, after = _judge_row(wish, known.get(wish.number), find_labs)
        verdicts.append(verdict)
        if after is not None:
            known[wish.number] = after
    changed = {number: (stored.get(number), after) for number, after in known.items() if stored.get(number) != after}
    return verdicts, changed


def _judge_row(wish: Wish, before: Profile | None, find_labs: FindLabs) -> tuple[Verdict, Profile | None]:
    warnings = list(wish.warnings)
    warn = warnings.append
    try:
        after = apply(before or Profile(), wish.changes, lambda names: find_labs(names, warn), warn)
    except Rejected as reason:
        return Verdict(wish, Outcome.REJECTED, [], str(reason)), None
    if before is None:
        outcome = Outcome.CREATED
    else:
        outcome = Outcome.UNCHANGED if after == before else Outcome.UPDATED
    return Verdict(wish, outcome, warnings), after
