"""Signed forms from a file."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from crm.access import Level, level
from crm.actions.consents import withdraw_consent
from crm.actions.record_consents import record_consents
from crm.clock import end_of, moment_from
from crm.errors import NotAllowed
from crm.imports.consent_forms import COLUMNS
from crm.imports.table import Table
from crm.models import Consent, Partner, Student, User
from tests import cast

pytestmark = pytest.mark.django_db

HEADER = "student_number,partner,scopes,expires,source\n"


@pytest.fixture
def sanna() -> Student:
    cast.partner("veresk")
    return cast.student("Sanna Vale", number="S-1")


def run(folder: Path, *rows: str, options: tuple[str, ...] = ()) -> dict[str, Any]:
    path = folder / "forms.csv"
    path.write_text(HEADER + "\n".join(rows), encoding="utf-8")
    out = io.StringIO()
    call_command("record_consent", str(path), "--json", *options, stdout=out, stderr=io.StringIO())
    result: dict[str, Any] = json.loads(out.getvalue())
    assert result["recorded"] + result["unchanged"] + result["rejected"] == result["rows"]
    return result


def test_forms_are_recorded_once(sanna: Student, tmp_path: Path) -> None:
    rows = [
        "S-1,veresk,evaluations contact,,form 1",
        "",
        ",, ,,",
        "S-1,*,profile,2099-06-30,form 2",
        " S-1 ,*,profile,2099-06-30,form 2",
    ]
    rehearsed = run(tmp_path, *rows, options=("--dry-run",))
    assert not Consent.objects.exists()
    result = run(tmp_path, *rows)
    assert rehearsed == {**result, "dry_run": True}
    assert (result["recorded"], result["unchanged"]) == (2, 1)
    assert level(Partner.objects.get(), sanna) == Level.EVALUATED
    assert run(tmp_path, *rows)["unchanged"] == 3
    one = Consent.objects.get(partner=None)
    assert (one.scopes, one.source, one.expires) == (["profile"], "form 2", datetime(2099, 7, 1, tzinfo=UTC))


REJECTED = [
    ("S-9,veresk,profile,,form", "no student"),
    (",veresk,profile,,form", "no student"),
    ("S-1,nobody,profile,,form", "slug"),
    ("S-1,,profile,,form", "slug"),
    ("S-1,veresk,,,form", "Name at least one"),
    ("S-1,veresk,profile wages,,form", "wages"),
    ('S-1,veresk,"profile,contact",,form', "separated by spaces"),
    ("S-1,veresk,profile; evaluations,,form", "separated by spaces"),
    ("S-1,veresk,profile,2020-01-01,form", "past"),
    ("S-1,veresk,profile,31.02.2099,form", "neither a date"),
    ("S-1,veresk,profile,9999-12-31,form", "neither a date"),
    ("S-1,veresk,profile,,", "where this consent comes from"),
    (f"S-1,veresk,profile,,{'x' * 201}", "200 characters"),
    ("S-1,veresk,profile,,form,more", "more cells"),
    ('S-1,veresk,profile,,"form', "quotation mark is not closed"),
]


@pytest.mark.parametrize(("row", "sentence"), REJECTED)
def test_a_bad_row_is_rejected_and_stops_no_other(sanna: Student, tmp_path: Path, row: str, sentence: str) -> None:
    result = run(tmp_path, row, "S-1,veresk,contact,,form")
    assert (result["recorded"], result["rejected"]) == (1, 1)
    assert sentence in result["rejections"][0]["reason"]
    assert result["rejections"][0]["line"] == 2


def test_one_form_may_hold_several_consents(sanna: Student, tmp_path: Path) -> None:
    longest = "x" * 200
    rows = [f"S-1,veresk,{scopes},,{longest}" for scopes in ("profile", "contact", "evaluations", "profile")]
    result = run(tmp_path, *rows)
    assert (result["recorded"], result["unchanged"]) == (3, 1)
    assert [one.scopes for one in sanna.consents.order_by("pk")] == [
        ["profile"],
        ["contact"],
        ["profile", "evaluations"],
    ]


def test_only_the_office_records_forms() -> None:
    people = cast.Cast()

    def record(by: User) -> None:
        record_consents(table=Table(list(COLUMNS), iter([])), by=by)

    for user in (people.ada, people.pavel, people.hanna):
        with pytest.raises(NotAllowed):
            record(user)
    record(people.olga)


@pytest.mark.parametrize("text", ["30.06.2099", "2099-6-30", "30.6.2099 г.", "30.06.2099 0:00", "30.06.2099 12:30:00"])
def test_dates_are_taken_as_an_import_of_students_takes_them(sanna: Student, tmp_path: Path, text: str) -> None:
    assert run(tmp_path, f"S-1,veresk,profile,{text},form")["recorded"] == 1
    assert Consent.objects.get().expires == datetime(2099, 7, 1, tzinfo=UTC)


def test_a_partner_is_found_whatever_the_case_of_its_slug(sanna: Student, tmp_path: Path) -> None:
    older = Partner.objects.create(slug="OldFirm", name="Old firm")
    result = run(tmp_path, "S-1,VERESK,profile,,form", "S-1,oldfirm,profile,,form")
    assert result["recorded"] == 2
    assert set(sanna.consents.values_list("partner__slug", flat=True)) == {"veresk", older.slug}


def test_an_old_form_does_not_undo_a_withdrawal(sanna: Student, tmp_path: Path) -> None:
    run(tmp_path, "S-1,veresk,profile,,form of May")
    withdraw_consent(consent=Consent.objects.get(), by=cast.BY)
    assert run(tmp_path, "S-1,veresk,profile,,form of May")["rejected"] == 1
    assert level(Partner.objects.get(), sanna) == Level.NONE
    assert run(tmp_path, "S-1,veresk,profile,,form of June")["recorded"] == 1


def test_a_file_without_the_columns_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("student,partner\n1,2\n", encoding="utf-8")
    with pytest.raises(CommandError, match="student_number, scopes, expires, source"):
        call_command("record_consent", str(tmp_path / "f.csv"))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-06-30", "2026-06-30T21:00:00+00:00"),
        ("2026-06-30T12:00", "2026-06-30T09:00:00+00:00"),
        ("2026-06-30T12:00+00:00", "2026-06-30T12:00:00+00:00"),
        ("2026-06-30T12:00Z", "2026-06-30T12:00:00+00:00"),
    ],
)
def test_a_day_ends_at_the_universitys_midnight(text: str, moment: str) -> None:
    with override_settings(TIME_ZONE="Europe/Moscow"):
        assert moment_from(text) == datetime.fromisoformat(moment)


def test_a_day_with_a_change_of_clocks_ends_at_midnight_too() -> None:
    with override_settings(TIME_ZONE="Europe/Berlin"):
        assert end_of(date(2026, 3, 29)) - end_of(date(2026, 3, 28)) == timedelta(hours=23)
