"""From bytes to cells: encodings, delimiters, quotes, workbooks, headers."""

import codecs
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from openpyxl import Workbook

from crm.imports.columns import recognise
from crm.imports.headers import NAMES, header_key
from crm.models import Student
from tests.crm.importing import NAMED, counts, reasons, run, warned, write_csv

pytestmark = pytest.mark.django_db

RUSSIAN = {"Номер студента": "S-1", "Имя": "Ёлка", "Фамилия": "Щукина", "Тема диссертации": "Подбор условий реакции"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_delimiter_and_encoding_are_found_out(tmp_path: Path, encoding: str, delimiter: str) -> None:
    run(write_csv(tmp_path / "f.csv", RUSSIAN, encoding=encoding, delimiter=delimiter))
    student = Student.objects.get()
    assert (student.number, student.given_name, student.family_name) == ("S-1", "Ёлка", "Щукина")
    assert student.thesis_title == "Подбор условий реакции"


@pytest.mark.parametrize("encoding", ["koi8-r", "cp866", "iso8859-5", "mac-cyrillic", "utf-16-le"])
def test_another_russian_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(CommandError, match="CSV UTF-8"):
        run(write_csv(tmp_path / "f.csv", RUSSIAN, encoding=encoding))
    assert not Student.objects.exists()


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("cp1252", "José Müller"),
        ("cp1250", "Łukasz Wójcik"),
        ("cp1253", "Γιώργος Παπαδόπουλος"),
        ("cp1255", "אוניברסיטה למדעי החיים ותלמידיה"),
    ],
)
def test_a_western_encoding_is_refused(tmp_path: Path, encoding: str, word: str) -> None:
    with pytest.raises(CommandError, match="encoding is unclear"):
        run(write_csv(tmp_path / "f.csv", {**NAMED, "Thesis title": word}, encoding=encoding))


def test_damaged_utf8_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "f.csv", RUSSIAN)
    path.write_bytes(path.read_bytes() + b"\xd0,\n")
    with pytest.raises(CommandError, match="encoding is unclear"):
        run(path)
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())
    with pytest.raises(CommandError, match="damaged"):
        run(path)


UNREADABLE = {
    b"": "empty",
    b"PK\x03\x04 no workbook": "no XLSX workbook",
    b"\xd0\xcf\x11\xe0 old": "old kind",
    b"Name,Lab\nA,B\n": "No column holds the student number",
}


