"""Final reports: a PDF by its content, kept outside of the web root, given to those who may know whose it is."""

import os
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from rest_framework.test import APIClient

from crm.actions.consents import block_partner, withdraw_consent
from crm.actions.final_reports import ORPHAN_AGE, remove_orphans, remove_reports, store_report
from crm.errors import Unavailable
from crm.models import Disclosure, FinalReport, Immersion
from tests import cast
from tests.api.conftest import World
from tests.api.test_errors import error_of

pytestmark = pytest.mark.once

Client = Callable[[str], APIClient]
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
MOST = 10 * 2**20


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path / "reports"


@pytest.fixture
def stay(world: World, folder: Path) -> Immersion:
    return cast.immersion(world.sonya, world.partner, "active")


def address(stay: Immersion) -> str:
    return f"/api/v1/immersions/{stay.public_id}/final-report/"


def put(client: APIClient, stay: Immersion, body: bytes = PDF, content_type: str = "application/pdf") -> Any:
    return client.generic("PUT", address(stay), body, content_type)


def get(client: APIClient, stay: Immersion) -> tuple[int, bytes]:
    answer = client.get(address(stay))
    return answer.status_code, b"".join(answer.streaming_content) if answer.streaming else answer.content


def form(*contents: bytes) -> bytes:
    files = {f"file{place}": SimpleUploadedFile("x.exe", c, "text/html") for place, c in enumerate(contents)}
    return encode_multipart(BOUNDARY, files)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*")} if folder.exists() else set()


def test_a_report_is_kept_and_given_back_as_a_download(client: Client, stay: Immersion, folder: Path) -> None:
    kept = put(client("student"), stay)
    assert kept.status_code == 200
    assert kept.json()["final_report"]["size"] == len(PDF)
    [name] = files(folder)
    assert (folder / name).stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0
    assert not folder.is_relative_to(configured.STATIC_ROOT)
    for role in ("student", "office", "admin", "professor", "partner"):
        given = client(role).get(address(stay), headers={"Accept": "application/pdf"})
        assert (given.status_code, b"".join(given.streaming_content)) == (200, PDF)
        assert given["Content-Type"] == "application/pdf"
        assert given["Content-Disposition"] == 'attachment; filename="final-report.pdf"'
        assert (given["X-Content-Type-Options"], given["Cache-Control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize("contents", [(PDF,), (b"<html>",), (PDF, PDF), ()], ids=["one", "html", "two", "none"])
def test_a_form_with_one_file_will_do(client: Client, stay: Immersion, contents: tuple[bytes, ...]) -> None:
    answer = put(client("student"), stay, form(*contents), MULTIPART_CONTENT)
    assert answer.status_code == (200 if contents == (PDF,) else 400)
    if answer.status_code == 400:
        assert list(answer.json()["error"]["fields"]) == ["file"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>%PDF-1.7 %%EOF</html>",
        b" " + PDF,
        PDF[:-7],
        b"%PDF-1.7\n%%EOF" + b"\0" * 2048,
        b"MZ\x90\0",
        b"%PDF-",
    ],
)
def test_what_is_no_pdf_by_its_content_is_refused(client: Client, stay: Immersion, folder: Path, body: bytes) -> None:
    answer = put(client("student"), stay, body)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["file"])
    assert files(folder) == set()


def test_some_bytes_may_follow_the_end_of_a_pdf(client: Client, stay: Immersion) -> None:
    assert put(client("student"), stay, b"%PDF-1.7\n%%EOF" + b"\0" * 2043).status_code == 200


@pytest.mark.parametrize("content_type", ["application/json", "text/html", "", "application/x-www-form-urlencoded"])
def test_another_kind_of_body_is_415(client: Client, stay: Immersion, content_type: str) -> None:
    assert put(client("student"), stay, PDF, content_type).status_code == 415


def of_size(size: int) -> bytes:
    return PDF[:-6] + b"\0" * (size - len(PDF)) + PDF[-6:]


@pytest.mark.parametrize(("size", "status"), [(MOST, 200), (MOST + 1, 413)])
@pytest.mark.parametrize("way", ["plain", "form", "chunked"])
def test_ten_mebibytes_are_the_most(
    client: Client, stay: Immersion, folder: Path, way: str, size: int, status: int
) -> None:
    body, sonya = of_size(size), client("student")
    if way == "form":
        answer = put(sonya, stay, form(body), MULTIPART_CONTENT)
    elif way == "plain":
        answer = put(sonya, stay, body)
    else:
        stream = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        answer = sonya.generic("PUT", address(stay), b"", "application/pdf", **stream)
    assert answer.status_code == status
    assert len(files(folder)) == (1 if status == 200 else 0)
    assert status == 200 or error_of(answer)["code"] == "too_large"


def test_a_form_far_too_large_is_refused_before_it_is_read(client: Client, stay: Immersion) -> None:
    answer = client("student").generic(
        "PUT", address(stay), form(PDF), MULTIPART_CONTENT, CONTENT_LENGTH=str(MOST + 10_001)
    )
    assert answer.status_code == 413


