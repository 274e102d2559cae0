"""Each time a student's data is shown a row says so, for good."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.models import Token
from crm.actions import disclosures
from crm.actions.disclosures import open_candidate as record_opening
from crm.actions.disclosures import open_candidates, record_disclosures
from crm.actions.erasure import erase_student
from crm.errors import NotAllowed, TooMany, Unavailable
from crm.models import Disclosure, DisclosureKind, Student, User
from search.profiles import contact_details, open_candidate
from tests import cast
from tests.processes import together
from tests.visibility.searching import search, suggested

pytest_plugins = ("tests.committed",)


def rows(user: User | None = None) -> list[tuple[str, int | None, int | None]]:
    """(kind, partner, student), oldest first."""
    kept = Disclosure.objects.filter(viewer=user) if user else Disclosure.objects.all()
    return list(kept.order_by("pk").values_list("kind", "partner_id", "student_id"))


@pytest.fixture
def shown(index):
    """Three students whom Hanna sees with their contact details, and one whom she does not."""
    people = cast.Cast()
    for person in (people.open, people.loyal):
        cast.consent(person, None, "profile", "contact")
    index.catch_up()
    return people


@pytest.mark.django_db
def test_a_search_page_leaves_a_row_for_each_student_on_it_in_one_insert(shown):
    with CaptureQueriesContext(connection) as queries:
        page = search(shown.hanna, q="moss OR birch OR reed")
    assert page.count == 2
    assert sorted(rows()) == sorted(("search_page", shown.veresk.pk, person.pk) for person in (shown.open, shown.loyal))
    # What is planned once has no text here.
    assert sum('INSERT INTO "crm_disclosure"' in str(query["sql"]) for query in queries.captured_queries) == 1


@pytest.mark.django_db
def test_only_the_students_of_the_page_are_disclosed(shown):
    search(shown.hanna, sort="name", page_size="1")
    assert rows() == [("search_page", shown.veresk.pk, shown.loyal.pk)]


@pytest.mark.django_db
def test_a_page_that_shows_nobody_counts_nobody_by_facets(shown):
    """Counts of a few people tell of them; somebody of whom they tell reads of it."""
    page = search(shown.hanna, page="9")
    assert (page.count, page.results, page.facets, rows()) == (2, [], {}, [])
    assert search(shown.hanna, q="nobody").facets["skill"] == []


@pytest.mark.django_db
def test_suggesting_a_name_is_disclosed_and_counting_is_not(shown):
    assert suggested(shown.hanna, "crispr")["candidate"] == set()
    assert rows() == []
    assert suggested(shown.hanna, "oon")["candidate"] == {str(shown.open.public_id)}
    assert rows() == [("suggestion", shown.veresk.pk, shown.open.pk)]


@pytest.mark.django_db
def test_opening_and_contact_are_disclosed_each_time(shown):
    for read in (open_candidate, open_candidate, contact_details):
        read(user=shown.hanna, public_id=shown.open.public_id)
    kinds = ["candidate", "candidate", "contact"]
    assert rows() == [(kind, shown.veresk.pk, shown.open.pk) for kind in kinds]


@pytest.mark.django_db
def test_staff_leave_rows_too_without_a_partner(shown):
    search(shown.pavel, q="reed")
    open_candidate(user=shown.olga, public_id=shown.silent.public_id)
    assert rows() == [("search_page", None, shown.silent.pk), ("candidate", None, shown.silent.pk)]


@pytest.mark.django_db
def test_what_is_refused_shows_nothing_and_leaves_no_row(shown, settings):
    cast.consent(shown.silent, shown.veresk, "profile")
    for read, hidden, error in (
        (open_candidate, shown.gone.public_id, Student.DoesNotExist),
        (contact_details, shown.gone.public_id, Student.DoesNotExist),
        (open_candidate, uuid.uuid4(), Student.DoesNotExist),
        (contact_details, shown.silent.public_id, NotAllowed),
    ):
        with pytest.raises(error):
            read(user=shown.hanna, public_id=hidden)
    settings.PARTNER_DAILY_CANDIDATES = 0
    with pytest.raises(TooMany):
        open_candidate(user=shown.hanna, public_id=shown.open.public_id)
    assert rows() == []


@pytest.mark.django_db
def test_a_page_that_cannot_be_disclosed_is_not_shown(shown):
    def fail(execute, sql, params, many, context):
        if 'INSERT INTO "crm_disclosure"' in sql:
            raise DatabaseError("the disk is full")
        return execute(sql, params, many, context)

    for show in (
        lambda: search(shown.hanna),
        lambda: suggested(shown.hanna, "oon"),
        lambda: open_candidate(user=shown.hanna, public_id=shown.open.public_id),
    ):
        with connection.execute_wrapper(fail), pytest.raises(DatabaseError):
            show()


@pytest.mark.django_db
def test_more_students_than_one_statement_holds_are_all_disclosed(monkeypatch):
    monkeypatch.setattr(disclosures, "BATCH", 2)
    hanna, people = cast.representative(cast.partner()), [cast.student() for _ in range(5)]
    keys = [person.pk for person in people]
    record_disclosures(student_ids=keys, kind=DisclosureKind.SEARCH_PAGE, by=hanna)
    assert [student for _, _, student in rows(hanna)] == keys


def test_who_is_erased_while_a_page_is_made_is_not_shown(committed):
    hanna, person = cast.representative(cast.partner()), cast.student()
    key = person.pk
    erase_student(student=person, by=cast.BY)
    with pytest.raises(Unavailable) as refused:
        record_disclosures(student_ids=[key], kind=DisclosureKind.SEARCH_PAGE, by=hanna)
    assert (refused.value.retry_after, rows()) == (1, [])


@pytest.mark.django_db
def test_who_is_erased_before_they_are_opened_is_not_opened_nor_is_anybody_else():
    hanna, person, other = cast.representative(cast.partner()), cast.student(), cast.student()
    stale = Student.objects.get(pk=person.pk)
    erase_student(student=person, by=cast.BY)
    with pytest.raises(Unavailable), transaction.atomic():
        open_candidates(students=[other, stale], by=hanna)
    assert rows() == []


# The quota -----------------------------------------------------------------------------------------------------------


def crowd(size: int) -> list[Student]:
    people = [cast.student() for _ in range(size)]
    for person in people:
        cast.consent(person, None, "profile", "contact")
    return people


@pytest.mark.django_db
def test_a_partner_user_opens_so_many_distinct_candidates_a_day(settings, monkeypatch):
    settings.PARTNER_DAILY_CANDIDATES = 3
    veresk, olga = cast.partner(), cast.office()
    hanna, colleague = cast.representative(veresk), cast.representative(veresk, "Kai Second")
    one, two, three, four = (person.public_id for person in crowd(4))
    # Contact details count as an opening; what was opened already counts no more.
    for read, public_id in (
        (open_candidate, one),
        (contact_details, two),
        (contact_details, two),
        (contact_details, three),
    ):
        read(user=hanna, public_id=public_id)
    for read in (open_candidate, contact_details):
        with pytest.raises(TooMany) as refused:
            read(user=hanna, public_id=four)
        read(user=hanna, public_id=one)
    assert 0 < refused.value.retry_after <= 86_400
    open_candidate(user=colleague, public_id=four)
    for public_id in (one, two, three, four):
        open_candidate(user=olga, public_id=public_id)
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: midnight - timedelta(seconds=1))
    with pytest.raises(TooMany) as refused:
        open_candidate(user=hanna, public_id=four)
    assert refused.value.retry_after <= 2
    monkeypatch.setattr(timezone, "now", lambda: midnight)
    open_candidate(user=hanna, public_id=four)


@pytest.mark.django_db
def test_looking_through_pages_and_suggestions_uses_up_nothing(settings):
    settings.PARTNER_DAILY_CANDIDATES = 1
    hanna, (one, two, three) = cast.representative(cast.partner()), crowd(3)
    for kind in (DisclosureKind.SEARCH_PAGE, DisclosureKind.SUGGESTION):
        record_disclosures(student_ids=[one.pk, two.pk], kind=kind, by=hanna)
    record_opening(student=three, by=hanna)
    with pytest.raises(TooMany):
        record_opening(student=one, by=hanna)


@pytest.mark.django_db
def test_an_erased_candidate_still_counts_for_the_day(settings):
    settings.PARTNER_DAILY_CANDIDATES = 2
    hanna, (one, two, three) = cast.representative(cast.partner()), crowd(3)
    record_opening(student=one, by=hanna)
    record_opening(student=two, by=hanna)
    erase_student(student=two, by=cast.BY)
    with pytest.raises(TooMany):
        record_opening(student=three, by=hanna)


@pytest.mark.postgres
def test_openings_at_once_do_not_pass_the_quota(committed, settings):
    settings.PARTNER_DAILY_CANDIDATES = 2
    hanna, people = cast.representative(cast.partner()), crowd(4)
    outcomes = together(*(lambda person=person: record_opening(student=person, by=hanna) for person in people))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "NoneType", "TooMany", "TooMany"]
    assert Disclosure.objects.filter(kind=DisclosureKind.CANDIDATE).count() == 2


# Append only ---------------------------------------------------------------------------------------------------------

FORBIDDEN = {
    "delete": lambda kept: Disclosure.objects.filter(pk=kept.pk).delete(),
    "raw delete": lambda kept: _execute("DELETE FROM crm_disclosure"),
    "kind": lambda kept: Disclosure.objects.filter(pk=kept.pk).update(kind="contact"),
    "time": lambda kept: Disclosure.objects.filter(pk=kept.pk).update(at=timezone.now()),
    "student": lambda kept: Disclosure.objects.filter(pk=kept.pk).update(student=cast.student()),
    "viewer": lambda kept: Disclosure.objects.filter(pk=kept.pk).update(viewer=cast.admin()),
    "partner": lambda kept: Disclosure.objects.filter(pk=kept.pk).update(partner=None),
    "id": lambda kept: Disclosure.objects.filter(pk=kept.pk).update(public_id=uuid.uuid4()),
    "redaction with more": lambda kept: Disclosure.objects.filter(pk=kept.pk).update(student=None, kind="contact"),
    "raw update": lambda kept: _execute("UPDATE crm_disclosure SET kind = 'contact'"),
    "undoing a redaction": lambda kept: _undo(kept),
    "emptying the table": lambda kept: _empty(kept),
}


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _empty(kept: Disclosure) -> None:
    """In one statement that deletes no single row; of the two, each database knows one."""
    if connection.vendor == "sqlite":
        columns = "id, public_id, viewer_id, partner_id, student_id, kind, at"
        _execute(f"INSERT OR REPLACE INTO crm_disclosure ({columns}) SELECT {columns} FROM crm_disclosure")
    else:
        connection.check_constraints()  # else PostgreSQL refuses for those that are still to be checked
        _execute("TRUNCATE crm_disclosure")


def _undo(kept: Disclosure) -> None:
    student = kept.student
    Disclosure.objects.filter(pk=kept.pk).update(student=None)
    Disclosure.objects.filter(pk=kept.pk).update(student=student)


@pytest.mark.django_db
@pytest.mark.parametrize("change", FORBIDDEN)
def test_the_database_refuses_to_change_or_delete_a_row(change):
    hanna, person = cast.representative(cast.partner()), cast.student()
    record_opening(student=person, by=hanna)
    before = Disclosure.objects.values().get()
    with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
        FORBIDDEN[change](Disclosure.objects.get())
    assert Disclosure.objects.values().get() == before


@pytest.mark.django_db
def test_redaction_passes_and_takes_nothing_but_the_student():
    hanna, person = cast.representative(cast.partner()), cast.student()
    record_opening(student=person, by=hanna)
    before = Disclosure.objects.values().get()
    Disclosure.objects.update(student=None)
    assert Disclosure.objects.values().get() == {**before, "student_id": None}


@pytest.mark.django_db
def test_whoever_was_shown_something_cannot_be_deleted_with_the_trace():
    hanna, person = cast.representative(cast.partner()), cast.student()
    record_opening(student=person, by=hanna)
    with pytest.raises(DatabaseError), transaction.atomic():
        hanna.delete()


# Students read theirs ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_students_read_who_was_shown_what_of_them_and_nothing_of_others(shown):
    open_candidate(user=shown.hanna, public_id=shown.open.public_id)
    open_candidate(user=shown.hanna, public_id=shown.loyal.public_id)
    open_candidate(user=shown.olga, public_id=shown.open.public_id)
    _, token = Token.objects.create(cast.student_account(shown.open), expiry=timedelta(days=1))
    answer = Client(headers={"Authorization": f"Token {token}"}).get("/api/v1/me/disclosures/")
    told = [
        (row["kind"], row["partner"] and row["partner"]["slug"], row["viewer_role"]) for row in answer.json()["results"]
    ]
    assert told == [("candidate", None, "office"), ("candidate", "veresk", "partner")]
    assert "hanna" not in answer.content.decode().lower()
