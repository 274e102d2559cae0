"""What a change leaves behind in its own transaction, and how it is drained."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from crm import reference
from crm.access import Audience
from crm.actions.consents import withdraw_consent
from crm.actions.erasure import erase_student
from crm.actions.reference import save_lab, save_skill
from crm.actions.students import update_student
from crm.models import Skill, Student
from search import outbox
from search.engines import engine
from search.fields import FULL, PARTNERS
from search.models import OutboxRow
from tests import cast
from tests.visibility.searching import found, search

pytestmark = pytest.mark.django_db


def row(student_id: int) -> OutboxRow:
    return OutboxRow.objects.get(pk=student_id)


def marks(student_id: int) -> set[str]:
    return {name for name in ("partners", "professors", "everyone") if getattr(row(student_id), f"narrows_{name}")}


def stored_versions(student_id: int) -> dict[tuple[str, int], int]:
    found = ((family, item) for family in (FULL, PARTNERS) for item in engine().stored(family))
    return {(family, item.level): item.version for family, item in found if item.student_id == student_id}


def test_a_rolled_back_transaction_leaves_no_row(index):
    person = cast.student()
    index.catch_up()
    before = list(OutboxRow.objects.values())
    with transaction.atomic():
        cast.student()
        cast.consent(person)
        update_student(student=person, by=cast.BY, memberships=[])
        erase_student(student=person, by=cast.BY)
        transaction.set_rollback(True)
    assert list(OutboxRow.objects.values()) == before


@pytest.mark.parametrize(
    ("narrows", "expected"),
    [
        (None, set()),
        (Audience.PARTNERS, {"partners"}),
        (Audience.PROFESSORS, {"professors"}),
        (Audience.EVERYONE, {"partners", "professors", "everyone"}),
    ],
)
def test_a_row_is_marked_with_the_audience_that_it_narrows(narrows, expected):
    outbox.record([1], narrows)
    assert marks(1) == expected


def test_each_narrowing_marks_its_audience(index):
    person, account_lab = cast.student(labs=[cast.lab()]), cast.lab()
    given = cast.consent(person)
    index.catch_up()
    steps = [
        (lambda: withdraw_consent(consent=given, by=cast.BY), {"partners"}),
        (lambda: cast.block(person, cast.partner()), {"partners"}),
        (lambda: update_student(student=person, by=cast.BY, memberships=[]), {"professors"}),
        (lambda: update_student(student=person, by=cast.BY, supervisions=[]), {"professors"}),
        (lambda: update_student(student=person, by=cast.BY, headline="New"), set()),
        (lambda: cast.consent(person), set()),
        (lambda: save_lab(lab=account_lab, by=cast.BY, name="Renamed"), set()),
        (lambda: erase_student(student=person, by=cast.BY), {"partners", "professors", "everyone"}),
    ]
    key = person.pk
    for step, expected in steps:
        step()
        assert marks(key) == expected
        index.catch_up()
        assert marks(key) == set()


def test_a_new_student_marks_nothing(index):
    """Nobody could see the student before, so nobody has to be kept from seeing."""
    assert marks(cast.student(labs=[cast.lab()]).pk) == set()


def test_later_changes_keep_the_marks_and_the_first_moment(index):
    outbox.record([1], Audience.PARTNERS)
    first = row(1).pending_since
    outbox.record([1])
    assert (marks(1), row(1).pending_since, row(1).version) == ({"partners"}, first, 2)


def test_changed_reference_data_reaches_every_student_concerned(index):
    broad = save_skill(skill=Skill(), by=cast.BY, label="Broad test skill")
    narrow = save_skill(skill=Skill(), by=cast.BY, label="Narrow test skill", broader=[broad])
    inside = cast.student(labs=[cast.lab()])
    skilled = cast.student(skills={narrow.slug: 2})
    cast.student("Other Person")
    index.catch_up()
    save_lab(lab=cast.lab(), by=cast.BY, name="Something else")
    assert outbox.read(-1).keys() == {inside.pk}
    index.catch_up()
    save_skill(skill=broad, by=cast.BY, label="Broader test skill")
    assert outbox.read(-1).keys() == {skilled.pk}


def test_a_drained_row_stays_with_its_version_and_its_documents_carry_it(index):
    person = cast.student()
    given = cast.consent(person)
    for _ in range(3):
        update_student(student=person, by=cast.BY, headline="Again")
    assert index.catch_up() == 1
    assert (row(person.pk).version, row(person.pk).pending_since) == (5, None)
    assert stored_versions(person.pk) == {(FULL, 0): 5, (PARTNERS, 1): 5}
    withdraw_consent(consent=given, by=cast.BY)
    index.catch_up()
    assert stored_versions(person.pk) == {(FULL, 0): 6}
    key = person.pk
    erase_student(student=person, by=cast.BY)
    index.catch_up()
    assert (stored_versions(key), row(key).version, row(key).pending_since) == ({}, 7, None)


def during(monkeypatch, name: str, change) -> None:
    """Has a change happen just before a step of the first drain."""
    step, changes = getattr(outbox, name), [change]

    def interrupted(*arguments):
        if changes:
            changes.pop()()
        return step(*arguments)

    monkeypatch.setattr(outbox, name, interrupted)


@pytest.mark.parametrize("step", ["state_of", "clear"])
def test_a_row_is_not_cleared_when_a_newer_change_came(index, monkeypatch, step):
    hanna = cast.representative(cast.partner())
    person = cast.student()
    given = cast.consent(person)
    during(monkeypatch, step, lambda: withdraw_consent(consent=given, by=cast.BY))
    outbox.drain()
    assert (row(person.pk).version, outbox.pending(), marks(person.pk)) == (3, 1, {"partners"})
    assert found(hanna) == set()
    index.catch_up()
    assert (outbox.pending(), marks(person.pk), stored_versions(person.pk)) == (0, set(), {(FULL, 0): 3})


def test_a_drain_that_waits_for_the_writer_reads_only_then(index, monkeypatch):
    """Else it would bring back what another drain has removed while it waited."""
    hanna = cast.representative(cast.partner())
    person = cast.student()
    given = cast.consent(person)
    index.catch_up()
    update_student(student=person, by=cast.BY, headline="New")
    writing = engine().writing

    def wait_for_another_drain():
        monkeypatch.undo()
        withdraw_consent(consent=given, by=cast.BY)
        index.catch_up()
        return writing()

    monkeypatch.setattr(engine(), "writing", wait_for_another_drain)
    assert outbox.drain() == (0, 0)
    assert (stored_versions(person.pk), found(hanna)) == ({(FULL, 0): 4}, set())


def test_a_batch_that_comes_late_changes_nothing(index):
    """Elasticsearch refuses it by its version; the embedded writer only takes what it read itself."""
    person = cast.student()
    given = cast.consent(person)
    late, due = outbox.state_of({person.pk: 2})
    withdraw_consent(consent=given, by=cast.BY)
    index.catch_up()
    outbox.clear({person.pk: 2}, due)
    if engine().name == "elasticsearch":
        with engine().writing() as writer:
            writer.write(late)
    assert stored_versions(person.pk) == {(FULL, 0): 3}
    assert row(person.pk).version == 3


def test_one_student_that_cannot_be_projected_does_not_stop_the_others(index, monkeypatch, caplog):
    people = [cast.student(f"Zora Number{place}") for place in range(5)]
    bad, project = people[2], outbox.project

    def refuse(source, known, now):
        if source.student.pk == bad.pk:
            raise ZeroDivisionError
        return project(source, known, now)

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "project", refuse)
        patch.setattr(outbox, "BATCH", 2)
        assert index.catch_up() == 4
    assert outbox.read(-1).keys() == {bad.pk}
    assert f"student {bad.pk} cannot be projected" in caplog.text
    assert bad.family_name not in caplog.text
    assert index.catch_up() == 1


def test_one_document_that_the_engine_refuses_does_not_stop_the_others(index, monkeypatch, caplog):
    people = [cast.student(f"Zora Number{place}") for place in range(5)]
    bad, project = people[1], outbox.project

    def spoil(source, known, now):
        projection = project(source, known, now)
        if source.student.pk == bad.pk:
            projection.families[FULL][0]["graduation"] = "not a number"
        return projection

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "project", spoil)
        assert index.catch_up() == 4
    assert outbox.read(-1).keys() == {bad.pk}
    assert len(found(cast.office())) == 4
    assert index.catch_up() == 1


def test_a_narrowing_that_cannot_be_written_stays_unseen(index, monkeypatch):
    hanna = cast.representative(cast.partner())
    person = cast.student()
    given = cast.consent(person)
    index.catch_up()
    withdraw_consent(consent=given, by=cast.BY)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "project", lambda *_: 1 / 0)
        assert index.catch_up() == 0
    assert (marks(person.pk), search(hanna).count) == ({"partners"}, 0)


def at(moment, monkeypatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: moment)


def midnight_before(day: date):
    return timezone.localtime().replace(
        year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0
    )


TODAY_AND = {"in five days": 5, "tomorrow": 1}


@pytest.mark.parametrize("relation", ["memberships", "supervisions"])
@pytest.mark.parametrize("days", TODAY_AND.values(), ids=TODAY_AND)
@pytest.mark.parametrize("side", ["starts", "ends"])
def test_the_sweep_finds_starts_and_ends_when_they_come(index, monkeypatch, relation, days, side):
    lab = cast.lab()
    pavel = cast.professor(heads=lab)
    day = timezone.localdate() + timedelta(days=days)
    other = {"lab": lab} if relation == "memberships" else {"professor": pavel.professor}
    person = cast.student()
    update_student(student=person, by=cast.BY, **{relation: [{**other, side: day}]})
    index.catch_up()
    before, after = (set(), {str(person.public_id)}) if side == "starts" else ({str(person.public_id)}, set())
    assert found(pavel) == before
    # A start holds from its day on, an end through its day.
    turn = midnight_before(day if side == "starts" else day + timedelta(days=1))
    at(turn - timedelta(seconds=1), monkeypatch)
    assert (outbox.sweep(), found(pavel)) == (0, before)
    at(turn, monkeypatch)
    assert outbox.sweep() == 1
    index.catch_up()
    assert found(pavel) == after
    assert outbox.sweep() == 0


def test_the_sweep_finds_each_end_of_several_consents(index, monkeypatch):
    hanna = cast.representative(cast.partner())
    person, start = cast.student(), timezone.now()
    for hours, scope in ((1, "evaluations"), (2, "profile"), (3, "contact")):
        cast.consent(person, None, scope, expires=start + timedelta(hours=hours))
    index.catch_up()
    levels = [2]
    for hours in (1, 2, 3):
        at(start + timedelta(hours=hours), monkeypatch)
        assert outbox.sweep() == 1, hours
        index.catch_up()
        levels.append(max((level for family, level in stored_versions(person.pk) if family == PARTNERS), default=0))
    assert levels == [2, 1, 0, 0]
    assert (row(person.pk).due_at, found(hanna)) == (None, set())


def test_a_sweep_that_finds_nothing_writes_nothing(index, django_assert_num_queries):
    cast.student()
    index.catch_up()
    with django_assert_num_queries(1):
        assert outbox.sweep() == 0


def test_the_documents_of_a_batch_are_read_in_a_constant_number_of_queries(index, django_assert_max_num_queries):
    for many in (2, 12):
        people = [cast.student(skills={"crispr": 1}, labs=[cast.lab()]) for _ in range(many)]
        for person in people:
            cast.consent(person)
        reference.current()
        with django_assert_max_num_queries(10):
            outbox.state_of({person.pk: 1 for person in people})


def test_lag_is_that_of_the_oldest_change_that_waits(index, monkeypatch):
    assert outbox.lag_seconds() == 0
    outbox.record([1])
    since = row(1).pending_since
    at(since + timedelta(seconds=90), monkeypatch)
    assert outbox.lag_seconds() == 90
    outbox.record([1, 2])
    assert outbox.lag_seconds() == 90


def test_narrowings_are_drained_before_all_else(index, monkeypatch):
    people = [cast.student() for _ in range(3)]
    given = cast.consent(people[-1])
    index.catch_up()
    for person in people:
        update_student(student=person, by=cast.BY, headline="New")
    withdraw_consent(consent=given, by=cast.BY)
    monkeypatch.setattr(outbox, "BATCH", 1)
    after_each = []
    outbox.drain_all(lambda written: after_each.append((outbox.pending(), marks(people[-1].pk))))
    assert after_each == [(2, set()), (1, set()), (0, set())]


def test_students_are_drained_in_batches_until_none_is_left(index, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 3)
    for _ in range(7):
        cast.student()
    sizes = []
    assert outbox.drain_all(sizes.append) == 7
    assert sizes == [3, 3, 1]
    assert Student.objects.count() == 7
