"""What the clock queues: the digest of a morning, and partners that joined."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm.actions import announcements
from crm.actions.announcements import announce_partners, queue_digests
from crm.actions.mails import send_due_mails
from crm.actions.partners import create_partner, update_partner
from crm.models import FollowUp, Mail, Partner, Student, User
from tests import cast
from tests.cast import BY

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 20)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(DAY.year, DAY.month, DAY.day, hour, minute, tzinfo=UTC)


@pytest.fixture
def olga() -> User:
    """She wants a digest, and has one follow-up that is due on DAY."""
    olga = cast.office()
    User.objects.filter(pk=olga.pk).update(wants_digest=True)
    cast.follow_up(olga, partner=cast.partner())
    FollowUp.objects.update(due=DAY)
    Mail.objects.all().delete()
    olga.refresh_from_db()
    return olga


class TestDigest:
    @pytest.mark.parametrize(
        ("zone", "now", "day"),
        [
            ("", at(6, 59), None),
            ("", at(7), "2026-05-20"),
            ("", at(11, 59), "2026-05-20"),
            ("", at(12), None),
            ("Asia/Vladivostok", at(7), None),
            ("Asia/Vladivostok", at(0), "2026-05-20"),
            ("Asia/Vladivostok", at(21), "2026-05-21"),
            ("America/New_York", at(12), "2026-05-20"),
        ],
    )
    def test_it_is_queued_in_the_morning_of_its_reader(self, olga: User, zone: str, now: datetime, day: str) -> None:
        User.objects.update(time_zone=zone)
        assert queue_digests(now=now) == (1 if day else 0)
        keys = [f"follow_up_digest:{olga.pk}:{day}"] if day else []
        assert list(Mail.objects.values_list("key", flat=True)) == keys

    def test_once_a_day(self, olga: User) -> None:
        assert [queue_digests(now=at(hour)) for hour in (7, 8, 11)] == [1, 0, 0]
        assert queue_digests(now=at(7) + timedelta(days=1)) == 1

    @pytest.mark.parametrize(
        "change",
        [
            lambda: User.objects.update(wants_digest=False),
            lambda: User.objects.update(is_active=False),
            lambda: FollowUp.objects.update(due=DAY + timedelta(days=1)),
            lambda: FollowUp.objects.update(state="done", closed_at=timezone.now()),
        ],
    )
    def test_not_for_who_does_not_want_it_or_has_nothing_due(self, olga: User, change: Any) -> None:
        change()
        assert queue_digests(now=at(7)) == 0

    def test_it_costs_the_same_for_all(self, olga: User, django_assert_num_queries: Any) -> None:
        User.objects.update(wants_digest=True)
        with django_assert_num_queries(2):
            queue_digests(now=at(13))

    def test_the_oldest_stands_first(self, olga: User, mailoutbox: Any) -> None:
        cast.follow_up(olga, due_in=-400, what="Long forgotten", partner=cast.partner())
        Mail.objects.all().delete()
        FollowUp.objects.exclude(what="Long forgotten").update(due=timezone.localdate())
        queue_digests(now=timezone.now().replace(hour=9))
        send_due_mails()
        body = mailoutbox[0].body
        assert body.index("(overdue): Long forgotten") < body.index("Send the protocol")
        assert mailoutbox[0].subject == "2 follow-ups due"


def told() -> list[str]:
    mails = Mail.objects.filter(template="partner_joined").select_related("student").order_by("student_id")
    return [mail.student.given_name for mail in mails]


class TestNewPartner:
    @pytest.fixture(autouse=True)
    def students(self, db: None) -> None:
        """Only Anna and Vera let all partners see them, the later ones too."""
        early = cast.partner("early")
        announce_partners()
        for name in ("Anna", "Boris", "Galya", "Dina", "Vera"):
            setattr(self, name.lower(), cast.student(f"{name} Lind"))
        for person in (self.anna, self.dina, self.vera):
            cast.consent(person)
        cast.consent(self.boris, early)
        Student.objects.filter(pk=self.dina.pk).update(do_not_contact=True)

    anna: Student
    boris: Student
    galya: Student
    dina: Student
    vera: Student

    def test_who_consented_to_all_partners_before_is_told_once(self) -> None:
        create_partner(slug="new", name="New", by=BY)
        cast.consent(self.galya)
        assert announce_partners() == 2
        assert told() == ["Anna", "Vera"]
        assert Partner.objects.get(slug="new").to_announce is None
        assert announce_partners() == 0

    def test_a_prospect_is_told_of_when_it_becomes_active(self) -> None:
        partner = create_partner(slug="new", name="New", state="prospect", by=BY)
        assert announce_partners() == 0
        update_partner(partner=partner, state="active", by=BY)
        assert announce_partners() == 2
        update_partner(partner=partner, name="Newer", by=BY)
        update_partner(partner=partner, state="prospect", by=BY)
        update_partner(partner=partner, state="active", by=BY)
        assert announce_partners() == 0
        assert told() == ["Anna", "Vera"]

    def test_who_blocks_it_at_once_is_not_told(self) -> None:
        cast.block(self.anna, create_partner(slug="new", name="New", by=BY))
        announce_partners()
        assert told() == ["Vera"]

    def test_one_that_is_a_prospect_again_is_told_to_nobody(self) -> None:
        partner = create_partner(slug="new", name="New", by=BY)
        update_partner(partner=partner, state="prospect", by=BY)
        assert announce_partners() == 0
        assert Partner.objects.get(slug="new").to_announce is None

    def test_many_are_told_in_batches_that_leave_room_for_other_mails(self, monkeypatch: Any, mailoutbox: Any) -> None:
        monkeypatch.setattr(announcements, "BATCH", 1)
        create_partner(slug="new", name="New", by=BY)
        assert [announce_partners(), announce_partners()] == [1, 0], "the first still waits"
        send_due_mails()
        assert announce_partners() == 1
        send_due_mails()
        assert announce_partners() == 0
        assert told() == ["Anna", "Vera"]
        assert len(mailoutbox) == 2

    def test_the_request_that_makes_a_partner_writes_no_mail(self) -> None:
        create_partner(slug="new", name="New", by=BY)
        assert told() == []
