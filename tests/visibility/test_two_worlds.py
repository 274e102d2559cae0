"""Whoever never consented leaves no trace in any answer to a partner."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

import pytest
from django.core import mail as django_mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from api.models import Token
from crm.access import may_contact
from crm.actions.alerts import queue_alerts
from crm.actions.mails import send_due_mails
from crm.actions.saved_searches import create_saved_search
from crm.actions.shortlists import create_shortlist
from crm.models import Mail, SavedSearch, Shortlist, ShortlistEntry, Student, User
from search.rebuild import rebuild
from tests import cast
from tests.visibility.two_worlds import SAVED, WorldMaker, id_of, questions

REQUESTS = 500
CONSENTING, FEW, MANY = 40, 20, 110


@dataclass(frozen=True)
class Answer:
    address: str
    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...]
    """All of them. A test client's answer carries no Date or Server; a real server adds these, whoever is stored."""


def ask(token: str, addresses: list[str]) -> list[Answer]:
    """Each address once, and after a page of candidates also what its `next` leads to."""
    client, answers, queue = Client(headers={"Authorization": f"Token {token}"}), [], list(addresses)
    while queue:
        address = queue.pop(0)
        response = client.get(address)
        headers = tuple(sorted(response.headers.items()))
        answers.append(Answer(address, response.status_code, response.content, headers))
        if "/candidates/?" in address and response.status_code == 200 and "cursor=" not in address:
            following = response.json()["next"]
            queue += [following.removeprefix("http://testserver")] if following else []
    return answers


@pytest.mark.slow
@pytest.mark.django_db
def test_two_worlds_that_differ_in_who_never_consented_answer_alike(index, monkeypatch, settings):
    """A quota of openings is in force in both, so refusals by it are compared too."""
    settings.PARTNER_DAILY_CANDIDATES = 4
    hanna = cast.representative(cast.partner("veresk"))
    cast.professor(heads=cast.lab())
    _, token = Token.objects.create(hanna, expiry=timedelta(days=1))
    now = timezone.now() + timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: now)
    maker = WorldMaker(now)
    addresses = [*pairs(), *questions(REQUESTS)]
    worlds = [answers_of(maker, silent, hanna, token, addresses) for silent in (FEW, MANY)]

    assert len(worlds[0]) > REQUESTS
    different = [pair for pair in zip(*worlds, strict=True) if pair[0] != pair[1]]
    assert not different, f"{len(different)} answers differ, such as {different[0]}"
    statuses = Counter(answer.status for answer in worlds[0])
    assert {200, 400, 403, 404, 429} <= set(statuses), statuses
    assert_worth_comparing(worlds[0])


def pairs() -> list[str]:
    """Comparisons of a few; the first of those whom the partner sees uses up a part of the quota."""
    ids = [id_of(f"C-{place:04}") for place in range(1, 7)]
    return [f"/api/v1/candidates/compare/?id={one}&id={two}" for one, two in combinations(ids, 2)]


def keep_searches(hanna: User) -> None:
    """With an alert each, before anybody is there to be found."""
    for parameters in SAVED:
        fields = {"name": f"All of {parameters!r}", "parameters": parameters, "alert": "daily"}
        made = create_saved_search(by=hanna, **fields)
        SavedSearch.objects.filter(pk=made.pk).update(public_id=id_of(parameters), created_at=timezone.now())


def keep_list(hanna: User) -> None:
    """Whom the partner sees now, and of the others all who could ever have come onto a list."""
    shortlist = create_shortlist(name="All", by=hanna)
    Shortlist.objects.filter(pk=shortlist.pk).update(public_id=id_of("shortlist"), created_at=timezone.now())
    for student in Student.objects.order_by("number"):
        entry = ShortlistEntry(shortlist=shortlist, student=student, added_by=hanna, notes="Seen")
        # Whose contact details are in a file counts as opened, of which few are allowed.
        entry.stage = "offer" if may_contact(hanna.representative.partner_id, student) else "contacted"
        entry.public_id, entry.added_at = id_of(f"entry {student.number}"), student.updated_at
        entry.save()
        entry.tags.create(name="Twin", key="twin")


def mails() -> list[Answer]:
    """What the alerts say; whom they name, and of how many more they tell."""
    django_mail.outbox.clear()
    queue_alerts(now=timezone.now() + timedelta(days=2))
    Mail.objects.update(due_at=timezone.now())
    send_due_mails()
    said = sorted((m.subject, m.body, m.alternatives[0][0]) for m in django_mail.outbox)
    return [Answer(subject, 200, f"{body}{html}".encode(), ()) for subject, body, html in said]


def answers_of(maker: WorldMaker, silent: int, hanna: User, token: str, addresses: list[str]) -> list[Answer]:
    """One world, asked, and gone again: labs, partners and the account are the same rows in the next one."""
    with transaction.atomic():
        rebuild()
        keep_searches(hanna)
        maker.build(consenting=CONSENTING, silent=silent)
        keep_list(hanna)
        assert Student.objects.count() == CONSENTING + silent
        assert Student.objects.filter(public_id=id_of("S-0100")).exists() == (silent == MANY)
        cache.clear()
        answers = [*mails(), *ask(token, addresses)]
        transaction.set_rollback(True)
    return answers


def assert_worth_comparing(answers: list[Answer]) -> None:
    """The questions do find people, and name some who must stay unseen; so do those of what was kept."""
    for part in ("/compare/", "/similar/", "/saved-searches/", "/entries/", "/export/"):
        assert any(b"Birch" in a.body or b"Fern" in a.body for a in answers if part in a.address), part
    assert sum("new candidates: All of" in answer.address for answer in answers) == len(SAVED) - 1
    bodies = b"".join(answer.body for answer in answers if answer.status == 200)
    assert (
        len(
            {
                public_id
                for public_id in map(id_of, map("C-{:04}".format, range(CONSENTING)))
                if str(public_id).encode() in bodies
            }
        )
        > 15
    )
    assert not any(str(id_of(f"S-{number:04}")).encode() in bodies for number in range(MANY))
    assert b"Xylander" not in bodies
