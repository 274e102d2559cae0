"""Long work side by side gives what one process would have given."""

import json
import os

import pytest

from crm.models import Student
from search.processes import as_many_as_help, shared_out
from tests import cast
from tests.processes import Committed

pytest_plugins = ("tests.committed",)

STUDENTS = 1_100
"""More than two batches."""


def test_an_index_written_by_several_processes_is_the_one_that_is_expected(committed: Committed) -> None:
    consenting = cast.student("Sanna Vale", skills={"crispr": 3})
    cast.consent(consenting)
    Student.objects.bulk_create(
        Student(number=f"N{place}", given_name="Person", family_name=f"Number{place}") for place in range(STUDENTS - 1)
    )
    status, said = committed.run("manage.py", "reindex", "--processes", "2")
    assert (status, said.splitlines()[-1]) == (0, f"{STUDENTS} students written.")
    assert json.loads(verified(committed)[1])["differences"] == []
    Student.objects.filter(pk=consenting.pk).update(headline="changed in the database alone")
    status, said = verified(committed)
    assert status == 1
    assert json.loads(said)["differences"] == [
        f"student {consenting.pk}, {family} document of level {level}: has another content"
        for family, level in (("full", 0), ("partners", 1))
    ]


def verified(committed: Committed) -> tuple[int, str]:
    """Exit status, and what stands on the last line."""
    status, said = committed.run("manage.py", "reindex", "--verify", "--json", "--processes", "2")
    return status, said[said.index("{") :]


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
def test_few_students_are_not_worth_a_second_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert [as_many_as_help(students) for students in (0, 600, 9_999, 10_000, 1_000_000)] == [1, 1, 1, 2, 4]
