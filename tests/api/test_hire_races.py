"""Two who answer, rescind or confirm at once, on a server where they truly do: one outcome."""

import pytest

from crm.actions.hires import answer_hire, confirm_hire, offer_hire, rescind_hire
from crm.errors import Conflict, InvalidMove
from crm.models import Hire, Mail, StageChange, Student
from crm.touchpoints import rebuild_touchpoints
from search.models import OutboxRow
from tests import cast
from tests.cast import BY
from tests.processes import Committed, together

pytest_plugins = ("tests.committed",)
pytestmark = pytest.mark.postgres

TIMES = 5


def kinds(outcomes: list[object]) -> list[str]:
    return sorted(type(outcome).__name__ for outcome in outcomes)


@pytest.mark.parametrize("turn", range(TIMES))
def test_of_two_acceptances_at_once_one_holds(committed: Committed, turn: int) -> None:
    person = cast.student()
    hires = [cast.hire(person, cast.partner(slug)) for slug in ("veresk", "quillwave")]
    outcomes = together(*(lambda hire=hire: answer_hire(hire=hire, accepted=True, by=BY) for hire in hires))
    assert kinds(outcomes) == ["Conflict", "Hire"]
    assert sorted(Hire.objects.values_list("state", flat=True)) == ["accepted", "offered"]
    assert Student.objects.get(pk=person.pk).placed
    assert rebuild_touchpoints(verify=True) == 0


@pytest.mark.parametrize("turn", range(TIMES))
def test_the_same_offer_is_accepted_once(committed: Committed, turn: int) -> None:
    partner = cast.partner()
    cast.representative(partner)
    hire = cast.hire(cast.student(), partner)
    outcomes = together(*[lambda: answer_hire(hire=hire, accepted=True, by=BY)] * 2)
    assert kinds(outcomes) == ["Hire", "InvalidMove"]
    assert StageChange.objects.filter(kind="hire", to_state="accepted").count() == 1
    assert Mail.objects.filter(template="hire_to_confirm").count() == 1


@pytest.mark.parametrize("turn", range(TIMES))
def test_an_acceptance_and_a_rescission_at_once_end_rescinded(committed: Committed, turn: int) -> None:
    person = cast.student()
    hire = cast.hire(person, cast.partner())
    versions = OutboxRow.objects.get(pk=person.pk).version
    accepted, rescinded = together(
        lambda: answer_hire(hire=hire, accepted=True, by=BY), lambda: rescind_hire(hire=hire, reason="Closed.", by=BY)
    )
    assert isinstance(rescinded, Hire)
    assert isinstance(accepted, Hire | InvalidMove)
    assert Hire.objects.get().state == "rescinded"
    assert not Student.objects.get(pk=person.pk).placed
    told = OutboxRow.objects.get(pk=person.pk).version - versions
    assert told == (2 if isinstance(accepted, Hire) else 0)
    assert rebuild_touchpoints(verify=True) == 0


def test_two_offers_of_one_partner_at_once_are_one(committed: Committed) -> None:
    person, partner = cast.student(), cast.partner()
    make = lambda: offer_hire(student=person, partner=partner, position="Analyst", by=BY)  # noqa: E731 - run twice
    assert kinds(together(make, make)) == ["Conflict", "Hire"]


def test_a_hire_is_confirmed_once_and_not_after_it_was_rescinded(committed: Committed) -> None:
    partner = cast.partner()
    hanna = cast.representative(partner)
    hire = cast.hire(cast.student(), partner, "accepted")
    outcomes = together(
        lambda: confirm_hire(hire=hire, by=hanna),
        lambda: confirm_hire(hire=hire, by=hanna),
        lambda: rescind_hire(hire=hire, reason="Closed.", by=BY),
    )
    assert isinstance(outcomes[2], Hire)
    assert sum(isinstance(outcome, Hire) for outcome in outcomes[:2]) <= 1
    assert all(isinstance(outcome, Hire | Conflict) for outcome in outcomes)
    assert Hire.objects.get().state == "rescinded"
