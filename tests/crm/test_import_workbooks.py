"""Workbooks as Excel and others write them, made by hand: what a cell shows is what is imported."""

import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError
from openpyxl import Workbook

from crm.imports.files import open_table
from tests.crm.importing import counts, run

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{KIND}.sharedStrings+xml"/></Types>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Chart" sheetId="1" r:id="r1"/><sheet name="Students" sheetId="2" r:id="r2"/>'
    '<sheet name="Notes" sheetId="3" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/chartsheet" Target="chartsheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r3" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/chartsheets/sheet1.xml": f'<chartsheet xmlns="{MAIN}"/>',
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="00000"/></numFmts>'
    '<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="2"/></cellXfs></styleSheet>',
    "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>Student No</t></si><si><t>Тема</t></si>'
    '<si><r><t>Rich </t></r><r><rPr><b/></rPr><t>text</t></r><rPh sb="0" eb="1"><t>say</t></rPh></si></sst>',
}


def workbook(folder: Path, rows: str, name: str = "f.xlsx") -> Path:
    sheet = f'<worksheet xmlns="{MAIN}"><dimension ref="A1:B9"/><sheetData>{rows}</sheetData></worksheet>'
    with zipfile.ZipFile(folder / name, "w") as archive:
        for part, content in {**PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            archive.writestr(part, content)
    return folder / name


def read(path: Path) -> list[list[str]]:
    with open_table(path, lambda header: True) as table:
        return [table.headers, *(row.cells for row in table.rows)]


CELLS = [
    ('<c r="A1" t="s"><v>1</v></c>', "Тема"),
    ('<c r="A1" t="s"><v>2</v></c>', "Rich text"),
    ('<c r="A1" t="inlineStr"><is><t>plain</t></is></c>', "plain"),
    ('<c r="A1" t="inlineStr"><is><r><t>in </t></r><r><t>parts</t></r><rPh><t>say</t></rPh></is></c>', "in parts"),
    ('<c r="A1" t="str"><f>Other!A1</f><v>00420</v></c>', "00420"),
    ('<c r="A1"><f>21*2</f><v>42</v></c>', "42"),
    ('<c r="A1"><v>20240017</v></c>', "20240017"),
    ('<c r="A1"><v>20240017.0</v></c>', "20240017"),
    ('<c r="A1" s="1"><v>42</v></c>', "00042"),
    ('<c r="A1" s="3"><v>42</v></c>', "42"),
    ('<c r="A1"><v>7.0000000000000009</v></c>', "7"),
    ('<c r="A1"><v>0.30000000000000004</v></c>', "0.3"),
    ('<c r="A1" s="2"><v>46203</v></c>', "2026-06-30"),
    ('<c r="A1" s="2"><v>46203.5</v></c>', "2026-06-30 12:00:00"),
    ('<c r="A1" t="d"><v>2026-06-30</v></c>', "2026-06-30"),
    ('<c r="A1" t="b"><v>1</v></c>', "yes"),
    ('<c r="A1" t="b"><v>0</v></c>', "no"),
    ("<c><v>1</v></c>", "1"),
]
EMPTY = [
    '<c r="A1" t="e"><v>#N/A</v></c>',
    '<c r="A1" s="2"><v>99999999999</v></c>',
    '<c r="A1" t="s"/>',
    '<c r="A1" t="inlineStr"/>',
    '<c r="A1" s="1"/>',
]


@pytest.mark.parametrize(("cell", "text"), [*CELLS, *((cell, "") for cell in EMPTY)])
def test_a_cell_is_the_text_that_it_shows(tmp_path: Path, cell: str, text: str) -> None:
    rows = f'<row r="1">{cell}<c r="B1"><v>5</v></c></row>'
    assert read(workbook(tmp_path, rows)) == [[text, "5"]]


def test_gaps_between_cells_and_rows_stay_gaps(tmp_path: Path) -> None:
    rows = (
        '<row r="3"><c r="B3" t="s"><v>0</v></c><c r="D3" t="s"><v>1</v></c><c r="E3" s="1"/></row>'
        '<row r="7"><c r="D7"><v>7</v></c><c r="B7"><v>6</v></c></row>'
        '<row><c t="b"><v>1</v></c><c t="b"><v>0</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    with open_table(workbook(tmp_path, rows), lambda header: True) as table:
        assert table.headers == ["", "Student No", "", "Тема"]
        assert table.expected == 8
        found = {row.line: row.cells for row in table.rows}
    assert list(found) == [7, 8, 1_048_576]
    assert (found[7], found[8]) == (["", "6", "", "7"], ["yes", "no"])
    assert found[1_048_576] == [""] * 16_383 + ["1"]


def test_what_a_file_is_shows_in_its_first_bytes_not_in_its_name(tmp_path: Path) -> None:
    rows = '<row><c t="s"><v>0</v></c></row>'
    assert read(workbook(tmp_path, rows, "students.csv")) == [["Student No"]]


def test_another_sheet_may_be_broken(tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    for title in ("First", "Second"):
        book.create_sheet(title).append(["Student No"])
    book.save(tmp_path / "whole.xlsx")
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as whole, zipfile.ZipFile(tmp_path / "f.xlsx", "w") as archive:
        for name in whole.namelist():
            archive.writestr(name, b"<broken" if name.endswith("sheet2.xml") else whole.read(name))
    assert read(tmp_path / "f.xlsx") == [["Student No"]]


BROKEN = {
    "no such text": '<row><c t="s"><v>9</v></c></row>',
    "no number": "<row><c><v>x</v></c></row>",
    "no place": '<row><c r="??"><v>1</v></c></row>',
    "endless row": '<row r="1e999"/>',
    "open tag": "<row>",
}


@pytest.mark.parametrize("rows", BROKEN.values(), ids=BROKEN)
@pytest.mark.django_db
def test_damage_is_an_error_of_the_command(tmp_path: Path, rows: str) -> None:
    with pytest.raises(CommandError, match="damaged"):
        run(workbook(tmp_path, f'<row><c t="s"><v>0</v></c></row>{rows}'))


@pytest.mark.django_db
def test_every_cut_of_a_workbook_is_an_error_of_the_command(tmp_path: Path) -> None:
    whole = workbook(tmp_path, '<row><c t="s"><v>0</v></c></row>').read_bytes()
    for length in range(4, len(whole), 97):
        (tmp_path / "f.xlsx").write_bytes(whole[:length])
        with pytest.raises(CommandError, match="damaged"):
            run(tmp_path / "f.xlsx")


@pytest.mark.django_db
def test_damage_far_down_keeps_what_came_before(tmp_path: Path) -> None:
    """The rows above are written in batches, so a mended file goes on from there."""
    names = '<c t="inlineStr"><is><t>{}</t></is></c>'
    head = f'<row><c t="s"><v>0</v></c>{names.format("Full name")}</row>'
    rows = "".join(f"<row><c><v>{n}</v></c>{names.format('Sanna Vale')}</row>" for n in range(600))
    with pytest.raises(CommandError, match="damaged"):
        run(workbook(tmp_path, f"{head}{rows}<row><c><v>x</v></c></row>"))
    assert counts(run(workbook(tmp_path, head + rows))) == (100, 0, 500, 0)
