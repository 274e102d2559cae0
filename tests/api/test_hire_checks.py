"""What follows an answer: confirmation, notices, checks after 6 and 12 months, and erasure."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.actions.erasure import erase_student
from crm.actions.hires import confirm_hire, offer_hire
from crm.actions.partners import add_representative, update_representative
from crm.links import issue_link, using_link
from crm.models import Hire, LinkPurpose, Mail, OneTimeLink, StageChange
from tests import cast
from tests.api.conftest import World
from tests.api.hiring import HIRES, TODAY, Client, day, fields_of, move, offer
from tests.cast import BY

# Confirmation -------------------------------------------------------------------------------------------------------


def test_the_partner_confirms_once_and_only_what_was_accepted(client: Client, world: World) -> None:
    hire, hanna = cast.hire(world.sonya, world.partner), client("partner")
    path = f"{HIRES}{hire.public_id}/confirm/"
    assert hanna.post(path).status_code == 409
    move(client("student"), hire, "accepted")
    assert hanna.post(path).status_code == 200
    assert Hire.objects.get(pk=hire.pk).confirmed_by == world.representative
    assert hanna.post(path).status_code == 409


def test_who_holds_the_link_confirms_as_the_person_it_was_issued_to(world: World) -> None:
    hire = cast.hire(world.sonya, world.partner, "accepted")
    token = issue_link(purpose=LinkPurpose.HIRE, record=hire.public_id, to=world.representative)
    with using_link(token) as bearer:
        confirm_hire(hire=hire, by=bearer)
    assert Hire.objects.get(pk=hire.pk).confirmed_by == world.representative


@pytest.mark.parametrize("role", ["partner", "office"])
def test_links_end_with_what_they_were_for(client: Client, world: World, role: str) -> None:
    hire = cast.hire(world.sonya, world.partner, "accepted")
    issue_link(purpose=LinkPurpose.HIRE, record=hire.public_id, to=world.representative)
    if role == "partner":
        client(role).post(f"{HIRES}{hire.public_id}/confirm/")
    else:
        move(client(role), hire, "rescinded", reason="The site was closed.")
    assert not OneTimeLink.objects.filter(used_at__isnull=True).exists()


# Notices ------------------------------------------------------------------------------------------------------------


def mails(template: str) -> list[Mail]:
    return list(Mail.objects.filter(template=template).order_by("id"))


def test_the_student_hears_of_an_offer_and_the_offerer_of_its_acceptance(client: Client, world: World) -> None:
    add_representative(partner=world.partner, given_name="Ned", family_name="New", by=BY)
    made = offer(client("partner"), student=str(world.sonya.public_id)).json()
    assert [mail.student for mail in mails("hire_offered")] == [world.sonya]
    move(client("student"), Hire.objects.get(public_id=made["id"]), "accepted")
    assert [mail.representative for mail in mails("hire_to_confirm")] == [world.representative]


def test_where_the_office_noted_the_offer_all_present_representatives_are_asked(client: Client, world: World) -> None:
    ned = add_representative(partner=world.partner, given_name="Ned", family_name="New", by=BY)
    past = {"ends": TODAY - timedelta(days=1)}
    add_representative(partner=world.partner, given_name="Pia", family_name="Past", by=BY, **past)
    move(client("student"), cast.hire(world.sonya, world.partner), "accepted")
    assert {mail.representative for mail in mails("hire_to_confirm")} == {world.representative, ned}


def test_who_offered_and_left_the_partner_is_not_asked(client: Client, world: World) -> None:
    hire = offer_hire(student=world.sonya, partner=world.partner, position="Analyst", by=world.users["partner"])
    ned = add_representative(partner=world.partner, given_name="Ned", family_name="New", by=BY)
    update_representative(representative=world.representative, by=BY, ends=TODAY - timedelta(days=1))
    move(client("student"), hire, "accepted")
    assert [mail.representative for mail in mails("hire_to_confirm")] == [ned]


def test_the_office_is_reminded_when_a_check_falls_due(world: World) -> None:
    hire = cast.hire(world.sonya, world.partner, "started", starts=date(2026, 8, 31))
    due = [(mail.record, timezone.localtime(mail.due_at).date(), mail.user) for mail in mails("hire_check_due")]
    olga, checks = world.users["office"], list(hire.checks.order_by("months"))
    assert due == [(check.public_id, check.due, olga) for check in checks]
    assert [check.due for check in checks] == [date(2027, 2, 28), date(2027, 8, 31)]


# Checks -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def started(world: World) -> Hire:
    return cast.hire(world.sonya, world.partner, "started")


def test_the_office_writes_down_what_a_check_found(client: Client, started: Hire) -> None:
    office, path = client("office"), f"{HIRES}{started.public_id}/checks/"
    first, second = office.get(path).json()
    assert (first["months"], second["months"], first["done_on"]) == (6, 12, None)
    done = office.patch(f"{path}{first['id']}/", {"still_there": True, "notes": "Promoted."}).json()
    assert (done["done_on"], done["still_there"], done["notes"]) == (day(0), True, "Promoted.")
    back = office.patch(f"{path}{first['id']}/", {"still_there": None}).json()
    assert (back["done_on"], back["still_there"]) == (None, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"done_on": "2026-01-01"}, "still_there"),
        ({"still_there": True, "done_on": "2999-01-01"}, "done_on"),
        ({"still_there": None, "done_on": "2026-01-01"}, "still_there"),
        ({"due": "2026-01-01"}, "due"),
        ({"months": 9}, "months"),
        ({"notes": "x" * 501}, "notes"),
    ],
)
def test_half_a_check_is_none(client: Client, started: Hire, body: dict[str, Any], field: str) -> None:
    path = f"{HIRES}{started.public_id}/checks/{started.checks.first().public_id}/"  # type: ignore[union-attr] # made
    response = client("office").patch(path, body)
    assert (response.status_code, fields_of(response)) == (400, [field])


def test_checks_of_another_hire_are_not_found(client: Client, world: World, started: Hire) -> None:
    other = cast.hire(world.nikita, world.partner, "started")
    check = other.checks.get(months=6).public_id
    assert client("office").patch(f"{HIRES}{started.public_id}/checks/{check}/", {}).status_code == 404


def test_leaving_answers_the_checks_that_were_not_done(client: Client, world: World) -> None:
    starts = TODAY - timedelta(days=400)
    hire = cast.hire(world.sonya, world.partner, "started", starts=starts, offered_on=starts)
    move(client("office"), hire, "left", left_on=(starts + timedelta(days=300)).isoformat())
    assert list(hire.checks.order_by("months").values_list("still_there", flat=True)) == [True, False]
    assert not hire.checks.filter(done_on__isnull=True).exists()


def test_a_corrected_first_day_moves_the_checks_that_are_not_done(client: Client, started: Hire) -> None:
    client("office").patch(f"{HIRES}{started.public_id}/", {"starts": "2026-01-31"})
    assert list(started.checks.order_by("months").values_list("due", flat=True)) == [
        date(2026, 7, 31),
        date(2027, 1, 31),
    ]
    assert Mail.objects.filter(template="hire_check_due").count() == 4


# Erasure and history ------------------------------------------------------------------------------------------------


def test_moves_are_kept_and_an_erased_student_takes_the_words_along(client: Client, world: World) -> None:
    hire = cast.hire(world.sonya, world.partner)
    move(client("office"), hire, "rescinded", reason="Sonya moved away.")
    history = StageChange.objects.filter(kind="hire").order_by("id")
    assert list(history.values_list("from_state", "to_state", "reason")) == [
        ("", "offered", ""),
        ("offered", "rescinded", "Sonya moved away."),
    ]
    issue_link(purpose=LinkPurpose.HIRE, record=hire.public_id, to=world.representative)
    erase_student(student=world.sonya, by=BY)
    assert not Hire.objects.exists()
    assert [change.reason for change in history.all()] == ["", ""]
    assert not history.filter(record=hire.public_id).exists()
    assert not OneTimeLink.objects.exists()
