"""The offices' own files, whole: every line accounted for, and a second import that changes nothing."""

import csv
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Consent, Lab, LabMembership, SkillClaim, Student
from crm.signals import students_changed
from tests import cast
from tests.crm.importing import DATA, counts, run

pytestmark = pytest.mark.django_db

FILES = {"graduates.csv": (600, 0, 16, 5), "graduates-cp1251.csv": (120, 0, 1, 5)}


@pytest.mark.parametrize(("name", "expected"), FILES.items())
def test_every_line_is_accounted_for_and_a_second_import_changes_nothing(
    name: str, expected: tuple[int, int, int, int]
) -> None:
    first = run(DATA / name, "--create-labs")
    assert counts(first) == expected
    assert Lab.objects.count() == first["labs_created"] == 24
    assert {r["number"][:3] for r in first["rejections"]} == {"BAD", ""}

    before = snapshot()
    created, updated, _, rejected = expected
    assert counts(run(DATA / name, "--create-labs")) == (0, updated, sum(expected) - rejected, rejected)
    assert snapshot() == before
    assert Student.objects.count() == created
    assert not Consent.objects.exists()


def snapshot() -> dict[str, list[Any]]:
    return {
        model.__name__: list(model.objects.order_by("pk").values_list())
        for model in (Student, LabMembership, SkillClaim, Lab)
    }


@pytest.mark.parametrize(("name", "expected"), FILES.items())
def test_a_dry_run_counts_the_same_and_writes_nothing(name: str, expected: tuple[int, int, int, int]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        result = run(DATA / name, "--create-labs", "--dry-run")
    assert counts(result) == expected
    assert result["labs_created"] == 24
    assert not Student.objects.exists()
    assert not Lab.objects.exists()
    assert not [q for q in queries if not q["sql"].lstrip("(").upper().startswith("SELECT")]


def test_an_unchanged_file_writes_nothing_and_sends_no_signal() -> None:
    run(DATA / "graduates-cp1251.csv", "--create-labs")
    sent: list[Any] = []

    def listen(**kwargs: Any) -> None:
        sent.append(kwargs)

    students_changed.connect(listen)
    try:
        with CaptureQueriesContext(connection) as queries:
            run(DATA / "graduates-cp1251.csv", "--create-labs")
    finally:
        students_changed.disconnect(listen)
    assert sent == []
    assert not [q for q in queries if q["sql"].upper().startswith(("INSERT", "UPDATE", "DELETE"))]


def test_the_dirt_of_the_file_arrives_as_it_should() -> None:
    cast.programme("Life Sciences")
    run(DATA / "graduates.csv", "--create-labs")
    with (DATA / "graduates.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["Student No"]: row for row in csv.DictReader(file)}
    for student in Student.objects.all():
        row = rows[student.number]
        assert student.family_name == row["Last name"].strip()
        assert student.email == row["E-mail"].lower()
        assert student.thesis_title == " ".join(row["Thesis title"].split())
        assert student.phone == row["Phone"]
    first = Student.objects.get(number="S11-00000")
    assert str(first.available_from) == "2026-08-21"
    assert dict(first.languages.values_list("code", "level")) == {"en": "C1", "ru": "C2"}
    assert Student.objects.filter(thesis_title__startswith="=HYPERLINK").exists()
    assert dict(Student.objects.get(number="S11-00010").claims.values_list("skill__slug", "level"))["cpp"] == 2
    assert set(Student.objects.get(number="S11-00001").labs.values_list("name", flat=True)) == {"Molecular Diagnostics"}


def test_letters_that_the_old_encoding_kept_are_right() -> None:
    run(DATA / "graduates-cp1251.csv")
    assert Student.objects.get(number="S12-00002").native_name == "Березин Ольга"


def test_letters_that_the_old_encoding_lost_are_told_of_by_cell_and_line() -> None:
    result = run(DATA / "graduates-cp1251.csv", "--create-labs")
    told = {w["message"]: w for w in result["warnings"] if "question mark" in w["message"]}
    cells = {message.partition(" has")[0] for message in told}
    assert {"given_name: “Zo?”", "given_name: “Jos?”", "family_name: “M?ller-Lang”"} <= cells
    assert told["given_name: “Zo?” has a question mark, as where an encoding lost a letter."]["lines"] == [2, 7, 11]
    assert Student.objects.get(number="S12-00000").given_name == "Zo?"


def test_rejected_rows_are_mended_in_the_errors_file_and_imported(tmp_path: Path) -> None:
    errors = tmp_path / "errors.csv"
    run(DATA / "graduates.csv", "--errors", str(errors))
    text = errors.read_text(encoding="utf-8-sig")
    for bad, good in (("not-an-address", "a@b.example"), ("wizard", "phd"), ("20l9", "2019")):
        assert bad in text
        text = text.replace(bad, good)
    errors.write_text(text, encoding="utf-8")
    again = run(errors)
    assert counts(again) == (3, 0, 0, 2)
    mended = Student.objects.get(number="BAD90001")
    assert (mended.email, mended.phone) == ("a@b.example", "+7 912 001-01-11")
