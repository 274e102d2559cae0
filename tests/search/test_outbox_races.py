"""Changes and drains that meet each other, on a server where they truly run at once."""

import threading

import pytest
from django.db import connection, transaction

from crm.access import Audience
from crm.actions.consents import grant_consent, withdraw_consent
from crm.actions.reference import save_lab
from crm.actions.students import update_student
from search import outbox
from search.models import OutboxRow
from search.rebuild import rebuild, verify
from tests import cast
from tests.processes import LONGEST, together, wait_until
from tests.visibility.searching import found, visible

pytest_plugins = ("tests.committed",)
pytestmark = pytest.mark.postgres

THREADS, TIMES = 4, 15


def test_versions_of_concurrent_changes_never_go_back_and_none_is_lost(committed):
    seen: list[list[int]] = [[] for _ in range(THREADS)]

    def change(place: int) -> None:
        for _ in range(TIMES):
            with transaction.atomic():
                outbox.record([1, 2])
                # Read under the lock that the change holds until it commits.
                seen[place].append(OutboxRow.objects.get(pk=1).version)

    assert together(*(lambda place=place: change(place) for place in range(THREADS))) == [None] * THREADS
    assert all(versions == sorted(set(versions)) for versions in seen)
    assert sorted(sum(seen, [])) == list(range(1, THREADS * TIMES + 1))


def test_students_in_any_order_do_not_lock_each_other_out(committed):
    ids = list(range(1, 40))

    def change(order: list[int]):
        return lambda: [outbox.on_students_changed(order, None) for _ in range(TIMES)] and None

    outcomes = together(*(change(order) for order in (ids, ids[::-1], ids[::2] + ids[1::2])))
    assert outcomes == [None] * 3
    assert set(OutboxRow.objects.values_list("version", flat=True)) == {3 * TIMES}


def test_a_change_that_commits_while_its_row_is_cleared_stays_pending(committed):
    """The clearing waits for the lock of the change, then sees the newer version."""
    person = cast.student()
    outbox.drain_all()
    outbox.record([person.pk])
    holds = threading.Event()

    def change() -> None:
        with transaction.atomic():
            outbox.record([person.pk], Audience.PARTNERS)
            holds.set()
            wait_until(somebody_waits, LONGEST)

    def clear() -> None:
        assert holds.wait(LONGEST)
        outbox.clear({person.pk: 2}, {})

    assert together(change, clear) == [None, None]
    row = OutboxRow.objects.get(pk=person.pk)
    assert (row.version, row.pending_since is not None, row.narrows_partners) == (3, True, True)


def somebody_waits() -> bool:
    """Whether another connection waits for a lock that this one holds."""
    with connection.cursor() as cursor:
        blocked = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        cursor.execute(f"SELECT EXISTS ({blocked})")
        return bool(cursor.fetchone()[0])


def test_random_changes_drains_sweeps_and_a_rebuild_at_once_end_in_agreement(committed):
    hanna, olga = cast.representative(cast.partner()), cast.office()
    people = [cast.student(f"Zora Number{place}", labs=[cast.lab()]) for place in range(12)]
    done = threading.Event()

    def change(place: int) -> None:
        for number in range(TIMES):
            person = people[(place * 5 + number) % len(people)]
            given = grant_consent(student=person, partner=None, scopes=["profile"], source="form", by=cast.BY)
            update_student(student=person, by=cast.BY, headline=f"Change {number}")
            if number % 2:
                withdraw_consent(consent=given, by=cast.BY)
            if number % 7 == 0:
                save_lab(lab=cast.lab(), by=cast.BY, description=f"{place} {number}")

    def changes() -> list[object]:
        try:
            return together(*(lambda place=place: change(place) for place in range(2)))
        finally:
            done.set()

    def drains() -> None:
        while not done.is_set():
            outbox.sweep()
            outbox.drain_all()

    outcomes = together(changes, drains, drains, rebuild)
    assert outcomes[0] == [None, None]
    assert outcomes[1:3] == [None, None]
    assert verify() == []
    assert outbox.pending() == 0
    for user in (hanna, olga):
        assert found(user) == visible(user)
