"""Each mail is sent once, whoever sends at the same time, and none is lost, whoever dies over it."""

import signal
from typing import TYPE_CHECKING, Any

import pytest

from crm.actions import mails
from crm.actions.mails import LEASE, MOST_ATTEMPTS, send_due_mails
from crm.models import Mail
from crm.notices.post import Undelivered
from tests.crm.test_mails import students, time_passes
from tests.processes import Committed, together

if TYPE_CHECKING:
    from tests.mail_server import MailServer

pytest_plugins = ("tests.committed", "tests.mail_server")


@pytest.mark.django_db
class TestCutShort:
    def test_who_dies_between_claim_and_sending_loses_nothing(
        self, smtp: "MailServer", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        students()
        monkeypatch.setattr(mails, "_send", dies)
        with pytest.raises(Dies):
            send_due_mails()
        monkeypatch.undo()
        assert send_due_mails() == {}, "its lease is not over"
        time_passes(LEASE)
        assert send_due_mails() == {"sent": 1}
        assert (len(smtp.mails), Mail.objects.get().attempts) == (1, 2)

    def test_a_mail_whose_last_attempt_was_cut_short_fails(self, smtp: "MailServer") -> None:
        students()
        Mail.objects.update(attempts=MOST_ATTEMPTS)
        assert send_due_mails() == {"failed": 1}
        assert Mail.objects.get().problem == "its last attempt was cut short"
        assert smtp.mails == []

    def test_who_is_too_late_to_say_what_became_of_it_says_nothing(
        self, smtp: "MailServer", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another has claimed it meanwhile, and sent it."""
        students()

        def slow(self: Any, mail: Mail, *args: Any) -> None:
            Mail.objects.filter(pk=mail.pk).update(attempts=2, state="sent")
            raise Undelivered("late")

        monkeypatch.setattr("crm.notices.post.Post.deliver", slow)
        send_due_mails()
        assert Mail.objects.get().state == "sent"


class Dies(BaseException):
    pass


def dies(*args: Any) -> None:
    raise Dies


KILLED = """
import django, os, signal; django.setup()
from django.conf import settings
from crm.actions import mails
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", {port}
mails.{at} = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
mails.send_due_mails()
"""


@pytest.mark.parametrize(("at", "arrived"), [("_send", 0), ("_sent", 1)])
def test_a_process_killed_while_it_sends_loses_nothing(
    committed: Committed, smtp: "MailServer", at: str, arrived: int
) -> None:
    """Killed after the server took it, it is sent a second time: the same Message-ID says that it is one."""
    students()
    status, said = committed.run("-c", KILLED.format(port=smtp.port, at=at))
    assert status == -signal.SIGKILL, said
    assert len(smtp.mails) == arrived
    mail = Mail.objects.get()
    assert (mail.state, mail.attempts) == ("waiting", 1)
    assert send_due_mails() == {}
    time_passes(LEASE)
    assert send_due_mails() == {"sent": 1}
    assert len({message["Message-ID"] for message in smtp.mails}) == 1
    assert len(smtp.mails) == arrived + 1


@pytest.mark.postgres
def test_two_who_send_at_a_time_send_each_mail_once(committed: Committed, smtp: "MailServer") -> None:
    people = students(30)
    outcomes = together(*[send_due_mails] * 3)
    assert sum(counts["sent"] for counts in outcomes) == len(people)
    assert sorted(message["To"] for message in smtp.mails) == sorted(person.email for person in people)
    assert {mail.attempts for mail in Mail.objects.all()} == {1}
