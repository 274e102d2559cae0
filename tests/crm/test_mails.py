"""The outbox of mails against a real SMTP server: sent, tried again later, refused for good."""

import smtplib
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from crm.actions.introductions import ask_introduction
from crm.actions.mails import BACK_OFF, MOST_ATTEMPTS, send_due_mails
from crm.models import Mail, OneTimeLink, Partner, Student
from crm.notices import queue_mail
from tests import cast

if TYPE_CHECKING:
    from tests.mail_server import MailServer

pytest_plugins = ("tests.committed", "tests.mail_server")


def students(count: int = 1, to: str = "veresk") -> list[Student]:
    """Each with a mail that waits: a partner joined."""
    partner = cast.partner(to)
    people = [cast.student(f"Mia Number{number}") for number in range(count)]
    for person in people:
        cast.consent(person)
        queue_mail("partner_joined", record=partner.public_id, to=person)
    return people


def time_passes(by: timedelta) -> None:
    for mail in Mail.objects.all():
        Mail.objects.filter(pk=mail.pk).update(due_at=mail.due_at - by)


def waits(mail: Mail) -> timedelta:
    return mail.due_at - timezone.now()


@pytest.mark.django_db
class TestSending:
    def test_a_mail_arrives_with_text_and_html_and_is_sent_once(self, smtp: "MailServer") -> None:
        [person] = students()
        assert send_due_mails() == {"sent": 1}
        assert send_due_mails() == {}
        [arrived] = smtp.mails
        mail = Mail.objects.get()
        assert (mail.state, mail.attempts, mail.problem) == ("sent", 1, "")
        assert mail.sent_at is not None
        assert arrived["X-Envelope-To"] == arrived["To"] == person.email
        assert arrived["Subject"] == "A new partner: Veresk"
        assert arrived["Message-ID"] == f"<{mail.public_id}@127.0.0.1>"
        assert arrived["From"] == "Talent pipeline <no-reply@127.0.0.1>"
        assert arrived["Auto-Submitted"] == "auto-generated"
        parts = [part.get_content_type() for part in arrived.walk()]
        assert parts == ["multipart/alternative", "text/plain", "text/html"]

    def test_many_go_through_one_connection(self, smtp: "MailServer", monkeypatch: pytest.MonkeyPatch) -> None:
        opened = []
        connect = smtplib.SMTP.connect

        def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
            opened.append(1)
            return connect(self, *args, **kwargs)

        monkeypatch.setattr(smtplib.SMTP, "connect", counted)
        students(5)
        assert send_due_mails() == {"sent": 5}
        assert (len(smtp.mails), len(opened)) == (5, 1)

    def test_letters_of_every_script_arrive(self, smtp: "MailServer") -> None:
        Partner.objects.filter(pk=cast.partner().pk).update(name="Вереск ﷽ 🧬")
        students()
        send_due_mails()
        assert smtp.mails[0]["Subject"] == "A new partner: Вереск ﷽ 🧬"

    def test_what_is_not_due_yet_waits(self, smtp: "MailServer") -> None:
        students()
        Mail.objects.update(due_at=timezone.now() + timedelta(minutes=1))
        assert send_due_mails() == {}
        time_passes(timedelta(minutes=2))
        assert send_due_mails() == {"sent": 1}

    def test_it_stops_when_its_time_is_over(self, smtp: "MailServer") -> None:
        students(2)
        assert send_due_mails(seconds=0) == {}
        assert {mail.attempts for mail in Mail.objects.all()} == {0}

    @pytest.mark.parametrize("phase", ["to_recipient", "to_content"])
    def test_what_is_refused_for_now_is_tried_again_later_and_later_and_fails_after_the_last(
        self, smtp: "MailServer", phase: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        [person] = students()
        setattr(smtp, phase, lambda *args: f"451 try later {person.email}")
        pauses = []
        for attempt in range(1, MOST_ATTEMPTS):
            assert send_due_mails() == {"waiting": 1}
            assert send_due_mails() == {}
            mail = Mail.objects.get()
            assert (mail.state, mail.attempts) == ("waiting", attempt)
            pauses.append(round(waits(mail).total_seconds() / 60))
            time_passes(waits(mail) + timedelta(seconds=1))
        assert pauses == [1, 5, 30, 120, 720, 720, 720]
        assert send_due_mails() == {"failed": 1}
        mail = Mail.objects.get()
        assert (mail.state, mail.attempts, mail.sent_at) == ("failed", MOST_ATTEMPTS, None)
        assert mail.problem == "the mail server did not take it: 451"
        assert smtp.mails == []
        assert person.email not in caplog.text
        assert str(mail.public_id) in caplog.text

    def test_it_arrives_once_the_server_takes_it(self, smtp: "MailServer") -> None:
        students()
        smtp.to_content = lambda: "452 full"
        assert send_due_mails() == {"waiting": 1}
        smtp.to_content = lambda: "250 OK"
        time_passes(BACK_OFF[0])
        assert send_due_mails() == {"sent": 1}
        assert len(smtp.mails) == 1
        assert Mail.objects.get().problem == ""

    @pytest.mark.parametrize("phase", ["to_recipient", "to_content"])
    def test_what_is_refused_for_good_fails_at_once_and_holds_up_nobody(self, smtp: "MailServer", phase: str) -> None:
        students(3)
        answers = iter(["550 no such person mia@students.example", "250 OK", "250 OK"])
        setattr(smtp, phase, lambda *args: next(answers))
        if phase == "to_recipient":
            smtp.to_recipient = lambda address: "550 no" if "number0" in address else "250 OK"
        assert send_due_mails() == {"failed": 1, "sent": 2}
        failed = Mail.objects.get(state="failed")
        assert (failed.attempts, failed.problem) == (1, "the mail server refused it: 550")
        assert len(smtp.mails) == 2

    @pytest.mark.parametrize("address", ["no address", "a@b\nBcc: c@d", "mia@", "миа@студенты.example\x07"])
    def test_an_address_that_is_none_fails_and_is_not_told(self, smtp: "MailServer", address: str, caplog: Any) -> None:
        [person] = students()
        Student.objects.filter(pk=person.pk).update(email=address)
        outcome = send_due_mails()
        mail = Mail.objects.get()
        assert outcome == {"failed": 1}
        assert smtp.mails == []
        assert address not in mail.problem + caplog.text

    def test_a_server_that_is_away_is_asked_once_a_round(self, settings: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        with socket.create_server(("127.0.0.1", 0)) as closed:
            settings.EMAIL_HOST, settings.EMAIL_PORT = closed.getsockname()
        students(3)
        assert send_due_mails() == {"waiting": 1}
        assert sorted(mail.attempts for mail in Mail.objects.all()) == [0, 0, 1]
        problem = Mail.objects.get(attempts=1).problem
        assert problem == "the mail server was not reached: ConnectionRefusedError"

    def test_a_server_that_stalls_does_not_hold_the_round_for_ever(self, settings: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_TIMEOUT = 0.2
        students(2)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            settings.EMAIL_HOST, settings.EMAIL_PORT = listener.getsockname()
            assert send_due_mails() == {"waiting": 1}
        assert "the mail server was not reached" in Mail.objects.get(attempts=1).problem

    def test_a_login_that_fails_fails_no_mail(self, smtp: "MailServer", settings: Any) -> None:
        """The server here offers no login at all."""
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "user", "secret-word"
        students(2)
        assert send_due_mails() == {"waiting": 1}
        assert "secret-word" not in Mail.objects.get(attempts=1).problem

    @pytest.mark.parametrize("code", [530, 535])
    def test_a_server_that_wants_another_login_fails_no_mail(self, smtp: "MailServer", code: int) -> None:
        students(2)
        smtp.to_recipient = lambda address: f"{code} authentication required"
        assert send_due_mails() == {"waiting": 1}

    def test_a_notice_that_cannot_be_written_waits_and_stops_no_other(
        self, smtp: "MailServer", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        students(2)
        Mail.objects.filter(pk=Mail.objects.order_by("pk")[0].pk).update(template="no_such_notice")
        assert send_due_mails() == {"waiting": 1, "sent": 1}
        assert Mail.objects.get(state="waiting").problem == "it cannot be written: KeyError"

    def test_each_attempt_has_a_token_of_its_own_and_all_are_good(self, smtp: "MailServer") -> None:
        partner = cast.partner()
        hanna, person = cast.representative(partner), cast.student()
        cast.consent(person)
        ask_introduction(student=person, message="Hello", by=hanna)
        smtp.to_content = lambda: "451 later"
        send_due_mails()
        smtp.to_content = lambda: "250 OK"
        time_passes(BACK_OFF[0])
        send_due_mails()
        assert OneTimeLink.objects.filter(used_at=None).count() == 2
        assert len(smtp.mails) == 1

    def test_the_command_sends_all_that_is_due_and_counts(self, smtp: "MailServer", capsys: Any) -> None:
        students(2)
        call_command("send_mails")
        assert capsys.readouterr().out.split("\n")[:2] == ["sent 2", "dropped 0"]
        assert len(smtp.mails) == 2
