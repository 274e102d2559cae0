"""What a cell means, as tables of cases."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.imports.skills import parse_skills
from crm.models import City, Lab, Student
from tests import cast
from tests.crm.importing import NAMED, counts, import_one, reasons, run, warned, write_csv

pytestmark = pytest.mark.django_db

GOOD = [
    ("Graduation date", "2026-06-30", "graduation_date", "2026-06-30"),
    ("Graduation date", "30.06.2026", "graduation_date", "2026-06-30"),
    ("Graduation date", "1.2.2026", "graduation_date", "2026-02-01"),
    ("Graduation date", "2026-06-30 00:00:00", "graduation_date", "2026-06-30"),
    ("Дата выпуска", "29.02.2024", "graduation_date", "2024-02-29"),
    ("E-mail", "  Sanna.VALE@Alumni.Example.EDU ", "email", "sanna.vale@alumni.example.edu"),
    ("Phone", " +7 912  000-00-11 ", "phone", "+7 912 000-00-11"),
    ("Phone", "8(912)0020222", "phone", "8(912)0020222"),
    ("Degree", "M.Sc.", "degree", "master"),
    ("Degree", "Master's", "degree", "master"),
    ("Degree", "Ph.D.", "degree", "phd"),
    ("Степень", "Магистр", "degree", "master"),
    ("Степень", "бакалавр", "degree", "bachelor"),
    ("Степень", "к.т.н.", "degree", "phd"),
    ("Willing to travel", "Yes", "willing_to_travel", "True"),
    ("Готов к командировкам", "нет", "willing_to_travel", "False"),
    ("Thesis title", "=HYPERLINK(1)", "thesis_title", "=HYPERLINK(1)"),
    ("Thesis title", "+ and - and @", "thesis_title", "+ and - and @"),
    ("Thesis title", "two\r\nlines\x00\x07", "thesis_title", "two lines"),
    ("Abstract", "two \r\n lines", "thesis_abstract", "two\n lines"),
    ("Thesis title", "Jose\u0301", "thesis_title", "José"),
    ("ФИО", "Вейл Санна", "native_name", "Вейл Санна"),
]


@pytest.mark.parametrize(("header", "cell", "field", "value"), GOOD)
def test_a_good_cell(tmp_path: Path, header: str, cell: str, field: str, value: str) -> None:
    run(write_csv(tmp_path / "f.csv", {**NAMED, header: cell}))
    assert str(getattr(Student.objects.get(), field)) == value


BAD = [
    ("E-mail", "not-an-address", "e-mail address"),
    ("E-mail", f"a@{'b' * 300}.example", "characters"),
    ("Degree", "wizard", "bachelor, master, phd"),
    ("Graduation date", "30.06.20l9", "not a date"),
    ("Graduation date", "31.02.2026", "calendar"),
    ("Graduation date", "2026-13-01", "calendar"),
    ("Graduation date", "06/30/2026", "not a date"),
    ("Graduation date", "2026", "not a date"),
    ("Available from", "01.01.0001", "too far"),
    ("Student No", "", "missing"),
    ("Student No", "x" * 41, "41 characters"),
    ("Student No", "**CLEAR**", "cannot empty"),
    ("Last name", "", "needs one"),
    ("Last name", "**clear**", "cannot empty"),
    ("First name", "x" * 101, "101 characters"),
    ("Phone", "1" * 41, "41 characters"),
    ("Thesis title", "x" * 501, "501 characters"),
    ("Abstract", "x" * 20_001, "20001 characters"),
]


@pytest.mark.parametrize(("header", "cell", "sentence"), BAD)
def test_a_bad_cell_rejects_its_row_and_no_other(tmp_path: Path, header: str, cell: str, sentence: str) -> None:
    good = {**NAMED, "Student No": "S-2"}
    result = run(write_csv(tmp_path / "f.csv", {**NAMED, header: cell}, good))
    assert counts(result) == (1, 0, 0, 1)
    assert sentence in reasons(result)[0]
    assert Student.objects.get().number == "S-2"


def test_every_reason_is_said_at_once(tmp_path: Path) -> None:
    result = run(write_csv(tmp_path / "f.csv", {**NAMED, "Student No": "", "E-mail": "x", "Degree": "y"}))
    assert all(name in reasons(result)[0] for name in ("number:", "email:", "degree:"))


UNKNOWN = [
    ("Lab", "Lab of Nothing", "lab"),
    ("Programme", "Alchemy", "programme"),
    ("City", "Atlantis", "city"),
    ("Cities willing to work", "Atlantis", "city"),
    ("Skills", "Alchemy: 3", "skill"),
    ("Supervisor", "Prof. Nobody", "supervisor"),
    ("Languages", "Elvish C1", "language"),
    ("Languages", "English Z9", "level"),
    ("Willing to travel", "perhaps", "neither yes nor no"),
    ("ORCID", "0000-0002-1825-0098", "ORCID"),
    ("GitHub", "not a name", "GitHub"),
]


@pytest.mark.parametrize(("header", "cell", "word"), UNKNOWN)
def test_what_is_unknown_leaves_its_field_with_a_warning(tmp_path: Path, header: str, cell: str, word: str) -> None:
    result = run(write_csv(tmp_path / "f.csv", {**NAMED, header: cell}))
    assert counts(result) == (1, 0, 0, 0)
    assert len(result["warnings"]) == 1
    assert word in warned(result)[0]
    assert result["warnings"][0]["lines"] == [2]
    known = {**NAMED, "Skills": "PCR: 2", "City": "Tomsk", "Languages": "en:C1"}
    run(write_csv(tmp_path / "f.csv", known))
    assert counts(run(write_csv(tmp_path / "f.csv", {**NAMED, header: cell}))) == (0, 0, 1, 0)


@pytest.mark.parametrize("cell", ["n/a", "N/A", "none", "-", "—", "нет", "Не указано"])
@pytest.mark.parametrize("header", ["Lab", "Programme", "City", "Cities willing to work", "Skills", "Supervisor"])
def test_a_cell_that_names_nothing_leaves_its_field_with_a_warning(tmp_path: Path, header: str, cell: str) -> None:
    result = run(write_csv(tmp_path / "f.csv", {**NAMED, header: cell}), "--create-labs")
    assert counts(result) == (1, 0, 0, 0)
    assert len(result["warnings"]) == 1
    assert cell in warned(result)[0]
    assert not Lab.objects.exists()


def test_nothing_beside_a_lab_leaves_the_lab(tmp_path: Path) -> None:
    student = import_one(tmp_path, "--create-labs", Lab="n/a; Lab Automation; -")
    assert list(student.labs.values_list("name", flat=True)) == ["Lab Automation"]


SKILLS = [
    ("PCR: 3; Python - 2, C++ (4)", {"pcr": 3, "python": 2, "cpp": 4}),
    ("FEA: 2, python (4)", {"finite-element-analysis": 2, "python": 4}),
    ("ПЦР: 5; polymerase chain reaction (1)", {"pcr": 5}),
    ("C++, C#, R", {"cpp": 3, "csharp": 3, "r": 3}),
    ("Python 3", {"python": 3}),
    ("python-5\nHPLC=1", {"python": 5, "hplc": 1}),
    ("Python: 4/5", {"python": 4}),
    ("Python: 0, PCR: 6, HPLC: 2.5, SQL: 2", {"sql": 2}),
    ("Python;;  , ", {"python": 3}),
]


@pytest.mark.parametrize(("cell", "expected"), SKILLS)
def test_skills_in_every_notation(tmp_path: Path, cell: str, expected: dict[str, int]) -> None:
    student = import_one(tmp_path, Skills=cell)
    assert dict(student.claims.values_list("skill__slug", "level")) == expected


def test_a_level_outside_1_to_5_is_left_out_with_a_warning(tmp_path: Path) -> None:
    result = run(write_csv(tmp_path / "f.csv", {**NAMED, "Skills": "Python: 6; PCR: 2"}))
    assert "level outside 1 to 5" in warned(result)[0]
    assert counts(result) == (1, 0, 0, 0)


VOCABULARY = {"C++": 1, "Python 3": 2, "SARS-CoV-2": 3, "X-ray, soft": 4, "RT-PCR (one-step)": 5, "ПЦР": 6}
NOTATIONS = ("{0}: {1}", "{0} - {1}", "{0} ({1})", "{0}:{1}", "{0} – {1}", "{0} = {1}")


@given(
    st.lists(st.tuples(st.sampled_from(list(VOCABULARY)), st.integers(1, 5), st.sampled_from(NOTATIONS)), max_size=6),
    st.sampled_from(["; ", ";", "\n"]),
)
def test_skills_that_are_written_are_the_skills_that_are_read(
    items: list[tuple[str, int, str]], separator: str
) -> None:
    wanted: dict[int, int] = {}
    for name, level, _ in items:
        wanted[VOCABULARY[name]] = max(level, wanted.get(VOCABULARY[name], 0))
    text = separator.join(notation.format(name, level) for name, level, notation in items)
    assert parse_skills(text, VOCABULARY.get, warn=pytest.fail) == wanted


LANGUAGES = [
    ("en:C1, ru:C2", {"en": "C1", "ru": "C2"}),
    ("English C1; Russian native", {"en": "C1", "ru": "C2"}),
    ("английский — B2, русский родной", {"en": "B2", "ru": "C2"}),
    ("Английский (С1); немецкий язык: А2", {"en": "C1", "de": "A2"}),
    ("English fluent, de b1", {"en": "C1", "de": "B1"}),
    ("English upper-intermediate", {"en": "B2"}),
]


@pytest.mark.parametrize(("cell", "expected"), LANGUAGES)
def test_languages_in_every_notation(tmp_path: Path, cell: str, expected: dict[str, str]) -> None:
    student = import_one(tmp_path, Languages=cell)
    assert dict(student.languages.values_list("code", "level")) == expected


@pytest.mark.parametrize("cell", ["Tomsk", "томск", "г. Томск", "Tomsk, Russia", "  TOMSK "])
def test_a_city_is_found_by_any_of_its_names(tmp_path: Path, cell: str) -> None:
    assert import_one(tmp_path, City=cell).home_city == City.objects.get(slug="tomsk")


def test_cities_to_work_in_are_a_list(tmp_path: Path) -> None:
    student = import_one(tmp_path, Cities_willing_to_work="Tomsk; Казань; Atlantis")
    assert set(student.work_cities.values_list("slug", flat=True)) == {"tomsk", "kazan"}


NAMES = [
    ("Sanna Vale", "Sanna", "Vale", ""),
    ("Vale, Sanna Maria", "Sanna Maria", "Vale", ""),
    ("Щукин Лев Ильич", "Лев Ильич", "Щукин", "Щукин Лев Ильич"),
]


@pytest.mark.parametrize(("full", "given_name", "family", "native"), NAMES)
def test_a_full_name_is_taken_apart(tmp_path: Path, full: str, given_name: str, family: str, native: str) -> None:
    run(write_csv(tmp_path / "f.csv", {"Student No": "S-1", "ФИО": full}))
    student = Student.objects.get()
    assert (student.given_name, student.family_name, student.native_name) == (given_name, family, native)


def test_one_word_is_no_full_name(tmp_path: Path) -> None:
    result = run(write_csv(tmp_path / "f.csv", {"Student No": "S-1", "Full name": "Sanna", "E-mail": "x"}))
    assert counts(result) == (0, 0, 0, 1)
    assert "full_name: “Sanna” is no full name: a family and a given name are needed." in reasons(result)[0]
    assert "email:" in reasons(result)[0]


MIDDLE_NAMES = [
    ({"First name": "Sanna", "Last name": "Vale", "Middle name": "Maria"}, "Sanna Maria", 0),
    ({"Имя": "Лев", "Фамилия": "Щукин", "Отчество": "Ильич"}, "Лев Ильич", 0),
    ({"ФИО": "Щукин Лев Ильич", "Отчество": "Ильич"}, "Лев Ильич", 0),
    ({"Имя": "Lev", "Фамилия": "Shchukin", "Отчество": "Ильич"}, "Lev", 1),
    ({"First name": "S" * 60, "Last name": "Vale", "Middle name": "M" * 60}, "S" * 60, 1),
    ({"First name": "Sanna", "Last name": "Vale", "Middle name": "**CLEAR**"}, "Sanna", 0),
]


@pytest.mark.parametrize(("cells", "given_name", "warnings"), MIDDLE_NAMES)
def test_a_middle_name_joins_the_given_name(
    tmp_path: Path, cells: dict[str, str], given_name: str, warnings: int
) -> None:
    path = write_csv(tmp_path / "f.csv", {"Student No": "S-1", **cells})
    result = run(path)
    assert (counts(result), len(result["warnings"])) == ((1, 0, 0, 0), warnings)
    assert Student.objects.get().given_name == given_name
    assert counts(run(path)) == (0, 0, 1, 0)


def test_a_middle_name_alone_is_left_out_with_a_warning(tmp_path: Path) -> None:
    run(write_csv(tmp_path / "f.csv", NAMED))
    result = run(write_csv(tmp_path / "f.csv", {"Student No": "S-1", "Отчество": "Ильич"}))
    assert counts(result) == (0, 0, 1, 0)
    assert "middle_name" in warned(result)[0]
    assert Student.objects.get().given_name == "Sanna"


def test_programme_and_links(tmp_path: Path) -> None:
    programme = cast.programme("Life Sciences")
    student = import_one(tmp_path, Programme="life  sciences", ORCID="0000-0002-1825-0097", GitHub="@sanna-vale")
    assert student.programme == programme
    assert set(student.links.values_list("kind", "url")) == {
        ("orcid", "https://orcid.org/0000-0002-1825-0097"),
        ("github", "https://github.com/sanna-vale"),
    }