@pytest.mark.parametrize(("content", "sentence"), UNREADABLE.items())
def test_an_unreadable_file_is_an_error_of_the_command(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        run(path)


def test_a_missing_file_is_an_error_of_the_command(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "nothing.csv")


def lines(path: Path, *rows: str) -> Path:
    path.write_text("Student No,First name,Last name,Thesis title\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


GOOD = "S-9,Ida,Reed,Fine"


@pytest.mark.parametrize(
    "bad",
    [
        'S-1,Sanna,Vale,"never closed',
        'S-1,Sanna,"Vale,also "open',
        "S-1,Sanna,Vale,title,surplus",
        'S-1,"Sanna,Vale,"x"',
    ],
)
def test_a_line_with_broken_quotes_or_cells_costs_no_other_line(tmp_path: Path, bad: str) -> None:
    result = run(lines(tmp_path / "f.csv", bad, GOOD, 'S-8,Eva,Moss,"quoted, title"'))
    assert counts(result) == (2, 0, 0, 1)
    assert result["rejections"][0]["line"] == 2


def test_an_open_quote_does_not_swallow_a_long_file(tmp_path: Path) -> None:
    rows = [f"N-{n},Ida,Reed,Fine" for n in range(1000)]
    result = run(lines(tmp_path / "f.csv", *rows[:10], 'S-1,Sanna,Vale,"open', *rows[10:]))
    assert counts(result) == (1000, 0, 0, 1)


def test_quotes_inside_of_a_plain_cell_are_text(tmp_path: Path) -> None:
    assert counts(run(lines(tmp_path / "f.csv", 'S-1,Sanna,Vale,a 5" disk'))) == (1, 0, 0, 0)
    assert Student.objects.get().thesis_title == 'a 5" disk'


def test_line_numbers_count_the_lines_of_the_file(tmp_path: Path) -> None:
    result = run(lines(tmp_path / "f.csv", 'S-1,Sanna,Vale,"two\nlines"', "", ",,,", ",Ida,Reed,"))
    assert counts(result) == (1, 0, 0, 1)
    assert result["rejections"][0]["line"] == 6


def test_a_short_row_leaves_the_rest_as_it_is(tmp_path: Path) -> None:
    run(lines(tmp_path / "f.csv", "S-1,Sanna,Vale,Title"))
    assert counts(run(lines(tmp_path / "f.csv", "S-1,Anna"))) == (0, 1, 0, 0)
    assert Student.objects.get().thesis_title == "Title"


def test_excels_own_first_line_names_the_delimiter(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("sep=|\nStudent No|Full name\nS-1|Sanna Vale\n", encoding="utf-8")
    assert counts(run(tmp_path / "f.csv")) == (1, 0, 0, 0)


def workbook(path: Path, *rows: list[Any]) -> Path:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


def test_a_workbook_reads_like_a_text_file(tmp_path: Path) -> None:
    headers = [
        "Student No",
        "First name",
        "Last name",
        "Graduation date",
        "Available from",
        "Phone",
        "Willing to travel",
    ]
    path = workbook(
        tmp_path / "f.xlsx",
        [*headers, None],
        [1001, "Sanna", "Vale", datetime(2026, 6, 30), date(2026, 9, 1), 79120001122, True],
        [None] * 7,
        [1002.0, "Ida", "Reed", "30.06.2025", "2026-02-30", None, None],
        [1003, "Eva", "=1+1", None, None, None, None, "surplus"],
    )
    result = run(path)
    assert counts(result) == (1, 0, 0, 2)
    assert [rejection["line"] for rejection in result["rejections"]] == [4, 5]
    student = Student.objects.get()
    assert (student.number, student.phone, student.willing_to_travel) == ("1001", "79120001122", True)
    assert (student.graduation_date, student.available_from) == (date(2026, 6, 30), date(2026, 9, 1))


def test_zeros_that_a_format_shows_belong_to_the_number(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["Student No", "Full name"])
    book.worksheets[0].append([42, "Sanna Vale"])
    book.worksheets[0]["A2"].number_format = "00000"
    book.save(tmp_path / "f.xlsx")
    run(tmp_path / "f.xlsx")
    assert Student.objects.get().number == "00042"


def test_a_saved_mapping_names_columns(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "f.csv", {"Matr.": "S-1", "V": "Sanna", "N": "Vale", "Phone": "1", "Junk": "x", "": "y"}
    )
    mapping = tmp_path / "map.json"
    names = {"matr": "number", "V": "given_name", "N": "family_name", "Phone": "ignore", "Gone": "lab"}
    mapping.write_text(json.dumps(names), encoding="utf-8")
    result = run(path, "--map", str(mapping))
    assert counts(result) == (1, 0, 0, 0)
    assert Student.objects.get().phone == ""
    assert len([message for message in warned(result) if "Junk" in message]) == 1
    assert any("no header" in message for message in warned(result))
    assert any("Gone" in message for message in warned(result))


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [("{", "not JSON"), ("[]", "no JSON object"), ('{"a": "wage"}', "wage"), ('{"a": ["number"]}', "number")],
)
def test_a_wrong_mapping_is_an_error_that_says_what_is_wrong(tmp_path: Path, mapping: str, sentence: str) -> None:
    (tmp_path / "map.json").write_text(mapping, encoding="utf-8")
    with pytest.raises(CommandError, match=sentence):
        run(write_csv(tmp_path / "f.csv", NAMED), "--map", str(tmp_path / "map.json"))


def test_a_mapping_of_two_columns_to_one_field_is_an_error_that_names_both(tmp_path: Path) -> None:
    mapping = tmp_path / "map.json"
    mapping.write_text('{"Matr.": "number", "Home": "phone", "a": "ignore", "Work": "phone", "b": null}')
    with pytest.raises(CommandError, match="both 'Home' and 'Work' the field 'phone'"):
        run(write_csv(tmp_path / "f.csv", NAMED), "--map", str(mapping))


HEADERS = [
    *(("Matriculation No", "number"), ("№ студенческого билета", "number"), ("Номер студенческого", "number")),
    *(("Студенческий номер", "number"), ("Номер студ. билета", "number"), ("Lab name", "lab")),
    *(("Название лаборатории", "lab"), ("Phone no", "phone"), ("Phone No.", "phone"), ("№ телефона", "phone")),
    *(("Supervisor name", "supervisor"), ("Supervisor's name", "supervisor"), ("Willing to relocate", "work_cities")),
    *(("Города", "work_cities"), ("Свободен с", "available_from"), ("Тема диплома", "thesis_title")),
    *(("Отчество", "middle_name"), ("Middle name", "middle_name"), ("ФИО научного руководителя", "supervisor")),
    *(
        ("Date of graduation", "graduation_date"),
        ("Дата защиты", "graduation_date"),
        ("Master's thesis", "thesis_title"),
    ),
    *(
        ("Contact e-mail", "email"),
        ("E_MAIL", "email"),
        ("Направление подготовки", "programme"),
        ("Job title", "headline"),
    ),
    *(("Ключевые навыки", "skills"), ("Foreign languages", "languages"), ("Current city", "home_city")),
    *(("Готов(а) к командировкам", "willing_to_travel"), ("О себе", "summary"), ("ORCID iD", "orcid")),
    *(("GitHub username", "github"), ("Ступень образования", "degree"), ("Список проектов", "projects")),
]


@pytest.mark.parametrize(("header", "field"), HEADERS)
def test_a_header_means_a_field(header: str, field: str) -> None:
    assert recognise(["student_number" if field != "number" else "x", header]).fields[1] == field


def test_no_header_means_two_fields() -> None:
    meant: dict[str, set[str]] = {}
    for field, names in NAMES.items():
        for name in names.split(", "):
            meant.setdefault(header_key(name), set()).add(field)
    assert {key: fields for key, fields in meant.items() if len(fields) > 1} == {}
    assert all(header_key(field) not in meant or meant[header_key(field)] == {field} for field in NAMES)


@pytest.mark.parametrize("blank", ["", "  ", ";;;", ",,,", "\u00a0", "\n\r\n\t"])
def test_blank_lines_before_the_header_are_skipped(tmp_path: Path, blank: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        f"{blank}\n\nStudent No;First name;Last name\nS-1;Sanna;Vale\n;Ida;Reed\n", encoding="utf-8-sig", newline=""
    )
    result = run(path)
    assert counts(result) == (1, 0, 0, 1)
    assert result["rejections"][0]["line"] == path.read_text("utf-8-sig").count("\n")


def test_blank_lines_after_excels_own_are_skipped_too(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("sep=|\n\n|\nStudent No|Full name\nS-1|Sanna Vale\n", encoding="utf-8")
    assert counts(run(tmp_path / "f.csv")) == (1, 0, 0, 0)


def test_a_file_of_blank_lines_is_empty(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("\n,,\n \n")
    with pytest.raises(CommandError, match="empty"):
        run(tmp_path / "f.csv")


def test_two_columns_of_one_meaning_are_not_mixed(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "f.csv", {**NAMED, "Phone": "111", "Mobile": "222", "ID": "7"})
    result = run(path)
    assert Student.objects.get(number="S-1").phone == "111"
    assert any("Mobile" in message for message in warned(result))


def test_the_errors_file_is_safe_to_open_in_a_spreadsheet(tmp_path: Path) -> None:
    errors = tmp_path / "errors.csv"
    run(
        write_csv(tmp_path / "f.csv", {**NAMED, "Student No": "", "Thesis title": "=1+1", "Phone": "+7"}),
        "--errors",
        str(errors),
    )
    cells = errors.read_text(encoding="utf-8-sig").splitlines()[1].split(",")
    assert "'=1+1" in cells
    assert "'+7" in cells
    assert reasons(run(errors)) == ["number: the student number is missing."]


def test_the_errors_file_never_replaces_the_file_itself(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "f.csv", NAMED)
    with pytest.raises(CommandError, match="another name"):
        run(path, "--errors", str(path))
    assert path.read_bytes()
