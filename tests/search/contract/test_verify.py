"""`reindex --verify` finds every kind of difference between database and index, and says so to programs."""

import json
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from crm.models import Student
from search import outbox, rebuild
from search.engines.contract import Engine, StudentDocuments
from search.models import OutboxRow
from tests import cast
from tests.search.contract.asking import write

pytestmark = pytest.mark.django_db


@pytest.fixture
def students(configured: Engine) -> list[Student]:
    found = [cast.student(f"Person Number{n}") for n in range(5)]
    for one in found:
        cast.consent(one)
    outbox.drain_all()
    return found


def verify(*options: str) -> tuple[int, str]:
    """Exit status and standard output."""
    out = StringIO()
    try:
        call_command("reindex", "--verify", *options, stdout=out, stderr=StringIO())
    except SystemExit as exit_:
        return int(str(exit_.code)), out.getvalue()
    return 0, out.getvalue()


def documents_of(student: Student) -> StudentDocuments:
    version = OutboxRow.objects.get(pk=student.pk).version
    return outbox.state_of({student.pk: version})[0][0]


def test_an_index_that_follows_the_database_has_no_difference(students: list[Student]) -> None:
    assert verify() == (0, "5 students compared, 0 differences, 0 pending.\n")


def test_each_kind_of_difference_is_found(configured: Engine, students: list[Student]) -> None:
    missing, changed, ahead, *_ = map(documents_of, students)
    stranger = replace(ahead, student_id=10**6, families=_with(ahead, student=10**6))
    write(
        configured,
        replace(missing, families={name: dict.fromkeys(levels) for name, levels in missing.families.items()}),
        replace(changed, families=_with(changed, digest=1)),
        replace(ahead, version=ahead.version + 7),
        stranger,
    )
    status, text = verify("--json")
    found = json.loads(text)
    assert status == 1
    assert found["students"] == 5
    assert sorted(found["differences"]) == sorted(
        f"student {pk}, {where}: {what}"
        for where in ("full document of level 0", "partners document of level 1")
        for pk, what in (
            (missing.student_id, "is missing"),
            (changed.student_id, "has another content"),
            (ahead.student_id, f"has version {ahead.version + 7}, the outbox {ahead.version}"),
            (10**6, "should not be there"),
        )
    )
    call_command("reindex", stdout=StringIO(), stderr=StringIO())
    assert verify()[0] == 0


def _with(item: StudentDocuments, **fields: Any) -> dict[str, Any]:
    return {
        name: {level: made and {**made, **fields} for level, made in levels.items()}
        for name, levels in item.families.items()
    }


def test_a_change_behind_the_actions_back_is_found(students: list[Student]) -> None:
    Student.objects.filter(pk=students[0].pk).update(headline="changed in the database alone")
    status, text = verify()
    assert status == 1
    assert text.splitlines()[0] == "5 students compared, 2 differences, 0 pending."
    assert all("has another content" in line for line in text.splitlines()[1:])


def test_what_is_pending_is_written_before_it_is_compared(students: list[Student]) -> None:
    cast.student("Late Comer")
    assert outbox.pending() == 1
    assert verify() == (0, "6 students compared, 0 differences, 0 pending.\n")


def test_a_student_of_whom_the_outbox_knows_nothing_is_written_by_a_rebuild(
    configured: Engine, students: list[Student]
) -> None:
    OutboxRow.objects.filter(pk=students[0].pk).delete()
    assert rebuild.rebuild() == 5
    outbox.drain_all()
    assert verify()[0] == 0
