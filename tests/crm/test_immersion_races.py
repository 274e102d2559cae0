"""Two who act on one immersion at once, on a server where they truly do: one outcome, and nothing is lost."""

from collections import Counter
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from crm.actions.acceptances import SIDES, accept_immersion
from crm.actions.consents import withdraw_consent
from crm.actions.evaluations import give_evaluation
from crm.actions.final_reports import open_report, store_report
from crm.actions.immersions import move_immersion, propose_immersion, update_immersion
from crm.actions.trainings import add_training
from crm.errors import Conflict, Gone, Invalid, InvalidMove
from crm.links import issue_link, using_link
from crm.models import (
    RUBRIC,
    Evaluation,
    FinalReport,
    Immersion,
    LinkPurpose,
    StageChange,
    Student,
    Touchpoint,
    Training,
    User,
)
from crm.touchpoints import rebuild_touchpoints
from tests import cast
from tests.cast import BY
from tests.processes import together

pytest_plugins = ("tests.committed",)
pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("committed")]

ROUNDS = 6
MARKS = dict.fromkeys(RUBRIC, 4)


class Stay:
    """Of a student at Hanna's partner; each acts with an account read afresh."""

    def __init__(self, state: str) -> None:
        self.partner = cast.partner()
        self.hanna = User.objects.filter(role="partner").first() or cast.representative(self.partner)
        self.student = cast.student(skills={"crispr": 2})
        self.account = cast.student_account(self.student)
        self.record = cast.immersion(self.student, self.partner, state)
        self.shown = [{"skill": cast.skill("crispr"), "level": 3}]

    def hannas(self) -> User:
        return User.objects.get(pk=self.hanna.pk)

    def students(self) -> User:
        return User.objects.get(pk=self.account.pk)

    def now(self) -> Immersion:
        return Immersion.objects.get(pk=self.record.pk)

    def accept(self, side: str) -> Immersion:
        return accept_immersion(immersion=self.record, side=side, by=BY)

    def change(self, **fields: Any) -> Immersion:
        return update_immersion(immersion=self.record, by=self.hannas(), **fields)

    def move(self, to: str) -> Immersion:
        by = BY if to in ("active", "cancelled") else self.hannas()
        return move_immersion(immersion=self.record, to=to, reason="Illness", by=by)

    def propose_another(self, student: Student, **days: date) -> Immersion:
        return propose_immersion(student=student, partner=self.partner, kind="summer", by=self.hannas(), **days)

    def evaluate(self, by: Any = None) -> Evaluation:
        by = by or self.hannas()
        return give_evaluation(immersion=self.record, stage="mid", by=by, shown_skills=self.shown, **MARKS)

    def evaluate_by_link(self, token: str) -> Evaluation:
        with using_link(token) as bearer:
            return self.evaluate(bearer)

    def require_training(self) -> Training:
        return add_training(immersion=self.record, kind="gxp", name="GMP basics", by=BY)

    def report(self, pdf: bytes) -> FinalReport:
        return store_report(immersion=self.record, pdf=pdf, by=self.students())


def kinds(outcomes: list[Any]) -> Counter[str]:
    return Counter(type(outcome).__name__ for outcome in outcomes)


def test_of_two_acceptances_of_one_side_one_counts() -> None:
    for _ in range(ROUNDS):
        stay = Stay("applied")
        outcomes = together(*2 * [partial(stay.accept, "student")])
        assert kinds(outcomes) == {"Immersion": 1, "Conflict": 1}
        assert StageChange.objects.filter(record=stay.record.public_id, reason__contains="accepted by").count() == 1


def test_an_acceptance_beside_a_change_of_place_comes_after_it_or_is_taken_back() -> None:
    for _ in range(ROUNDS):
        stay = Stay("applied")
        outcomes = together(partial(stay.accept, "student"), partial(stay.change, site="Campus"))
        assert kinds(outcomes) == {"Immersion": 2}
        record, last = stay.now(), StageChange.objects.filter(record=stay.record.public_id).latest("pk")
        assert record.site == "Campus"
        assert bool(record.accepted_by_student) == ("accepted by the student" in last.reason)


