"""Who is erased is gone from every table, the index and the accounts; counts that name nobody stay; a restore does not undo it."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client

from api.models import Token
from crm import erasure_ledger
from crm.actions.disclosures import open_candidate
from crm.actions.erasure import erase_student, replay_erasures
from crm.errors import NotAllowed, Unavailable
from crm.models import (
    AnnouncedCandidate,
    Consent,
    ContactRevision,
    Disclosure,
    OneTimeLink,
    ShortlistEntry,
    ShortlistTag,
    StageChange,
    Student,
    User,
)
from crm.touchpoints import rebuild_touchpoints
from search.engines import engine
from search.fields import FAMILIES
from search.models import OutboxRow
from search.rebuild import verify
from tests import cast
from tests.crm.erasing import CANARY, account_of, whole_person, worked_with
from tests.visibility.searching import found, suggested

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ledger(settings, tmp_path) -> Path:
    settings.ERASURE_LEDGER = tmp_path / "folder" / "erasures.ledger"
    return settings.ERASURE_LEDGER


def cells_with(*needles: str) -> set[str]:
    """Every table.column of the database in which a text holds one of the needles."""
    places = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                cells = zip(columns, row, strict=True)
                places |= {f"{table}.{name}" for name, cell in cells if any(n in str(cell).lower() for n in needles)}
    return places


def test_nothing_of_the_person_is_left_in_any_table(index, django_capture_on_commit_callbacks):
    person = whole_person()
    user = account_of(person)
    hanna = cast.representative(cast.partner())
    records = worked_with(person, hanna)
    open_candidate(student=person, by=hanna)
    needles = [CANARY, str(person.public_id), person.public_id.hex]
    needles += [form for record in records for form in (record, record.replace("-", ""))]
    for record in (user, *person.consents.all(), *person.claims.all(), *person.publications.all()):
        needles += [str(record.public_id), record.public_id.hex]
    assert len(cells_with(CANARY)) >= 33
    reports = configured.VAR_DIR / "reports"
    assert any(b"canary" in path.read_bytes() for path in reports.iterdir())
    assert rebuild_touchpoints(verify=True) == 0
    counts, key = (Disclosure.objects.count(), StageChange.objects.count()), person.pk

    with django_capture_on_commit_callbacks(execute=True):
        erase_student(student=person, by=cast.office())

    assert cells_with(*needles) == set()
    assert not any(b"canary" in path.read_bytes() for path in reports.iterdir())
    assert rebuild_touchpoints(verify=True) == 0
    assert not OneTimeLink.objects.exists()
    assert not any(model.objects.exists() for model in (AnnouncedCandidate, ShortlistEntry, ShortlistTag))
    before = [revision.before["students"] for revision in ContactRevision.objects.order_by("id")]
    erased = {"id": None, "name": "erased", "affiliation": ""}
    assert before == [[erased], [], [erased]]
    assert (Disclosure.objects.count(), StageChange.objects.count()) == counts
    opened = Disclosure.objects.filter(viewer=hanna, kind="candidate").values_list("student", "partner__slug")
    assert set(opened) == {(None, "veresk")}
    # What is left is the plain number with a version, so that a late write cannot bring documents back.
    assert OutboxRow.objects.get(pk=key).version > 0


def test_the_account_is_out_at_once():
    person = cast.student()
    user = cast.student_account(person)
    _, token = Token.objects.create(user, expiry=timedelta(days=1))
    browser, program = Client(), Client(headers={"Authorization": f"Token {token}"})
    browser.force_login(user)
    for client in (browser, program):
        assert client.get("/api/v1/me/").status_code == 200
    erase_student(student=person, by=cast.BY)
    for client in (browser, program):
        assert client.get("/api/v1/me/").status_code in (401, 403)
    assert not User.objects.filter(pk=user.pk).exists()


def test_the_sessions_of_the_account_are_gone_and_others_stay():
    """They hold the e-mail, in a form in which no search of the tables finds it."""
    person, olga = cast.student(), cast.office()
    for account in (cast.student_account(person), olga, User.objects.get(student=person)):
        Client().force_login(account)
    erase_student(student=person, by=cast.BY)
    assert [session.get_decoded()[SESSION_KEY] for session in Session.objects.all()] == [str(olga.pk)]


def stored_ids() -> set[int]:
    return {item.student_id for family in FAMILIES for item in engine().stored(family)}


def test_the_index_forgets_the_person_in_both_families(index):
    person, hanna, olga = whole_person(), cast.representative(cast.partner()), cast.office()
    key = person.pk
    index.catch_up()
    assert key in stored_ids()
    assert found(hanna, q=CANARY + "ann") == found(olga, q="headline") == {str(person.public_id)}
    erase_student(student=person, by=olga)
    for written in (False, True):
        for user in (hanna, olga):
            assert found(user) == set()
            assert suggested(user, CANARY) == {"skill": set(), "lab": set(), "candidate": set()}
        if not written:
            index.catch_up()
    assert key not in stored_ids()
    assert verify() == []


def test_the_ledger_holds_the_random_id_and_nothing_else(ledger):
    person = whole_person()
    public_id = person.public_id
    assert erase_student(student=person, by=cast.BY) == public_id
    (line,) = ledger.read_text().splitlines()
    entry = json.loads(line)
    assert (set(entry), entry["erased"]) == ({"erased", "at"}, str(public_id))


def restored(person: Student) -> None:
    """As a backup brings a row back: the same keys, the same ids."""
    person.save(force_insert=True)
    Consent(student=person, profile=True, source="canary's form").save()


def test_a_replay_after_a_restore_erases_again(index, ledger):
    person, other = whole_person(), cast.student("Stays Here")
    hanna = cast.representative(cast.partner())
    backup = Student.objects.get(pk=person.pk)
    erase_student(student=person, by=cast.BY)
    index.catch_up()
    restored(backup)
    assert cells_with(CANARY)
    lines = ledger.read_text()
    assert replay_erasures(by=cast.BY) == 1
    assert replay_erasures(by=cast.BY) == 0
    assert cells_with(CANARY) == set()
    assert ledger.read_text() == lines
    index.catch_up()
    assert (found(hanna), stored_ids()) == (set(), {other.pk})


def test_a_damaged_line_does_not_keep_the_others_from_being_erased(ledger):
    people = [cast.student() for _ in range(2)]
    backups = [Student.objects.get(pk=person.pk) for person in people]
    for person in people:
        erase_student(student=person, by=cast.BY)
    for backup in backups:
        backup.save(force_insert=True)
    first, second = ledger.read_text().splitlines()
    ledger.write_text(f'{first}\n{{"erased": "not an id"}}\n\n{second}\n')
    with pytest.raises(ValueError, match="line 2"):
        replay_erasures(by=cast.BY)
    assert not Student.objects.exists()


def test_a_line_that_a_crash_cut_short_does_not_swallow_the_next(ledger):
    whole = erase_student(student=cast.student(), by=cast.BY)
    ledger.write_text(f'{ledger.read_text()}{{"erased": "0')
    person = cast.student()
    later = erase_student(student=person, by=cast.BY)
    assert erasure_ledger.read() == ({whole, later}, [2])


def test_the_line_is_on_the_disk_before_anything_is_erased(ledger, monkeypatch):
    person = cast.student()
    there = []
    sync = os.fsync

    def see(descriptor: int) -> None:
        sync(descriptor)
        there.append((str(person.public_id) in ledger.read_text(), Student.objects.filter(pk=person.pk).exists()))

    monkeypatch.setattr(os, "fsync", see)
    erase_student(student=person, by=cast.BY)
    assert there == [(True, True)]


def test_where_the_ledger_cannot_be_written_nothing_is_erased(settings, tmp_path):
    (tmp_path / "file").write_text("in the way")
    settings.ERASURE_LEDGER = tmp_path / "file" / "erasures.ledger"
    person = whole_person()
    with pytest.raises(Unavailable):
        erase_student(student=person, by=cast.BY)
    assert Student.objects.filter(pk=person.pk).exists()


def test_who_may_erase():
    person, veresk = cast.student(), cast.partner()
    cast.consent(person)
    for by in (cast.professor(), cast.representative(veresk), cast.student_account(person)):
        with pytest.raises(NotAllowed):
            erase_student(student=person, by=by)
        with pytest.raises(NotAllowed):
            replay_erasures(by=by)
    assert not Path(configured.ERASURE_LEDGER).exists()
    erase_student(student=person, by=cast.admin())


def test_erasing_twice_finds_nobody_the_second_time():
    person = cast.student()
    stale = Student.objects.get(pk=person.pk)
    erase_student(student=person, by=cast.BY)
    with pytest.raises(Student.DoesNotExist):
        erase_student(student=stale, by=cast.BY)


def test_others_keep_all_that_is_theirs():
    erased, kept = whole_person(), cast.student("Stays Here", skills={"crispr": 2}, labs=[cast.lab()])
    cast.consent(kept)
    hanna = cast.representative(cast.partner())
    open_candidate(student=kept, by=hanna)
    erase_student(student=erased, by=cast.BY)
    assert (kept.claims.count(), kept.memberships.count(), kept.consents.count(), kept.disclosures.count()) == (
        1,
        1,
        1,
        1,
    )
    moves = StageChange.objects.filter(record=kept.consents.get().public_id)
    assert [move.reason for move in moves] == ["signed form"]


def test_a_rolled_back_erasure_is_safe_to_repeat(ledger):
    """The ledger comes first: it may name somebody who is still there, never miss somebody who is gone."""
    person = cast.student()
    with transaction.atomic():
        erase_student(student=person, by=cast.BY)
        transaction.set_rollback(True)
    assert Student.objects.filter(public_id=person.public_id).exists()
    erase_student(student=Student.objects.get(public_id=person.public_id), by=cast.BY)
    assert not Student.objects.exists()
    assert len({json.loads(line)["erased"] for line in ledger.read_text().splitlines()}) == 1
