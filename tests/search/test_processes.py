"""Long work side by side gives what one process would have given."""

import json
import os
import sys
from pathlib import Path

import pytest

from crm.models import Student
from search.processes import as_many_as_help, shared_out
from tests import cast
from tests.processes import LONGEST, Committed, wait_until

pytest_plugins = ("tests.committed",)

STUDENTS = 1_100
"""More than two batches."""


@pytest.mark.slow
def test_an_index_written_by_several_processes_is_the_one_that_is_expected(committed: Committed) -> None:
    consenting = cast.student("Sanna Vale", skills={"crispr": 3})
    cast.consent(consenting)
    Student.objects.bulk_create(
        Student(number=f"N{place}", given_name="Person", family_name=f"Number{place}") for place in range(STUDENTS - 1)
    )
    status, said = committed.run("manage.py", "reindex", "--processes", "2")
    assert (status, said.splitlines()[-1]) == (0, f"{STUDENTS} students written.")
    Student.objects.filter(pk=consenting.pk).update(headline="changed in the database alone")
    status, said = committed.run("manage.py", "reindex", "--verify", "--json", "--processes", "2")
    assert status == 1
    assert json.loads(said[said.index("{") :])["differences"] == [
        f"student {consenting.pk}, {family} document of level {level}: has another content"
        for family, level in (("full", 0), ("partners", 1))
    ]


@pytest.mark.once
@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_batches_and_errors_come_through(processes: int) -> None:
    assert list(shared_out(abs, [-place for place in range(20)], processes)) == list(range(20))
    with pytest.raises(ValueError, match="invalid literal"):
        list(shared_out(int, ["1", "two", "3"], processes))


@pytest.mark.once
def test_a_process_that_is_killed_is_said() -> None:
    with pytest.raises(RuntimeError, match="was killed"):
        list(shared_out(os._exit, [9], 2))


@pytest.mark.once
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells which processes there are")
def test_processes_end_with_the_one_that_is_killed(committed: Committed) -> None:
    code = "import time; from search.processes import shared_out; list(shared_out(time.sleep, [600, 600, 600], 2))"
    parent = committed.start("-c", code)
    children: set[str] = set()

    def begun() -> bool:
        children.update(Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split())
        return len([pid for pid in children if threads(pid) > 1]) == 2

    wait_until(begun, LONGEST)
    parent.kill()
    parent.communicate()
    wait_until(lambda: not any(map(threads, children)), LONGEST)


def threads(pid: str) -> int:
    """How many threads a process has; none where it ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return 0 if "State:\tZ" in status else int(status.partition("Threads:")[2].split()[0])


@pytest.mark.once
def test_few_students_are_not_worth_a_second_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert [as_many_as_help(students) for students in (0, 600, 9_999, 10_000, 1_000_000)] == [1, 1, 1, 2, 4]
