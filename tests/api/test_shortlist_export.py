"""A shortlist as a file: what its list shows and contact details that are released, safe to open, a disclosure each."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from crm.actions.consents import withdraw_consent
from crm.actions.students import update_student
from crm.models import Disclosure, Shortlist, ShortlistEntry, Student
from tests import cast
from tests.api.conftest import World
from tests.api.listing import PATH, Client, add, entries
from tests.cast import BY

pytestmark = pytest.mark.once

pytest_plugins = ("tests.api.listing",)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = [
    *("id", "stage", "tags", "notes", "added_by", "added_at", "candidate", "name", "native_name", "headline", "lab"),
    *("programme", "degree", "graduation_year", "thesis_title", "home_city", "available_from", "skills"),
    *("email", "phone"),
]


def exported(client: Any, shortlist: Shortlist, query: str = "?format=csv") -> list[dict[str, str]]:
    answer = client.get(f"{PATH}{shortlist.public_id}/export/{query}")
    assert answer.status_code == 200, answer.content
    if answer["Content-Type"] == XLSX:
        rows = [[str(cell) if cell is not None else "" for cell in row] for row in workbook(answer).values]
    else:
        rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def workbook(answer: Any) -> Any:
    return load_workbook(BytesIO(answer.content)).active


@pytest.fixture
def filled(client: Client, world: World, shortlist: Shortlist, oona: Student) -> Shortlist:
    add(client("partner"), shortlist, world.sonya.public_id, notes="Saw her talk", tags=["assays", "summer"])
    add(client("partner"), shortlist, oona.public_id, stage="offer")
    return shortlist


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_it_holds_the_fields_of_the_list_and_released_contact_details(
    client: Client, world: World, filled: Shortlist, form: str
) -> None:
    hanna = client("partner")
    shown = hanna.get(entries(filled)).json()["results"]
    oona, sonya = exported(hanna, filled, f"?format={form}")
    assert list(sonya) == COLUMNS
    assert [row["id"] for row in (oona, sonya)] == [row["id"] for row in shown]
    assert sonya == {
        **{name: str(shown[1][name]) for name in ("id", "stage", "notes")},
        "tags": "assays, summer",
        "added_by": "Hanna Brook",
        "added_at": sonya["added_at"],
        "candidate": str(world.sonya.public_id),
        "name": "Sonya Sokolova",
        "native_name": "",
        "headline": "",
        "lab": "Test Enzymes Lab",
        "programme": "Test Life Sciences",
        "degree": "master",
        "graduation_year": "2026",
        "thesis_title": "",
        "home_city": "Testograd",
        "available_from": "",
        "skills": "Test pipetting (4)",
        "email": world.sonya.email,
        "phone": "'+1",
    }
    assert (oona["stage"], oona["email"], oona["phone"]) == ("offer", "", "")


def test_names_and_types_of_the_files(client: Client, filled: Shortlist) -> None:
    path = f"{PATH}{filled.public_id}/export/"
    for query, kind, name in (
        ("", "text/csv; charset=utf-8", "shortlist.csv"),
        ("?format=csv", "text/csv; charset=utf-8", "shortlist.csv"),
        ("?format=xlsx", XLSX, "shortlist.xlsx"),
    ):
        answer = client("partner").get(f"{path}{query}", HTTP_ACCEPT="application/json, */*")
        assert (answer["Content-Type"], answer["Content-Disposition"]) == (kind, f'attachment; filename="{name}"')
    for wrong, field in (("format=xml", "format"), ("page_size=5", "page_size"), ("stage=hired", "stage")):
        refused = client("partner").get(f"{path}?{wrong}")
        assert (refused.status_code, list(refused.json()["error"]["fields"])) == (400, [field])


def test_it_is_filtered_as_the_list_is(client: Client, filled: Shortlist) -> None:
    for query in ("?format=csv&stage=offer", "?format=xlsx&stage=offer"):
        assert [row["name"] for row in exported(client("partner"), filled, query)] == ["Oona Birch"]
    assert [row["name"] for row in exported(client("partner"), filled, "?tag=SUMMER")] == ["Sonya Sokolova"]


def test_an_empty_list_is_a_header(client: Client, shortlist: Shortlist) -> None:
    answer = client("partner").get(f"{PATH}{shortlist.public_id}/export/?format=xlsx")
    assert [list(row) for row in workbook(answer).values] == [COLUMNS]


@pytest.mark.parametrize("text", ["=1+1", "+7", "-7", "@SUM(A1)", '=HYPERLINK("http://evil.example")', " =1+1"])
def test_no_cell_is_taken_for_a_formula(client: Client, filled: Shortlist, oona: Student, text: str) -> None:
    update_student(student=oona, headline=text, thesis_title=text, by=BY)
    ShortlistEntry.objects.update(notes=text)
    for query in ("?format=csv", "?format=xlsx"):
        row = exported(client("partner"), filled, query)[0]
        assert {row[name] for name in ("headline", "thesis_title", "notes")} == {f"'{text}"}
    answer = client("partner").get(f"{PATH}{filled.public_id}/export/?format=xlsx")
    assert "f" not in {cell.data_type for row in workbook(answer).iter_rows() for cell in row}


def test_no_cell_begins_after_a_semicolon(client: Client, filled: Shortlist) -> None:
    ShortlistEntry.objects.update(notes='Later;=HYPERLINK("http://evil.example");x')
    assert exported(client("partner"), filled)[0]["notes"] == 'Later;\'=HYPERLINK("http://evil.example");x'


def test_characters_that_no_workbook_can_hold_are_left_out(client: Client, filled: Shortlist) -> None:
    ShortlistEntry.objects.update(notes="a\x01b\ufffec\U0001f9ec")
    assert exported(client("partner"), filled, "?format=xlsx")[0]["notes"] == "abc\U0001f9ec"


def test_each_who_is_in_it_reads_of_the_export_and_nobody_else(client: Client, world: World, filled: Shortlist) -> None:
    before = Disclosure.objects.count()
    exported(client("partner"), filled, "?format=xlsx&stage=offer")
    (row,) = Disclosure.objects.order_by("pk")[before:]
    assert (row.student.name, row.kind, row.viewer) == ("Oona Birch", "export", world.users["partner"])


def test_whose_contact_details_are_in_it_counts_as_opened(
    client: Client, world: World, filled: Shortlist, oona: Student, settings: Any
) -> None:
    settings.PARTNER_DAILY_CANDIDATES = 2
    hanna = client("partner")
    before = Disclosure.objects.count()
    exported(hanna, filled)
    kinds = [(row.student.given_name, row.kind) for row in Disclosure.objects.order_by("pk")[before:]]
    assert sorted(kinds) == [("Oona", "export"), ("Sonya", "contact"), ("Sonya", "export")]
    for number in range(2):
        person = cast.student(f"Mora More{number}")
        cast.consent(person, None, "profile", "contact")
        ShortlistEntry.objects.create(shortlist=filled, student=person)
    before = Disclosure.objects.count()
    refused = hanna.get(f"{PATH}{filled.public_id}/export/")
    assert (refused.status_code, Disclosure.objects.count()) == (429, before)


def test_who_withdrew_is_in_no_file(client: Client, filled: Shortlist, oona: Student) -> None:
    withdraw_consent(consent=oona.consents.get(), by=BY)
    for query in ("?format=csv", "?format=xlsx"):
        assert [row["name"] for row in exported(client("partner"), filled, query)] == ["Sonya Sokolova"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_it_costs_the_same_whatever_its_length(client: Client, world: World, filled: Shortlist, form: str) -> None:
    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as captured:
            rows = exported(client_of_hanna, filled, f"?format={form}")
        return len(captured), len(rows)

    client_of_hanna = client("partner")
    assert cost() == (20, 2)
    people = [cast.student(f"Mora More{number}", skills={"python": 2}, labs=[world.lab]) for number in range(120)]
    for person in people:
        cast.consent(person, None, "profile", "contact")
    ShortlistEntry.objects.bulk_create(ShortlistEntry(shortlist=filled, student=person) for person in people)
    assert cost() == (21, 122)  # Whoever is opened for the first time is counted.