def test_three_sides_accept_at_once_while_the_group_changes_and_nothing_is_lost() -> None:
    for _ in range(ROUNDS):
        stay = Stay("applied")
        changed = partial(stay.change, host_group="Assays")
        outcomes = together(*(partial(stay.accept, side) for side in SIDES), changed)
        assert kinds(outcomes) == {"Immersion": 4}
        record = stay.now()
        assert record.host_group == "Assays"
        assert all(getattr(record, f"accepted_by_{side}") for side in SIDES)


def test_of_moves_that_exclude_each_other_one_is_made() -> None:
    for _ in range(ROUNDS):
        stay = Stay("applied")
        outcomes = together(*(partial(stay.move, to) for to in ("accepted", "rejected", "cancelled")))
        moves = StageChange.objects.filter(record=stay.record.public_id).order_by("pk")
        path = [move.to_state for move in moves]
        assert path[-1] == stay.now().state
        # Each began where the one before ended.
        assert [move.from_state for move in moves] == ["", *path[:-1]]
        assert all(isinstance(outcome, Immersion | InvalidMove) for outcome in outcomes)
        assert kinds(outcomes)["Immersion"] == len(path) - 2


def test_of_two_stays_in_the_same_days_one_is_warned_of() -> None:
    days = {"starts": date(2030, 7, 1), "ends": date(2030, 8, 31)}
    for _ in range(ROUNDS):
        stay, student = Stay("proposed"), cast.student()
        cast.consent(student)
        outcomes = together(*2 * [partial(stay.propose_another, student, **days)])
        assert kinds(outcomes) == {"Immersion": 1, "Conflict": 1}


def test_a_proposal_beside_a_withdrawal_is_made_before_it_or_not_at_all() -> None:
    for _ in range(ROUNDS):
        stay, student = Stay("proposed"), cast.student()
        consent = cast.consent(student)
        proposed, _ = together(
            partial(stay.propose_another, student), partial(withdraw_consent, consent=consent, by=BY)
        )
        assert isinstance(proposed, Immersion | Invalid)
        assert Immersion.objects.filter(student=student).exists() is isinstance(proposed, Immersion)


def test_an_evaluation_by_account_and_by_two_links_at_once_is_one() -> None:
    for _ in range(ROUNDS):
        stay = Stay("active")
        assert stay.record.mentor
        issue = partial(issue_link, purpose=LinkPurpose.EVALUATION, record=stay.record.public_id, stage="mid")
        tokens = [issue(to=stay.record.mentor) for _ in range(2)]
        outcomes = together(stay.evaluate, *(partial(stay.evaluate_by_link, token) for token in tokens))
        assert kinds(outcomes)["Evaluation"] == 1
        assert all(isinstance(outcome, Evaluation | Conflict | Gone) for outcome in outcomes)
        assert stay.record.evaluations.count() == 1
        assert stay.student.claims.get().evidence.count() == 1
        assert Touchpoint.objects.filter(kind="evaluation", student=stay.student).count() == 1
    assert rebuild_touchpoints(verify=True) == 0


def test_a_training_required_as_it_begins_comes_before_or_stands_unpassed() -> None:
    for _ in range(ROUNDS):
        stay = Stay("agreed")
        began, added = together(partial(stay.move, "active"), stay.require_training)
        assert isinstance(began, Immersion | Invalid)
        assert stay.now().state == ("active" if isinstance(began, Immersion) else "agreed")
        assert stay.record.trainings.get() == added


def test_reports_sent_at_once_leave_one_row_and_its_file(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    stay = Stay("active")
    pdfs = [b"%PDF-1.7 " + str(number).encode() + b" %%EOF" for number in range(4)]
    outcomes = together(*(partial(stay.report, pdf) for pdf in pdfs))
    assert kinds(outcomes) == {"FinalReport": 4}
    assert [path.name for path in (tmp_path / "reports").iterdir()] == [FinalReport.objects.get().file]
    with open_report(immersion=stay.record, by=stay.students()) as file:
        assert file.read() in pdfs
