"""What an import does to what is stored: blanks, CLEAR, labs, supervisors, signals, refusals of the database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import DataError, IntegrityError, OperationalError, connection

from crm.access import Audience
from crm.actions import import_students as action
from crm.actions.evidence import add_evidence
from crm.actions.reference import save_professor
from crm.actions.students import update_student
from crm.errors import NotAllowed
from crm.imports.columns import recognise
from crm.imports.table import Row, Table
from crm.models import Lab, Professor, SkillClaim, Student
from crm.signals import students_changed
from tests import cast
from tests.crm.importing import NAMED, counts, import_one, reasons, run, warned, write_csv

pytestmark = pytest.mark.django_db

FULL = {
    **NAMED,
    "Native name": "Санна Вейл",
    "E-mail": "s@vale.example",
    "Phone": "+7 912 000",
    "Degree": "master",
    "Graduation date": "2026-06-30",
    "Thesis title": "Title",
    "Abstract": "Abstract",
    "Skills": "PCR: 3; Python: 2",
    "Languages": "en:C1",
    "City": "Tomsk",
    "Cities willing to work": "Kazan; Moscow",
    "Willing to travel": "no",
    "Available from": "2026-09-01",
    "Headline": "Headline",
    "Summary": "Summary",
    "Projects": "Projects",
    "ORCID": "0000-0002-1825-0097",
    "GitHub": "sanna",
    "Lab": "Genome Editing",
    "Supervisor": "Prof. Lesnoy",
}


def stored(student: Student) -> dict[str, Any]:
    student = Student.objects.get(pk=student.pk)
    fields = {f.attname: getattr(student, f.attname) for f in Student._meta.concrete_fields if f.name != "updated_at"}
    related = ("claims", "languages", "work_cities", "links", "memberships", "supervisions")
    return fields | {name: getattr(student, name).count() for name in related}


@pytest.fixture
def full(tmp_path: Path) -> Student:
    cast.lab("Genome Editing")
    save_professor(professor=Professor(), by=cast.BY, given_name="Pavel", family_name="Lesnoy")
    assert counts(run(write_csv(tmp_path / "full.csv", FULL))) == (1, 0, 0, 0)
    return Student.objects.get()


def test_blank_cells_leave_everything(full: Student, tmp_path: Path) -> None:
    before = stored(full)
    assert all(
        value not in ("", None, 0)
        for name, value in before.items()
        if name not in {"programme_id", "placed", "willing_to_travel", "do_not_contact"}
    )
    blank = dict.fromkeys(FULL, "") | {"Student No": " S-1 "}
    assert counts(run(write_csv(tmp_path / "f.csv", blank))) == (0, 0, 1, 0)
    assert stored(full) == before
    assert Student.objects.get().updated_at == full.updated_at


def test_clear_empties_everything_but_number_and_names(full: Student, tmp_path: Path) -> None:
    clear = dict.fromkeys(FULL, "**CLEAR**") | NAMED
    assert counts(run(write_csv(tmp_path / "f.csv", clear))) == (0, 1, 0, 0)
    after = stored(full)
    kept = {"id", "public_id", "number", "given_name", "family_name", "created_at", "placed"}
    assert {name for name, value in after.items() if value not in ("", None, 0)} <= kept
    assert counts(run(write_csv(tmp_path / "f.csv", clear))) == (0, 0, 1, 0)


def test_a_list_replaces_the_list(full: Student, tmp_path: Path) -> None:
    claim = SkillClaim.objects.get(skill__slug="pcr")
    import_one(tmp_path, Skills="PCR: 5, SQL", Languages="de:B1", Cities_willing_to_work="Tomsk", GitHub="vale")
    assert dict(full.claims.values_list("skill__slug", "level")) == {"pcr": 5, "sql": 3}
    assert SkillClaim.objects.get(skill__slug="pcr").pk == claim.pk
    assert list(full.languages.values_list("code", flat=True)) == ["de"]
    assert list(full.work_cities.values_list("slug", flat=True)) == ["tomsk"]
    assert set(full.links.values_list("url", flat=True)) == {
        "https://orcid.org/0000-0002-1825-0097",
        "https://github.com/vale",
    }


def test_a_skill_without_a_level_keeps_the_level_it_has(full: Student, tmp_path: Path) -> None:
    import_one(tmp_path, Skills="Python; PCR")
    assert dict(full.claims.values_list("skill__slug", "level")) == {"pcr": 3, "python": 2}


@pytest.mark.parametrize("cell", ["SQL: 1", "**CLEAR**"])
def test_a_skill_that_evidence_backs_stays(full: Student, tmp_path: Path, cell: str) -> None:
    add_evidence(claim=SkillClaim.objects.get(skill__slug="pcr"), kind="defence", title="Thesis", by=cast.BY)
    result = run(write_csv(tmp_path / "f.csv", {**NAMED, "Skills": cell}))
    assert "evidence" in warned(result)[0]
    assert full.claims.get(skill__slug="pcr").evidence.count() == 1
    assert not full.claims.filter(skill__slug="python").exists()
    assert counts(run(write_csv(tmp_path / "f.csv", {**NAMED, "Skills": cell}))) == (0, 0, 1, 0)


def test_doubled_rows_are_unchanged_and_later_ones_update(tmp_path: Path) -> None:
    later = {**NAMED, "Phone": "1"}
    path = write_csv(tmp_path / "f.csv", NAMED, NAMED, later, later, {**NAMED, "Student No": " S-1"})
    assert counts(run(path, "--dry-run")) == (1, 1, 3, 0)
    assert counts(run(path)) == (1, 1, 3, 0)


def test_doubled_rows_in_different_batches_count_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action, "BATCH", 1)
    cells = ({"Phone": "1"}, {"Lab": "Lab of Q"}, {"Phone": "1", "Lab": "Q"}, {"Headline": "Chemist"})
    path = write_csv(tmp_path / "f.csv", *({**NAMED, **cell} for cell in cells))
    assert counts(run(path, "--dry-run", "--create-labs")) == (1, 2, 1, 0)
    assert counts(run(path, "--create-labs")) == (1, 2, 1, 0)
    assert counts(run(path, "--create-labs")) == (0, 0, 4, 0)
    assert Lab.objects.count() == 1


CONTRADICTIONS = [
    *(("Headline", "Chemist", "Physicist", "headline"), ("Phone", "1", "**CLEAR**", "phone")),
    *(
        ("First name", "Sanna", "Anna", "given_name"),
        ("Graduation date", "30.06.2026", "2026-07-01", "graduation_date"),
    ),
    *(("Skills", "PCR: 3; SQL", "PCR: 4; SQL", "skills"), ("Skills", "PCR; SQL", "PCR", "skills")),
    *(("Languages", "en:C1", "en:C2", "languages"), ("Languages", "en:C1", "en:C1, ru:C2", "languages")),
    *(("Cities willing to work", "Kazan; Moscow", "Kazan", "work_cities"), ("City", "Tomsk", "Kazan", "home_city")),
    *(("Willing to travel", "yes", "no", "willing_to_travel"), ("GitHub", "sanna", "vale", "github")),
    *(("Lab", "Optics", "**CLEAR**", "lab"), ("Full name", "Sanna Vale", "Sanna Moss", "family_name")),
]


@pytest.mark.parametrize("batch", [1, 500])
@pytest.mark.parametrize(("header", "first", "second", "field"), CONTRADICTIONS)
def test_a_row_that_contradicts_an_earlier_one_is_rejected_at_every_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: str, first: str, second: str, field: str, batch: int
) -> None:
    monkeypatch.setattr(action, "BATCH", batch)
    named = {"Student No": "S-1"} if header == "Full name" else NAMED
    rows = [{**named, header: cell} for cell in (first, second, first)]
    path = write_csv(tmp_path / "f.csv", {**NAMED, "Student No": "S-2"}, *rows)
    for options, expected in ((["--dry-run"], (2, 0, 1, 1)), ([], (2, 0, 1, 1)), ([], (0, 0, 3, 1))):
        result = run(path, "--create-labs", *options)
        assert (counts(result), reasons(result)) == (expected, [f"row 3 of this file says otherwise: {field}."])
        assert result["rejections"][0]["line"] == 4


COMPLETING = [
    *(("Skills", "PCR", "PCR: 4"), ("Skills", "PCR: 4", "PCR"), ("Graduation date", "30.06.2026", "2026-06-30")),
    *(("Lab", "Optics", "Robotics"), ("Lab", "Lab of Optics", "Optics"), ("Supervisor", "Prof. Lesnoy", "Petrov")),
    *(("City", "Tomsk", "Atlantis"), ("Languages", "en", "en:C1"), ("Degree", "M.Sc.", "master")),
]


@pytest.mark.parametrize(("header", "first", "second"), COMPLETING)
def test_rows_that_complete_each_other_are_taken_and_change_nothing_the_second_time(
    tmp_path: Path, header: str, first: str, second: str
) -> None:
    for name in ("Lesnoy", "Petrov"):
        save_professor(professor=Professor(), by=cast.BY, family_name=name)
    path = write_csv(tmp_path / "f.csv", {**NAMED, header: first}, {**NAMED, header: second, "Phone": "1"})
    assert run(path, "--create-labs")["rejected"] == 0
    assert counts(run(path, "--create-labs")) == (0, 0, 2, 0)


def test_an_end_that_a_later_row_tells_is_not_given_to_an_earlier_one_by_the_next_import(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "f.csv", {**NAMED, "Lab": "Optics"}, {**NAMED, "Graduation date": "2026-06-30"})
    run(path, "--create-labs")
    assert counts(run(path, "--create-labs")) == (0, 0, 2, 0)


def test_a_rejected_row_speaks_for_nobody_and_each_row_is_named_for_its_own_words(tmp_path: Path) -> None:
    cells = ({"Phone": "1"}, {"Phone": "2", "Headline": "A"}, {"Headline": "B"}, {"Phone": "3", "Headline": "C"})
    result = run(write_csv(tmp_path / "f.csv", *({**NAMED, **cell} for cell in cells)))
    said = "row {} of this file says otherwise: {}."
    assert reasons(result) == [
        said.format(2, "phone"),
        f"{said.format(2, 'phone')} {said.format(4, 'headline')}",
    ]


LAB_NAMES = ["Lab of RNA Therapeutics", "Laboratory of RNA Therapeutics", "RNA Therapeutics Lab", "rna therapeutics"]


def test_spellings_of_a_lab_are_one_lab_named_by_its_first_spelling(tmp_path: Path) -> None:
    rows = [
        {**NAMED, "Student No": f"S-{n}", "Lab": name}
        for n, name in enumerate([*LAB_NAMES, "RNA Therapeutics laboratory"])
    ]
    result = run(write_csv(tmp_path / "f.csv", *rows), "--create-labs")
    lab = Lab.objects.get()
    assert (lab.name, lab.name_key, result["labs_created"]) == ("RNA Therapeutics", "rna therapeutics", 1)
    assert lab.students.count() == 5


def test_a_rejected_row_makes_no_lab(tmp_path: Path) -> None:
    rows = [{**NAMED, "E-mail": "x", "Lab": "A"}, {**NAMED, "Last name": "", "Lab": "B"}]
    assert counts(run(write_csv(tmp_path / "f.csv", *rows), "--create-labs")) == (0, 0, 0, 2)
    assert not Lab.objects.exists()


def test_membership_ends_at_graduation_and_moves_with_it(tmp_path: Path) -> None:
    import_one(tmp_path, "--create-labs", Lab="Optics")
    student = import_one(tmp_path, "--create-labs", Lab="Optics lab", Graduation_date="2026-06-30")
    assert spans(student) == [("Optics", None, date(2026, 6, 30))]
    import_one(tmp_path, Graduation_date="2027-06-30")
    assert spans(student) == [("Optics", None, date(2027, 6, 30))]
    import_one(tmp_path, "--create-labs", Lab="Robotics")
    assert spans(student) == [("Optics", None, date(2027, 6, 30)), ("Robotics", None, date(2027, 6, 30))]


def spans(student: Student) -> list[tuple[str, date | None, date | None]]:
    return list(student.memberships.order_by("lab__name").values_list("lab__name", "starts", "ends"))


def test_dates_that_people_entered_stay(tmp_path: Path) -> None:
    lab, student = cast.lab("Optics"), import_one(tmp_path)
    later = {"lab": lab, "starts": date(2027, 1, 1), "ends": None}
    update_student(student=student, by=cast.BY, memberships=[later])
    import_one(tmp_path, Lab="Optics", Graduation_date="2026-06-30")
    assert spans(student) == [("Optics", date(2027, 1, 1), None)]


SUPERVISORS = [
    ("Prof. Lesnoy", "Pavel Lesnoy"),
    ("lesnoy", "Pavel Lesnoy"),
    ("Проф. Лесной П. А.", "Pavel Lesnoy"),
    ("P. Lesnoy", "Pavel Lesnoy"),
    ("Dr. Müller-Lang", "Uta Müller-Lang"),
    ("Muller-Lang, Uta", "Uta Müller-Lang"),
    ("Prof. O’Dell", "Nora O'Dell"),
    ("Ivan Petrov", "Ivan Petrov"),
    ("Petrov I.", None),
    ("Prof. Petrov", None),
    ("Anna Lesnoy", None),
    ("Igor", None),
]


@pytest.mark.parametrize(("cell", "expected"), SUPERVISORS)
def test_a_supervisor_is_found_only_where_one_is_meant(tmp_path: Path, cell: str, expected: str | None) -> None:
    for given, family, native in [
        ("Pavel", "Lesnoy", "Лесной Павел"),
        ("Uta", "Müller-Lang", ""),
        ("Nora", "O'Dell", ""),
        ("Ivan", "Petrov", ""),
        ("Igor", "Petrov", ""),
    ]:
        save_professor(professor=Professor(), by=cast.BY, given_name=given, family_name=family, native_name=native)
    student = import_one(tmp_path, Supervisor=cell)
    assert [professor.name for professor in student.supervisors.all()] == ([expected] if expected else [])


def test_changes_are_told_once_and_only_narrowing_is_marked(full: Student, tmp_path: Path) -> None:
    sent: list[tuple[list[int], Audience | None]] = []

    def listen(student_ids: list[int], narrows: Audience | None, **_: Any) -> None:
        sent.append((student_ids, narrows))

    students_changed.connect(listen)
    try:
        import_one(tmp_path, Phone="1")
        import_one(tmp_path, Phone="1")
        import_one(tmp_path, Lab="Genome Editing", Graduation_date="2027-06-30")
        import_one(tmp_path, Lab="Genome Editing", Graduation_date="2025-06-30")
        import_one(tmp_path, Supervisor="**CLEAR**")
    finally:
        students_changed.disconnect(listen)
    assert sent == [
        ([full.pk], None),
        ([full.pk], None),
        ([full.pk], Audience.PROFESSORS),
        ([full.pk], Audience.PROFESSORS),
    ]


def test_a_refusal_of_the_database_costs_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save = action.save

    def refuse(changes: dict[str, Any], **kwargs: Any) -> dict[str, int]:
        if "S-2" in changes:
            raise IntegrityError("no luck") if len(changes) > 1 else DataError("no luck with S-2")
        return save(changes, **kwargs)

    monkeypatch.setattr(action, "save", refuse)
    rows = [{**NAMED, "Student No": f"S-{n}", "Lab": f"Lab {n}"} for n in range(4)]
    result = run(write_csv(tmp_path / "f.csv", *rows), "--create-labs")
    assert counts(result) == (3, 0, 0, 1)
    assert "no luck with S-2" in reasons(result)[0]
    assert result["labs_created"] == Lab.objects.count() == 3


def test_a_killed_import_is_simply_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv(tmp_path / "f.csv", *({**NAMED, "Student No": f"S-{n}", "Skills": "PCR"} for n in range(10)))
    monkeypatch.setattr(action, "BATCH", 4)
    calls = []
    save = action.save

    def dies(changes: dict[str, Any], **kwargs: Any) -> dict[str, int]:
        calls.append(1)
        ids = save(changes, **kwargs)
        if len(calls) == 2:
            raise OperationalError("the disk is gone")
        return ids

    monkeypatch.setattr(action, "save", dies)
    with pytest.raises(CommandError, match="run the same command again"):
        run(path)
    assert Student.objects.count() == 4
    monkeypatch.setattr(action, "save", save)
    assert counts(run(path)) == (6, 0, 4, 0)
    assert SkillClaim.objects.count() == 10


def test_contradictions_are_found_again_after_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action, "BATCH", 1)
    path = write_csv(tmp_path / "f.csv", {**NAMED, "Phone": "1"}, {**NAMED, "Phone": "2"}, {**NAMED, "Phone": "2"})
    monkeypatch.setattr(action, "_batches", lambda rows: iter([[next(rows)]]))
    assert counts(run(path)) == (1, 0, 0, 0)
    monkeypatch.undo()
    assert counts(run(path)) == (0, 0, 1, 2)
    assert Student.objects.get().phone == "1"


def test_only_the_office_imports_and_makes_no_labs_by_the_way() -> None:
    people, columns = cast.Cast(), recognise(["number"])
    refused = [(people.ada, False), (people.pavel, False), (people.hanna, False), (people.olga, True)]
    for user, create_labs in refused:
        with pytest.raises(NotAllowed):
            action.import_students(table=Table(["number"], iter([])), columns=columns, by=user, create_labs=create_labs)
    action.import_students(table=Table(["number"], iter([])), columns=columns, by=people.olga)


def test_a_lab_that_somebody_makes_during_an_import_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action, "BATCH", 1)
    headers = [*NAMED, "Lab"]
    table = Table(headers, iter([Row(line, ["S-1", "Sanna", "Vale", "Optics"]) for line in (2, 3)]))
    made: list[Lab] = []

    def make(rows: int) -> None:
        made.append(cast.lab("Optics"))

    result = action.import_students(table=table, columns=recognise(headers), by=cast.BY, on_progress=make)
    assert (result.rows, len(made), made[0].students.count()) == (2, 2, 1)


def test_many_rows_take_few_statements(tmp_path: Path, django_assert_max_num_queries: Any) -> None:
    rows = [{**FULL, "Student No": f"S-{n}", "E-mail": f"s{n}@vale.example"} for n in range(400)]
    path = write_csv(tmp_path / "f.csv", *rows)
    with django_assert_max_num_queries(150):
        assert counts(run(path, "--create-labs")) == (400, 0, 0, 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_create_everybody_once(tmp_path: Path) -> None:
    rows = [{**NAMED, "Student No": f"S-{n}", "Skills": "PCR", "Lab": f"Place {n % 7}"} for n in range(900)]
    forth, back = write_csv(tmp_path / "forth.csv", *rows), write_csv(tmp_path / "back.csv", *reversed(rows))

    def import_and_close(path: Path) -> tuple[int, int, int, int]:
        try:
            return counts(run(path, "--create-labs"))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(import_and_close, [forth, back]))
    assert sum(created for created, *_ in both) == Student.objects.count() == SkillClaim.objects.count() == 900
    assert sum(rejected for *_, rejected in both) == 0
    assert Lab.objects.count() == 7
