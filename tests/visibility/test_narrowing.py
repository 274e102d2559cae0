"""A search that starts after a narrowing has committed never shows that student: no hit, no count, no facet, no suggestion."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from api.models import Token
from crm.actions.consents import block_partner, withdraw_consent
from crm.actions.erasure import erase_student
from crm.actions.evidence import add_evidence, share_evidence
from crm.actions.students import update_student
from crm.errors import NotAllowed, Unavailable
from crm.models import Consent, Disclosure, LabMembership, Student, User
from search import candidates, outbox
from search.models import OutboxRow
from search.profiles import contact_details, open_candidate
from search.suggestions import MOST
from tests import cast
from tests.visibility.searching import all_pages, counted, found, search, suggested

pytest_plugins = ("tests.committed",)

TIMES = 200


@dataclass
class Crowd:
    """Students alike in all that can be asked, who let everybody see them; Hanna of Veresk and professor Pavel look on."""

    hanna: User
    pavel: User
    olga: User
    students: list[Student]


def crowd(size: int, *scopes: str, expires=None) -> Crowd:
    lab, veresk = cast.lab(), cast.partner()
    people = [cast.student("Zora Quist", skills={"crispr": 3}, labs=[lab]) for _ in range(size)]
    for person in people:
        cast.consent(person, None, *(scopes or ("profile", "contact")), expires=expires)
    outbox.drain_all()
    return Crowd(cast.representative(veresk), cast.professor(heads=lab), cast.office(), people)


def assert_shows(user: User, *, count: int, hidden: Student) -> None:
    """Wherever students can appear, `count` of the crowd do, and the hidden one does not."""
    page = search(user, q="zora", page_size="100")
    assert page.count == count
    assert str(hidden.public_id) not in {result["id"] for result in page.results}
    assert counted(page, "lab").get("genome-editing", 0) == count
    assert counted(page, "skill").get("crispr", 0) == count
    assert str(hidden.public_id) not in suggested(user, "zor")["candidate"]
    assert suggested(user, "crispr")["skill"] == ({"crispr"} if count else set())
    for read in (open_candidate, contact_details):
        with pytest.raises(Student.DoesNotExist):
            read(user=user, public_id=hidden.public_id)


def withdraw(person: Student) -> None:
    withdraw_consent(consent=person.consents.get(), by=cast.BY)


def block(person: Student) -> None:
    block_partner(student=person, partner=cast.partner(), by=cast.BY)


def erase(person: Student) -> None:
    erase_student(student=person, by=cast.BY)


def leave_the_lab(person: Student) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    update_student(student=person, by=cast.BY, memberships=[{"lab": cast.lab(), "ends": yesterday}])


NARROWINGS = {"withdrawal": (withdraw, "hanna"), "block": (block, "hanna"), "erasure": (erase, "hanna")}
NARROWINGS |= {"end of membership": (leave_the_lab, "pavel"), "erasure for professors": (erase, "pavel")}
NARROWINGS |= {"erasure for the office": (erase, "olga")}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", NARROWINGS)
@pytest.mark.parametrize("worker", ["stopped", "after each"])
def test_a_student_is_gone_with_the_commit_whatever_the_index_holds(index, kind, worker):
    narrow, viewer = NARROWINGS[kind]
    people = crowd(4)
    for done, person in enumerate(people.students, start=1):
        narrow(person)
        assert_shows(getattr(people, viewer), count=4 - done, hidden=person)
        if worker == "after each":
            assert index.catch_up() == 1
            assert_shows(getattr(people, viewer), count=4 - done, hidden=person)


@pytest.mark.slow
@pytest.mark.django_db
def test_two_hundred_withdrawals_with_the_worker_stopped_are_each_unseen_at_once(index):
    people = crowd(TIMES)
    for done, person in enumerate(people.students, start=1):
        withdraw(person)
        page = search(people.hanna, q="zora", facets=["skill"])
        assert (page.count, counted(page, "skill").get("crispr", 0)) == (TIMES - done, TIMES - done)
        assert str(person.public_id) not in {result["id"] for result in page.results}
        if done % 4 == 0:
            assert str(person.public_id) not in suggested(people.hanna, "quist")["candidate"]
    assert found(people.hanna) == set()
    assert outbox.pending() == TIMES


@pytest.mark.slow
def test_two_hundred_withdrawals_while_a_worker_drains_are_each_unseen_at_once(committed):
    people = crowd(TIMES)
    with draining() as drained:
        for done, person in enumerate(people.students, start=1):
            consent = person.consents.get()
            withdraw_consent(consent=consent, by=cast.BY)
            page = search(people.hanna, q="zora", facets=["skill"])
            assert (page.count, counted(page, "skill").get("crispr", 0)) == (TIMES - done,) * 2
            assert str(person.public_id) not in {result["id"] for result in page.results}
            if done % 4 == 0:
                assert str(person.public_id) not in suggested(people.hanna, "quist")["candidate"]
    assert sum(drained) == TIMES


@contextmanager
def draining() -> Iterator[list[int]]:
    """A thread that drains without a pause, as a worker of its own; what each round wrote."""
    from django.db import connections

    done, written = threading.Event(), []

    def run() -> None:
        while not done.is_set():
            written.append(outbox.drain_all())
        written.append(outbox.drain_all())
        connections.close_all()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield written
    finally:
        done.set()
        thread.join(60)
        assert not thread.is_alive()


@pytest.mark.django_db
def test_a_withdrawn_student_is_not_found_over_rest(index):
    people = crowd(2)
    _, token = Token.objects.create(people.hanna, expiry=timedelta(days=1))
    client = Client(headers={"Authorization": f"Token {token}"})
    gone, stays = people.students
    missing = client.get("/api/v1/candidates/00000000-0000-4000-8000-000000000000/")
    withdraw(gone)
    answer = client.get("/api/v1/candidates/", {"skill": "crispr"}).json()
    assert [result["id"] for result in answer["results"]] == [str(stays.public_id)]
    for address in ("", "contact/"):
        refused = client.get(f"/api/v1/candidates/{gone.public_id}/{address}")
        assert (refused.status_code, refused.content) == (404, missing.content)
    assert client.get("/api/v1/candidates/suggest/", {"prefix": "z"}).json()[-1]["value"] == str(stays.public_id)


@pytest.mark.django_db
def test_a_consent_ends_with_its_second_without_any_worker(index, monkeypatch):
    end = (timezone.now() + timedelta(hours=1)).replace(microsecond=0)
    people = crowd(3, expires=end)
    cast.consent(people.students[2], None, "profile")
    index.catch_up()
    for moment, count in ((end - timedelta(seconds=1), 3), (end, 0), (end + timedelta(seconds=1), 0)):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        page = search(people.hanna, q="zora", facets=["skill"])
        assert (page.count, counted(page, "skill").get("crispr", 0)) == (count, count), moment
        assert len(suggested(people.hanna, "zor")["candidate"]) == count
        assert suggested(people.hanna, "crispr")["skill"] == ({"crispr"} if count else set())
    # One has another consent without an end: found again once the sweep has written it anew.
    assert outbox.sweep() == 3
    index.catch_up()
    assert found(people.hanna) == {str(people.students[2].public_id)}


@pytest.mark.django_db
def test_a_membership_ends_with_its_last_day_without_any_worker(index, monkeypatch):
    people = crowd(2)
    today = timezone.localdate()
    for person in people.students:
        update_student(student=person, by=cast.BY, memberships=[{"lab": cast.lab(), "ends": today}])
    index.catch_up()
    assert len(found(people.pavel)) == 2
    tomorrow = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    for moment, count in ((tomorrow - timedelta(seconds=1), 2), (tomorrow, 0)):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        # What nobody loads again from the database: the skill is suggested only where the index shows a student.
        assert suggested(people.pavel, "crispr")["skill"] == ({"crispr"} if count else set())
        assert search(people.pavel, q="zora").count == count
        assert len(suggested(people.pavel, "zor")["candidate"]) == count
    assert search(people.olga, q="zora").count == 2


@pytest.mark.django_db
def test_evidence_that_is_no_longer_shared_cannot_be_asked_for(index):
    people = crowd(1, "evaluations")
    person = people.students[0]
    account = cast.student_account(person)
    evidence = add_evidence(claim=person.claims.get(), kind="defence", title="Thesis", by=cast.BY)
    share_evidence(evidence=evidence, shared=True, by=account)
    index.catch_up()
    assert search(people.hanna, evidenced="true").count == 1
    share_evidence(evidence=evidence, shared=False, by=account)
    assert search(people.hanna, evidenced="true").count == 0
    index.catch_up()
    assert search(people.hanna, evidenced="true").count == 0
    assert search(people.hanna).count == 1


@pytest.mark.django_db
def test_withdrawn_students_take_no_place_among_the_suggestions(index):
    people = crowd(MOST + 1)
    *gone, last = sorted(people.students, key=lambda person: person.public_id.hex)
    for person in gone:
        withdraw(person)
    assert suggested(people.hanna, "zora")["candidate"] == {str(last.public_id)}


def mark(first: int, many: int, **marks: bool) -> None:
    OutboxRow.objects.bulk_create(
        OutboxRow(student_id=10**6 + place, version=1, pending_since=timezone.now(), **marks)
        for place in range(first, first + many)
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("marks", "viewer", "others"),
    [
        ("narrows_partners", "hanna", ["pavel", "olga"]),
        ("narrows_professors", "pavel", ["hanna", "olga"]),
        ("narrows_everyone", "olga", ["pavel", "hanna"]),
    ],
)
def test_beyond_a_thousand_marks_the_answer_is_503_and_never_unfiltered(index, marks, viewer, others):
    people = crowd(2)
    mark(0, 1_000, **{marks: True})
    assert search(getattr(people, viewer)).count == 2
    mark(1_000, 1, **{marks: True})
    for ask in (search, lambda user: suggested(user, "zor")):
        with pytest.raises(Unavailable) as refused:
            ask(getattr(people, viewer))
        assert (refused.value.status, refused.value.retry_after > 0) == (503, True)
    for other in others:
        assert search(getattr(people, other)).count == 2


@pytest.mark.django_db
def test_beyond_a_thousand_marks_rest_says_when_to_come_back(index):
    people = crowd(1)
    mark(0, 1_001, narrows_partners=True)
    _, token = Token.objects.create(people.hanna, expiry=timedelta(days=1))
    for address in ("", "suggest/?prefix=z"):
        answer = Client(headers={"Authorization": f"Token {token}"}).get(f"/api/v1/candidates/{address}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
        assert int(answer["Retry-After"]) > 0
    assert not Disclosure.objects.exists()


def behind_the_back(*people: Student) -> None:
    """A change that no action made: the index and the outbox do not know of it."""
    Consent.objects.filter(student__in=people).update(stored_state="withdrawn")
    LabMembership.objects.filter(student__in=people).delete()


@pytest.mark.django_db
@pytest.mark.parametrize("viewer", ["hanna", "pavel"])
def test_a_hit_that_the_database_no_longer_shows_is_left_out_and_counted_anew(index, viewer):
    people = crowd(6)
    behind_the_back(*people.students[:2])
    page = search(getattr(people, viewer), q="zora", facets=["skill"])
    assert (page.count, len(page.results), counted(page, "skill")["crispr"]) == (4, 4, 4)
    shown = set(Disclosure.objects.values_list("student_id", flat=True))
    assert shown == {person.pk for person in people.students[2:]}


@pytest.mark.django_db
def test_an_index_that_is_far_off_is_said_and_not_served(index):
    people = crowd(5)
    behind_the_back(*people.students)
    with pytest.raises(Unavailable):
        all_pages(people.hanna, page_size="1")
    assert not Disclosure.objects.exists()


@pytest.mark.django_db
def test_marks_are_read_before_the_engine_is_asked(index, monkeypatch):
    """What commits while the engine answers was not there when the search began; what came before is out."""
    people = crowd(3)
    order = []
    read, ask = outbox.excluded_for, candidates.engine
    monkeypatch.setattr(outbox, "excluded_for", lambda audience: order.append("marks") or read(audience))
    monkeypatch.setattr(candidates, "engine", lambda: order.append("engine") or ask())
    search(people.hanna)
    assert order == ["marks", "engine"]


@pytest.mark.django_db
def test_a_withdrawal_while_the_engine_answers_is_caught_by_the_database(index, monkeypatch):
    people = crowd(3)
    ask, late = candidates.engine, [people.students[1]]

    def answer_late():
        class Late:
            def search(self, request):
                hits = ask().search(request)
                if late:
                    withdraw(late.pop())
                return hits

        return Late()

    monkeypatch.setattr(candidates, "engine", answer_late)
    page = search(people.hanna, q="zora")
    assert (page.count, len(page.results)) == (2, 2)


@pytest.mark.django_db
def test_who_may_not_search_is_refused_before_anything_is_read(index):
    people = crowd(1)
    account = cast.student_account(people.students[0])
    for ask in (search, lambda user: suggested(user, "z")):
        with pytest.raises(NotAllowed):
            ask(account)
    with pytest.raises(NotAllowed):
        open_candidate(user=account, public_id=people.students[0].public_id)
