"""Two at once who write the same conversation, list or next step: one outcome, on a server where they truly meet."""

from collections.abc import Callable
from typing import Any

import pytest

from crm.actions.contacts import log_contact, update_contact
from crm.actions.follow_ups import move_follow_up, update_follow_up
from crm.actions.import_attendance import import_attendance
from crm.actions.seminars import add_attendance, set_attendance, update_seminar
from crm.errors import Conflict, InvalidMove
from crm.imports.attendance import table_of
from crm.models import Attendance, Contact, ContactRevision, FollowUp, Mail, Partner, Professor, Representative
from crm.touchpoints import rebuild_touchpoints
from tests import cast
from tests.cast import BY
from tests.processes import together

pytest_plugins = ("tests.committed",)
pytestmark = pytest.mark.postgres

TIMES = 10


def outcomes(*tasks: Callable[[], Any]) -> list[str]:
    """What became of each: the name of its error, or "done"."""
    found = together(*tasks)
    return sorted(type(one).__name__ if isinstance(one, Exception) else "done" for one in found)


def test_a_contact_that_two_log_at_once_is_logged_once(committed: Any) -> None:
    hanna, pavel = cast.representative(cast.partner()).representative, cast.professor().professor
    assert hanna is not None
    assert pavel is not None

    def log() -> Contact:
        return log_contact(kind="phone", representatives=[hanna], professors=[pavel], by=BY)

    assert outcomes(log, log, log) == ["Conflict", "Conflict", "done"]
    assert Contact.objects.count() == 1
    assert rebuild_touchpoints(verify=True) == 0


def test_a_newcomer_whom_two_name_at_once_is_made_once(committed: Any) -> None:
    partner = cast.partner()
    person = {"given_name": "Mira", "family_name": "Falk"}

    def log() -> Contact:
        return log_contact(kind="phone", partner=partner, new_people=[person], by=BY)

    assert outcomes(log, log, log) == ["Conflict", "Conflict", "done"]
    assert Representative.objects.count() == 1


def test_a_prospect_whom_two_name_at_once_is_made_once(committed: Any) -> None:
    def log() -> Contact:
        return log_contact(kind="phone", partner=Partner(name="Newfirm"), by=BY)

    assert outcomes(log, log, log) == ["Conflict", "Conflict", "done"]
    assert (Partner.objects.count(), Contact.objects.count()) == (1, 1)


def test_edits_at_once_are_all_in_the_history(committed: Any) -> None:
    contact = cast.contact(cast.representative(cast.partner()).representative, cast.lab(), summary="0")

    def edit(place: int) -> Callable[[], Any]:
        return lambda: [update_contact(contact=contact, summary=f"{place}.{n}", by=BY) for n in range(TIMES)]

    assert outcomes(edit(1), edit(2)) == ["done", "done"]
    before = [revision.before["summary"] for revision in ContactRevision.objects.order_by("id")]
    last = Contact.objects.get().summary
    assert sorted([*before, last]) == sorted(["0", *(f"{place}.{n}" for place in (1, 2) for n in range(TIMES))])


def test_a_step_that_two_close_at_once_is_closed_once(committed: Any) -> None:
    step = cast.follow_up(cast.office(), partner=cast.partner())

    def close(to: str) -> Callable[[], Any]:
        return lambda: move_follow_up(follow_up=step, to=to, by=BY, reason="so it is")

    assert outcomes(close("done"), close("dropped")) == [InvalidMove.__name__, "done"]


def test_reminders_of_a_step_that_two_change_at_once_are_one(committed: Any) -> None:
    olga, step = cast.office(), cast.follow_up(cast.professor(), partner=cast.partner())

    def change(**fields: Any) -> Callable[[], Any]:
        return lambda: [update_follow_up(follow_up=step, by=BY, **fields) for _ in range(TIMES)]

    assert outcomes(change(owner=olga), change(due=step.due.replace(year=2030))) == ["done", "done"]
    fresh, mail = FollowUp.objects.get(), Mail.objects.get()
    assert mail.user == fresh.owner == olga
    assert mail.due_at.year == fresh.due.year == 2030


def test_lists_people_and_a_corrected_seminar_at_once_agree(committed: Any) -> None:
    hanna, pavel = cast.representative(cast.partner()).representative, cast.professor().professor
    assert hanna is not None
    seminar = cast.seminar(lab=cast.lab(), speakers=[pavel])
    others = [Professor.objects.create(family_name=f"Speaker{n}") for n in range(2)]
    rows = [{"given_name": "New", "family_name": f"Guest{n}", "partner": "veresk"} for n in range(5)]
    rows += [{"given_name": "Hanna", "family_name": "Brook", "partner": "veresk"}]

    def bring() -> Any:
        return import_attendance(seminar=seminar, table=table_of(rows), by=BY)

    def add() -> Any:
        return add_attendance(seminar=seminar, representative=hanna, state="attended", by=BY)

    def correct() -> Any:
        return [update_seminar(seminar=seminar, speakers=[speaker], lab=None, by=BY) for speaker in others]

    assert set(outcomes(bring, bring, add, correct)) <= {"done", Conflict.__name__}
    assert (Attendance.objects.count(), Representative.objects.count()) == (6, 6)
    assert rebuild_touchpoints(verify=True) == 0
    row = Attendance.objects.get(representative=hanna)

    def absent() -> Any:
        return [set_attendance(attendance=row, state=state, by=BY) for state in ("no_show", "attended") * TIMES]

    assert outcomes(absent, correct, bring) == ["done", "done", "done"]
    assert rebuild_touchpoints(verify=True) == 0
