"""Two who act on one introduction or recommendation at once, on a server where they truly do: one outcome."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.access import SystemProcess, may_contact
from crm.actions.consents import block_partner, withdraw_consent
from crm.actions.introductions import (
    accept_introduction,
    ask_introduction,
    decline_introduction,
    expire_introductions,
    move_introduction,
)
from crm.actions.recommendations import change_recommendation, move_recommendation
from crm.errors import Conflict, DomainError, Gone, Invalid, InvalidMove
from crm.links import issue_link, using_link
from crm.models import (
    Evidence,
    Introduction,
    LinkPurpose,
    OneTimeLink,
    Recommendation,
    StageChange,
    Student,
    Touchpoint,
    User,
)
from tests import cast
from tests.processes import together

pytest_plugins = ("tests.committed",)
pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("committed")]

ROUNDS = 6


class Meeting:
    """Hanna asks a student who shows the profile to all."""

    def __init__(self, hanna: User, number: int) -> None:
        self.hanna, self.partner = hanna, hanna.representative.partner
        self.student = cast.student(f"Sanna Number{number}")
        self.account = cast.student_account(self.student)
        self.consent = cast.consent(self.student)
        self.record = cast.introduction(self.student, hanna)

    def accept(self) -> Introduction:
        return accept_introduction(introduction=self.record, by=User.objects.get(pk=self.account.pk))

    def decline(self) -> Introduction:
        return decline_introduction(introduction=self.record, by=User.objects.get(pk=self.account.pk))

    def take_back(self) -> Introduction:
        return move_introduction(introduction=self.record, to="withdrawn", by=User.objects.get(pk=self.hanna.pk))

    def accept_by_link(self, token: str) -> Introduction:
        with using_link(token) as bearer:
            return accept_introduction(introduction=self.record, by=bearer)

    def ask(self) -> Introduction:
        by = User.objects.get(pk=self.hanna.pk)
        return ask_introduction(student=self.student, message="We would like to meet you.", by=by)

    def check(self) -> Introduction:
        """What holds whatever the order: history, consent and touchpoint tell the same as the record."""
        record = Introduction.objects.get(pk=self.record.pk)
        accepted = record.state == "accepted"
        moves = StageChange.objects.filter(record=record.public_id).exclude(from_state="")
        assert [move.to_state for move in moves] == [record.state]
        assert self.student.consents.filter(contact=True).count() == accepted
        assert Touchpoint.objects.filter(record=record.public_id).count() == accepted
        assert not OneTimeLink.objects.filter(record=record.public_id, used_at__isnull=True).exists()
        return record


@pytest.fixture
def meet() -> Callable[[int], Meeting]:
    hanna = cast.representative(cast.partner())
    return lambda number: Meeting(hanna, number)


def refused(outcomes: list[Any]) -> list[DomainError]:
    """Those who came too late; whatever else is raised is a fault."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert all(isinstance(error, DomainError) for error in errors), errors
    return errors


@pytest.mark.parametrize("other", ["accept", "decline", "take_back"])
def test_of_two_moves_at_once_one_is_made(meet: Callable[[int], Meeting], other: str) -> None:
    for number in range(ROUNDS):
        meeting = meet(number)
        (late,) = refused(together(meeting.accept, getattr(meeting, other)))
        assert isinstance(late, InvalidMove)
        meeting.check()


def test_the_account_and_the_link_at_once_give_one_answer(meet: Callable[[int], Meeting]) -> None:
    for number in range(ROUNDS):
        meeting = meet(number)
        tokens = [
            issue_link(purpose=LinkPurpose.INTRODUCTION, record=meeting.record.public_id, to=meeting.student)
            for _ in range(2)
        ]
        answers = [lambda token=token, one=meeting: one.accept_by_link(token) for token in (*tokens, tokens[0])]
        late = refused(together(meeting.accept, *answers))
        assert {type(error) for error in late} <= {InvalidMove, Gone}
        assert len(late) == 3
        assert meeting.check().state == "accepted"


def test_a_block_during_the_acceptance_comes_before_or_after_it(meet: Callable[[int], Meeting]) -> None:
    for number in range(ROUNDS):
        meeting = meet(number)

        def block(one: Meeting = meeting) -> object:
            return block_partner(student=one.student, partner=one.partner, by=cast.BY)

        late = refused(together(meeting.accept, block))
        state = Introduction.objects.get(pk=meeting.record.pk).state
        assert (state, len(late)) in {("accepted", 0), ("asked", 1)}
        assert meeting.student.consents.filter(contact=True).count() == (state == "accepted")
        assert not may_contact(meeting.partner.pk, Student.objects.get(pk=meeting.student.pk))


