"""Consents are granted, end by time, are withdrawn; blocks beat them; and each move leaves its trace."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm import stages
from crm.access import Audience, Level, SystemProcess, level
from crm.actions.consents import block_partner, grant_consent, unblock_partner, withdraw_consent
from crm.errors import Invalid, InvalidMove, NotAllowed
from crm.models import Block, Consent, StageChange, Student
from crm.signals import students_changed
from tests import cast
from tests.processes import together

pytest_plugins = ("tests.committed",)


def grant(person: Student, **options) -> Consent:
    return grant_consent(
        **{"student": person, "partner": None, "scopes": ["profile"], "source": "form", "by": cast.BY, **options}
    )


@pytest.fixture
def signals():
    """What was said to whoever listens: (student ids, narrows)."""
    heard = []

    def hear(sender, student_ids, narrows, **_):
        heard.append((student_ids, narrows))

    students_changed.connect(hear, weak=False)
    yield heard
    students_changed.disconnect(hear)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("scopes", "stored"),
    [
        (["profile"], ["profile"]),
        (["contact"], ["contact"]),
        (["evaluations"], ["profile", "evaluations"]),
        (["contact", "evaluations"], ["profile", "evaluations", "contact"]),
    ],
)
def test_evaluations_imply_the_profile_and_contact_implies_nothing(scopes, stored):
    assert grant(cast.student(), scopes=scopes).scopes == stored


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["profile", "everything"]}, "scopes"),
        ({"source": "  "}, "source"),
        ({"expires": timedelta(0)}, "expires"),
        ({"expires": timedelta(days=-1)}, "expires"),
    ],
    ids=str,
)
def test_a_consent_that_makes_no_sense_is_refused_and_names_the_field(signals, options, named, monkeypatch):
    person, now = cast.student(), timezone.now()
    signals.clear()
    monkeypatch.setattr(timezone, "now", lambda: now)
    if "expires" in options:
        options = {"expires": now + options["expires"]}
    with pytest.raises(Invalid) as refused:
        grant(person, **options)
    assert refused.value.fields.keys() == {named}
    assert (Consent.objects.count(), StageChange.objects.count(), signals) == (0, 0, [])


@pytest.mark.django_db
def test_who_may_grant_withdraw_and_block():
    person, other, veresk = cast.student(), cast.student(), cast.partner()
    office, own = cast.office(), cast.student_account(person)
    for by in (own, office, SystemProcess("record_consent")):
        given = grant(person, by=by)
        withdraw_consent(consent=given, by=by)
        unblock_partner(block=block_partner(student=person, partner=veresk, by=by), by=by)
    given, block = grant(other), block_partner(student=other, partner=veresk, by=cast.BY)
    for by in (own, cast.admin(), cast.professor(), cast.representative(veresk)):
        for refused in (
            lambda by=by: grant(other, by=by),
            lambda by=by: withdraw_consent(consent=given, by=by),
            lambda by=by: block_partner(student=other, partner=cast.partner("tarn"), by=by),
            lambda by=by: unblock_partner(block=block, by=by),
        ):
            with pytest.raises(NotAllowed):
                refused()
    assert (given.state, Block.objects.count()) == ("active", 1)


@pytest.mark.django_db
def test_granting_twice_is_once_for_as_long_as_it_is_active(signals):
    person = cast.student()
    signals.clear()
    first = grant(person, scopes=["evaluations"], source="form")
    assert grant(person, scopes=["profile", "evaluations"], source=" form ") == first
    assert (Consent.objects.count(), StageChange.objects.count(), len(signals)) == (1, 1, 1)
    withdraw_consent(consent=first, by=cast.BY)
    again = grant(person, scopes=["evaluations"], source="form")
    assert (again.state, again == first) == ("active", False)


@pytest.mark.django_db
def test_whatever_differs_makes_another_consent():
    person, other = cast.student(), cast.student()
    end = timezone.now() + timedelta(days=9)
    first = grant(person)
    for options in (
        {"partner": cast.partner()},
        {"scopes": ["contact"]},
        {"scopes": ["profile", "contact"]},
        {"expires": end},
        {"expires": end + timedelta(seconds=1)},
        {"source": "another form"},
        {"student": other},
    ):
        assert grant(person, **options) != first
    assert Consent.objects.count() == 8


@pytest.mark.django_db
def test_each_move_is_written_with_who_when_and_why():
    person = cast.student()
    own = cast.student_account(person)
    given = grant(person, by=own, source="own statement")
    withdraw_consent(consent=given, by=cast.BY, reason="a letter")
    moves = StageChange.objects.filter(kind="consent", record=given.public_id)
    assert list(moves.values_list("from_state", "to_state", "user", "process", "reason")) == [
        ("", "active", own.pk, "", "own statement"),
        ("active", "withdrawn", None, "test", "a letter"),
    ]
    assert (given.granted_by, grant(person).granted_by) == (own, None)


@pytest.mark.django_db
def test_only_an_active_consent_can_be_withdrawn():
    person = cast.student()
    withdrawn = withdraw_consent(consent=grant(person), by=cast.BY)
    expired = grant(person, expires=timezone.now() + timedelta(days=1))
    Consent.objects.filter(pk=expired.pk).update(expires=timezone.now() - timedelta(seconds=1))
    for consent, state in ((withdrawn, "withdrawn"), (expired, "expired")):
        with pytest.raises(InvalidMove) as refused:
            withdraw_consent(consent=consent, by=cast.BY)
        assert state in refused.value.message
        assert stages.CONSENT.open_moves(Consent.objects.get(pk=consent.pk), cast.BY) == []
    assert StageChange.objects.filter(to_state="withdrawn").count() == 1


@pytest.mark.django_db
def test_a_stale_copy_decides_nothing():
    given = grant(cast.student())
    stale = Consent.objects.get(pk=given.pk)
    withdraw_consent(consent=given, by=cast.BY)
    assert stale.state == "active"
    with pytest.raises(InvalidMove):
        withdraw_consent(consent=stale, by=cast.BY)


@pytest.mark.django_db
def test_open_moves_are_those_the_caller_may_make():
    person = cast.student()
    given, own = grant(person), cast.student_account(person)
    for by, moves in ((own, ["withdrawn"]), (cast.office(), ["withdrawn"]), (cast.admin(), []), (cast.professor(), [])):
        assert stages.CONSENT.open_moves(given, by) == moves


@pytest.mark.django_db
def test_a_consent_holds_until_the_second_in_which_it_ends(monkeypatch):
    end = timezone.now() + timedelta(hours=1)
    person, veresk = cast.student(), cast.partner()
    given = grant(person, expires=end)
    for moment, state, seen in (
        (end - timedelta(microseconds=1), "active", Level.PROFILE),
        (end, "expired", Level.NONE),
    ):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert (given.state, level(veresk, person)) == (state, seen)
        assert Consent.objects.active().filter(pk=given.pk).exists() == (state == "active")


@pytest.mark.django_db
def test_blocking_twice_is_once_and_unblocking_gives_back_what_consent_gives(signals):
    person, veresk = cast.student(), cast.partner()
    grant(person)
    signals.clear()
    first, second = (block_partner(student=person, partner=veresk, by=cast.BY) for _ in range(2))
    assert first == second
    assert level(veresk, Student.objects.get(pk=person.pk)) is Level.NONE
    unblock_partner(block=first, by=cast.BY)
    assert level(veresk, Student.objects.get(pk=person.pk)) is Level.PROFILE
    assert signals == [([person.pk], Audience.PARTNERS), ([person.pk], None)]


@pytest.mark.django_db
def test_granting_widens_and_withdrawing_narrows_for_partners(signals):
    person = cast.student()
    signals.clear()
    withdraw_consent(consent=grant(person), by=cast.BY)
    assert signals == [([person.pk], None), ([person.pk], Audience.PARTNERS)]


# Races ---------------------------------------------------------------------------------------------------------------

TIMES = 5


@pytest.mark.postgres
def test_of_two_withdrawals_at_once_one_is_refused(committed):
    for _ in range(TIMES):
        given = grant(cast.student())
        outcomes = together(*[lambda given=given: withdraw_consent(consent=given, by=cast.BY)] * 2)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Consent", "InvalidMove"]
        moves = StageChange.objects.filter(record=given.public_id, to_state="withdrawn")
        assert (Consent.objects.get(pk=given.pk).state, moves.count()) == ("withdrawn", 1)


@pytest.mark.postgres
def test_of_two_equal_grants_at_once_one_is_made(committed):
    for _ in range(TIMES):
        person = cast.student()
        first, second = together(*[lambda person=person: grant(person)] * 2)
        assert first == second
        assert person.consents.count() == 1


@pytest.mark.postgres
def test_granting_and_withdrawing_at_once_end_as_if_one_came_first(committed):
    for _ in range(TIMES):
        person = cast.student()
        given = grant(person)
        outcomes = together(
            lambda person=person: grant(person, scopes=["evaluations"]),
            lambda given=given: withdraw_consent(consent=given, by=cast.BY),
            lambda given=given: withdraw_consent(consent=given, by=cast.BY),
        )
        assert isinstance(outcomes[0], Consent)
        assert sorted(type(outcome).__name__ for outcome in outcomes[1:]) == ["Consent", "InvalidMove"]
        assert sorted(person.consents.values_list("stored_state", flat=True)) == ["active", "withdrawn"]


@pytest.mark.postgres
def test_two_blocks_at_once_are_one(committed):
    veresk = cast.partner()
    for _ in range(TIMES):
        person = cast.student()
        task = lambda person=person: block_partner(student=person, partner=veresk, by=cast.BY)  # noqa: E731 - run twice
        first, second = together(task, task)
        assert first == second
        assert Block.objects.filter(student=person).count() == 1
