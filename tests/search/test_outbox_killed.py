"""kill -9 at any moment: nothing is lost, and nobody is shown who withdrew."""

import json
import signal
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from crm.actions.consents import withdraw_consent
from crm.actions.erasure import erase_student
from crm.actions.students import update_student
from crm.models import Student, User
from search import outbox
from search.engines import engine
from tests import cast
from tests.processes import LONGEST, Committed
from tests.search.killed_drain import DRAIN_POINTS, ENDED, REBUILD_POINTS
from tests.visibility.searching import found, visible

pytest_plugins = ("tests.committed",)


def of_this_engine(points):
    """Points of the engine that the settings choose; the others are no calls of this set."""
    name = "elasticsearch" if settings.ELASTICSEARCH_URL else "embedded"
    return [point for point, (only, *_) in points.items() if only in (None, name)]


@pytest.fixture(scope="module")
def killed():
    """What has a process do something until a point of it; its exit status, and what it said."""
    processes = []

    def run(*point_and_work):
        if not processes:
            processes.append(Committed().start("-m", "tests.search.killed_drain"))
        [process] = processes
        process.stdin.write(json.dumps([connection.settings_dict["NAME"], *point_and_work]) + "\n")
        process.stdin.flush()
        said = [process.stdout.readline()]
        while said[-1] and not said[-1].startswith(ENDED):
            said.append(process.stdout.readline())
        return int(said.pop().removeprefix(ENDED)), "".join(said)

    yield run
    for process in processes:
        process.communicate(timeout=LONGEST)


def a_crowd() -> list[Student]:
    people = [cast.student(f"Zora Number{place}", skills={"crispr": 3}) for place in range(14)]
    for person in people:
        cast.consent(person, None, "evaluations", expires=timezone.now() + timedelta(days=9))
    return people


def change(people: list[Student]) -> None:
    """Some withdraw, some are erased, some write, some are new."""
    for person in people[:5]:
        withdraw_consent(consent=person.consents.get(), by=cast.BY)
    for person in people[5:8]:
        erase_student(student=person, by=cast.BY)
    for person in people[8:12]:
        update_student(student=person, by=cast.BY, summary="Something new to say")
    for place in range(2):
        cast.consent(cast.student(f"Zora Late{place}"))


def differences(capsys) -> list[str]:
    """What `reindex --verify` says; it drains first."""
    capsys.readouterr()
    try:
        call_command("reindex", "--verify", "--json")
    except SystemExit:
        pass
    return json.loads(capsys.readouterr().out)["differences"]


def assert_shows_no_more(*users: User) -> None:
    for user in users:
        assert found(user) <= visible(user)


@pytest.mark.parametrize("point", of_this_engine(DRAIN_POINTS))
def test_a_drain_killed_at_any_point_is_made_good_by_the_next(committed, killed, capsys, point):
    hanna, olga = cast.representative(cast.partner()), cast.office()
    people = a_crowd()
    outbox.drain_all()
    change(people)
    before = outbox.pending()

    status, said = killed(point, "drain")
    assert status == -signal.SIGKILL, said
    assert_shows_no_more(hanna, olga)
    # Narrowings are drained first: the kill may come when they are done.
    assert 0 < outbox.pending() <= before - (point == "after the rows were cleared")

    assert differences(capsys) == []
    assert outbox.pending() == 0
    for user in (hanna, olga):
        assert found(user) == visible(user)


@pytest.mark.parametrize("point", of_this_engine(REBUILD_POINTS))
def test_a_rebuild_killed_at_any_point_leaves_an_index_that_serves(committed, killed, capsys, point):
    hanna, olga = cast.representative(cast.partner()), cast.office()
    people = a_crowd()
    outbox.drain_all()
    change(people)

    status, said = killed(point, "rebuild")
    assert status == -signal.SIGKILL, said
    assert_shows_no_more(hanna, olga)

    assert differences(capsys) == []
    call_command("reindex", "--json")
    assert differences(capsys) == []
    for user in (hanna, olga):
        assert found(user) == visible(user)


def test_verify_sees_what_is_missing_changed_and_left_over(committed, capsys):
    """So that its silence above means something."""
    people = a_crowd()
    outbox.drain_all()
    assert differences(capsys) == []
    Student.objects.filter(pk=people[0].pk).update(headline="Written behind the back of the outbox")
    Student.objects.filter(pk=people[1].pk).delete()
    with engine().writing() as writer:
        documents, _ = outbox.state_of({people[2].pk: 99})
        writer.write(documents)
    unknown = Student.objects.create(number="X-1", given_name="Unknown", family_name="Person")
    said = "\n".join(differences(capsys))
    for words in (
        f"student {people[0].pk}, full document of level 0: has another content",
        f"student {people[1].pk}, full document of level 0: should not be there",
        f"student {people[2].pk}, partners document of level 2: has version 99",
        f"student {unknown.pk}, full document of level 0: is missing",
    ):
        assert words in said


def test_every_process_looks_for_the_index_in_the_same_place(committed):
    """Else each would build one of its own, and take the others' for superseded."""
    ask = "from search.engines import engine; print(engine().is_built())"
    status, said = committed.run("-c", f"import django; django.setup(); {ask}", PYTHONHASHSEED="1")
    assert (status, said.splitlines()[-1]) == (0, "True")