def test_other_bodies_stay_at_one_megabyte(client: Client, stay: Immersion) -> None:
    path, body = address(stay).replace("final-report/", ""), b'{"site": "' + b"x" * 1_000_000 + b'"}'
    assert client("office").generic("PATCH", path, body, "application/json").status_code == 413
    stream = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    assert client("office").generic("PATCH", path, b"", "application/json", **stream).status_code == 413


@pytest.mark.parametrize(
    ("state", "status"),
    [("proposed", 409), ("applied", 409), ("agreed", 409), ("active", 200), ("completed", 200), ("cancelled", 409)],
)
def test_it_is_taken_from_when_the_immersion_is_active(
    client: Client, world: World, folder: Path, state: str, status: int
) -> None:
    stay = cast.immersion(world.sonya, world.partner, state)
    assert put(client("office"), stay).status_code == status
    assert len(files(folder)) == (status == 200)


def test_a_new_one_takes_the_place_of_the_former(
    client: Client, stay: Immersion, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    put(client("student"), stay)
    with django_capture_on_commit_callbacks(execute=True):
        put(client("office"), stay, PDF + b"%%EOF")
    assert files(folder) == {FinalReport.objects.get().file}
    assert get(client("student"), stay) == (200, PDF + b"%%EOF")


@pytest.mark.parametrize("ending", ["consent withdrawn", "blocked"])
def test_a_partner_reads_it_while_it_may_know_whose_it_is(
    client: Client, world: World, stay: Immersion, ending: str
) -> None:
    store_report(immersion=stay, pdf=PDF, by=cast.BY)
    over = cast.immersion(world.sonya, world.partner, "completed")
    store_report(immersion=over, pdf=PDF, by=cast.BY)
    hanna, record = client("partner"), address(over).replace("final-report/", "")
    assert get(hanna, over) == (200, PDF)
    if ending == "blocked":
        block_partner(student=world.sonya, partner=world.partner, by=cast.BY)
    else:
        withdraw_consent(consent=world.consent, by=cast.BY)
    assert get(hanna, stay) == (200, PDF)
    hidden = get(hanna, over)
    assert hidden[0] == 404
    assert hidden == get(hanna, cast.immersion(world.vera, world.partner))
    assert hanna.get(record).json()["final_report"] is None
    assert get(client("student"), over) == (200, PDF)
    for role in ("rival", "stranger"):
        assert get(client(role), over) == hidden


def test_a_download_stands_in_the_disclosures(client: Client, world: World, stay: Immersion) -> None:
    put(client("student"), stay)
    before = Disclosure.objects.count()
    get(client("student"), stay)
    assert Disclosure.objects.count() == before
    get(client("partner"), stay)
    row = Disclosure.objects.first()
    assert row
    assert (row.student, row.partner, row.kind) == (world.sonya, world.partner, "export")


# Files and rows -------------------------------------------------------------------------------------------------------


def test_where_the_row_is_taken_back_the_file_is_too(
    stay: Immersion, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_report(immersion=stay, pdf=PDF, by=cast.BY)
    first = files(folder)
    commit, broken = transaction.Atomic.__exit__, []

    def fail(self: Any, kind: Any, error: Any, trace: Any) -> None:
        """As a database that is lost at the commit."""
        commit(self, kind, error, trace)
        if len(files(folder)) == 2 and not broken:
            broken.append(True)
            raise DatabaseError

    monkeypatch.setattr(transaction.Atomic, "__exit__", fail)
    with pytest.raises(DatabaseError):
        store_report(immersion=stay, pdf=PDF + PDF, by=cast.BY)
    assert (files(folder), broken) == (first, [True])


def test_where_the_file_cannot_be_written_nothing_is_kept(client: Client, stay: Immersion, folder: Path) -> None:
    folder.write_text("in the way")
    answer = put(client("student"), stay)
    assert (answer.status_code, FinalReport.objects.exists()) == (503, False)
    with pytest.raises(Unavailable):
        store_report(immersion=stay, pdf=PDF, by=cast.BY)


def test_a_lost_file_is_said(client: Client, stay: Immersion, folder: Path) -> None:
    put(client("student"), stay)
    (folder / FinalReport.objects.get().file).unlink()
    assert client("student").get(address(stay)).status_code == 410


def test_files_without_a_row_are_removed_once_no_upload_can_be_under_way(stay: Immersion, folder: Path) -> None:
    assert remove_orphans() == 0
    store_report(immersion=stay, pdf=PDF, by=cast.BY)
    kept = files(folder)
    old = time.time() - ORPHAN_AGE - 1
    for name, age in (("a" * 64, old), ("b" * 64 + ".part", old), ("c" * 64, time.time())):
        (folder / name).write_bytes(PDF)
        os.utime(folder / name, (age, age))
    os.utime(folder / next(iter(kept)), (old, old))
    assert remove_orphans() == 2
    assert files(folder) == kept | {"c" * 64}


def test_the_files_of_a_student_go_when_the_erasure_commits(
    world: World, stay: Immersion, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    store_report(immersion=stay, pdf=PDF, by=cast.BY)
    other = cast.immersion(world.nikita, world.partner, "active")
    kept = store_report(immersion=other, pdf=PDF, by=cast.BY).file
    with django_capture_on_commit_callbacks(execute=True):
        remove_reports(world.sonya)
        assert len(files(folder)) == 2
    assert files(folder) == {kept}