def test_a_withdrawal_of_the_consent_during_the_acceptance_undoes_neither(meet: Callable[[int], Meeting]) -> None:
    for number in range(ROUNDS):
        meeting = meet(number)

        def withdraw(one: Meeting = meeting) -> object:
            return withdraw_consent(consent=one.consent, by=cast.BY)

        assert refused(together(meeting.accept, withdraw)) == []
        assert meeting.check().state == "accepted"
        assert not Student.objects.visible_to(meeting.hanna).filter(pk=meeting.student.pk).exists()


@pytest.mark.parametrize("before", ["withdrawn", "expired"])
def test_of_two_who_ask_at_once_one_is_heard(meet: Callable[[int], Meeting], before: str) -> None:
    for number in range(ROUNDS):
        meeting = meet(number)
        if before == "withdrawn":
            meeting.take_back()
        else:
            Introduction.objects.filter(pk=meeting.record.pk).update(expires=timezone.now() - timedelta(seconds=1))
        (late,) = refused(together(meeting.ask, meeting.ask))
        assert isinstance(late, Conflict)
        states = Introduction.objects.filter(student=meeting.student).values_list("stored_state", flat=True)
        assert sorted(states) == sorted(["asked", before])
        meeting.check()


def test_who_withdraws_the_consent_while_one_asks_is_asked_before_or_not_at_all(meet: Callable[[int], Meeting]) -> None:
    for number in range(ROUNDS):
        meeting = meet(number)
        meeting.take_back()

        def withdraw(one: Meeting = meeting) -> object:
            return withdraw_consent(consent=one.consent, by=cast.BY)

        late = refused(together(meeting.ask, withdraw))
        assert all(isinstance(error, Invalid) for error in late)
        assert Introduction.objects.filter(student=meeting.student).count() == 2 - len(late)


def test_two_sweeps_store_an_expiry_once(meet: Callable[[int], Meeting]) -> None:
    meetings = [meet(number) for number in range(ROUNDS)]
    Introduction.objects.update(expires=timezone.now() - timedelta(seconds=1))
    sweep = SystemProcess("sweep")
    late = meetings[0].accept
    outcomes = together(lambda: expire_introductions(by=sweep), lambda: expire_introductions(by=sweep), late)
    assert sum(outcomes[:2]) == ROUNDS
    assert isinstance(outcomes[2], InvalidMove)
    assert {meeting.check().stored_state for meeting in meetings} == {"expired"}


def test_a_recommendation_shared_and_withdrawn_at_once_backs_nothing() -> None:
    pavel = cast.professor(heads=cast.lab())
    for number in range(ROUNDS):
        person = cast.student(f"Sanna Number{number}", labs=[cast.lab()])
        record = cast.recommendation(person, pavel, skills={"crispr": 3})

        def move(to: str, one: Recommendation = record) -> Callable[[], object]:
            return lambda: move_recommendation(recommendation=one, to=to, by=cast.BY)

        late = refused(together(move("shared"), move("withdrawn")))
        assert all(isinstance(error, InvalidMove) for error in late)
        assert Recommendation.objects.get(pk=record.pk).state == "withdrawn"
        assert not Evidence.objects.filter(recommendation=record).exists()


def test_what_is_shared_is_what_stood_there_when_it_was() -> None:
    pavel = cast.professor(heads=cast.lab())
    for number in range(ROUNDS):
        person = cast.student(f"Sanna Number{number}", labs=[cast.lab()])
        record = cast.recommendation(person, pavel, skills={"crispr": 3})

        def change(one: Recommendation = record) -> object:
            levels = [{"skill": cast.skill("crispr"), "level": 5}]
            return change_recommendation(recommendation=one, text="Better", endorsements=levels, by=cast.BY)

        def share(one: Recommendation = record) -> object:
            return move_recommendation(recommendation=one, to="shared", by=cast.BY)

        late = refused(together(change, share))
        assert all(isinstance(error, Conflict) for error in late)
        record.refresh_from_db()
        backed = Evidence.objects.get(recommendation=record).level
        assert (record.state, record.text == "Better", backed) == ("shared", not late, 3 if late else 5)
