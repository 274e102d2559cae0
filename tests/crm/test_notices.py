"""What each notice says, to whom, and that permission is asked again when its time comes."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from crm.actions.hires import answer_hire
from crm.actions.introductions import decline_introduction
from crm.actions.mails import send_due_mails
from crm.models import (
    Disclosure,
    Evaluation,
    Introduction,
    Mail,
    OneTimeLink,
    Partner,
    Professor,
    Representative,
    Student,
    User,
)
from crm.notices import queue_mail
from crm.notices.letters import draft, write
from crm.notices.table import NOTICES
from tests import cast
from tests.cast import BY
from tests.crm.notice_cases import CANARY, CASES, Story, queued, withdraws

pytestmark = [pytest.mark.django_db, pytest.mark.once]
TEMPLATES = Path(__file__).resolve().parents[2] / "crm" / "templates" / "notices"


@pytest.fixture
def story() -> Story:
    return Story()


def test_every_notice_has_a_case_and_two_templates():
    assert CASES.keys() == NOTICES.keys()
    files = {f"{name}.{kind}" for name in [*NOTICES, "base"] for kind in ("txt", "html")}
    assert {path.name for path in TEMPLATES.iterdir()} == files


@pytest.mark.parametrize("name", CASES)
def test_a_notice_says_what_it_is_for_and_nothing_that_is_private(story, name, mailoutbox):
    case, *_ = queued(story, name)
    assert send_due_mails() == {"sent": 1}
    [sent] = mailoutbox
    html, kind = sent.alternatives[0]
    assert (sent.subject, kind) == (case.subject, "text/html")
    for words in case.says:
        assert words in sent.body
    assert CANARY not in sent.subject + sent.body + html
    assert sent.body.startswith("Dear ")
    assert len(sent.to) == 1


@pytest.mark.parametrize("name", CASES)
def test_html_and_text_say_the_same_and_ask_no_other_host(story, name, settings):
    *_, mail = queued(story, name)
    found = draft(mail)
    letter = write(found, token="TOKEN")
    addresses = re.findall(r"https?://[^\s\"<]+", letter.text + letter.html)
    assert addresses
    assert all(address.startswith(settings.BASE_URL) for address in addresses)
    assert not re.search(r"(?i)<(img|link|script|iframe|style)|url\(|@import|\bsrc=", letter.html)
    assert ("/links/TOKEN/" in letter.text) == ("/links/TOKEN/" in letter.html) == bool(NOTICES[name].link)
    assert not OneTimeLink.objects.exists()


def contactless(story: Story) -> None:
    for model in (Student, Representative, Professor):
        model.objects.update(do_not_contact=True)


def deactivated(story: Story) -> None:
    User.objects.update(is_active=False)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("change", [contactless, deactivated], ids=lambda change: change.__name__)
def test_who_is_not_to_be_written_to_is_not_whatever_it_is_about(story, name, change, mailoutbox):
    case, *_ = queued(story, name)
    change(story)
    staff = case.to(story) == story.olga and change is contactless
    assert send_due_mails() == ({"sent": 1} if staff else {"dropped": 1})
    assert len(mailoutbox) == staff


@pytest.mark.parametrize(("name", "change"), [(name, change) for name, case in CASES.items() for change in case.ends])
def test_what_is_over_or_not_allowed_any_more_is_dropped_when_its_time_comes(story, name, change, mailoutbox):
    _, record, mail = queued(story, name)
    change(story, record)
    Mail.objects.exclude(pk=mail.pk).delete()
    assert send_due_mails() == {"dropped": 1}
    mail.refresh_from_db()
    assert (mail.state, mail.problem) == ("dropped", "not allowed any more, or over, when its time came")
    assert mailoutbox == []
    assert not OneTimeLink.objects.filter(used_at=None).exists()


@pytest.mark.parametrize("name", CASES)
def test_what_it_was_about_may_be_no_more(story, name, mailoutbox):
    queued(story, name)
    Mail.objects.update(record="00000000-0000-4000-8000-000000000000")
    assert send_due_mails() == {"dropped": 1}


def test_a_declined_introduction_does_not_say_who_declined_after_consent_ended(story, mailoutbox):
    story.answered(decline_introduction)
    withdraws(story, None)
    send_due_mails()
    said = next(mail for mail in mailoutbox if mail.to == [story.hanna.email])
    assert "A candidate declined." in said.body
    assert "Sanna" not in said.body + said.subject + said.alternatives[0][0]
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("has_account", [True, False])
def test_a_partner_s_person_who_reads_a_name_in_a_mail_stands_in_the_disclosures(story, has_account, mailoutbox):
    mentor = story.hanna.representative
    if not has_account:
        mentor = Representative.objects.create(
            partner=story.partner, given_name="Ned", family_name="New", email="ned@veresk.example"
        )
    stay = cast.immersion(story.sanna, story.partner, "active", mentor=mentor)
    Mail.objects.all().delete()
    queue_mail("evaluation_asked", record=stay.public_id, to=mentor, stage="mid")
    send_due_mails()
    [row] = Disclosure.objects.all()
    assert (row.student, row.partner, row.kind) == (story.sanna, story.partner, "mail")
    assert row.viewer == (story.hanna if has_account else None)


@pytest.mark.parametrize("name", ["recommendation_requested", "hire_check_due", "introduction_asked"])
def test_so_does_the_university_s_and_the_student_reads_of_nothing_but_others(story, name, mailoutbox):
    *_, mail = queued(story, name)
    send_due_mails()
    assert len(mailoutbox) == 1
    others = [] if mail.student else [(story.sanna, None, "mail")]
    assert [(row.student, row.partner, row.kind) for row in Disclosure.objects.all()] == others


def test_html_is_escaped_and_plain_text_is_not(story, mailoutbox):
    Partner.objects.update(name="<b>Bold</b> & Co")
    queued(story, "introduction_asked")
    Introduction.objects.update(message='<a href="http://evil.example">here</a> & <script>alert(1)</script>')
    send_due_mails()
    [sent] = mailoutbox
    html = sent.alternatives[0][0]
    assert sent.subject == "<b>Bold</b> & Co would like to meet you"
    assert "> <a href=" in sent.body
    assert "<b>" not in html
    assert "<script" not in html
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; Co" in html
    assert "href=&quot;http://evil.example&quot;" in html


@pytest.mark.parametrize("name", ["Veresk\nBcc: all@students.example", "Veresk\r\n\r\nEvil", "Ver\x07esk\u2028\x85x"])
def test_a_name_cannot_add_a_header_or_a_line(story, name, mailoutbox):
    Partner.objects.update(name=name)
    queued(story, "introduction_asked")
    send_due_mails()
    [sent] = mailoutbox
    message = sent.message()
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]
    assert sent.recipients() == [story.sanna.email]
    assert " ".join(name.replace("\x07", " ").split()) in sent.body


def test_days_are_those_of_the_reader_s_time_zone(story, mailoutbox):
    queued(story, "introduction_asked")
    Introduction.objects.update(expires=timezone.now().replace(hour=22, minute=30) + timedelta(days=3))
    User.objects.update(time_zone="Asia/Vladivostok")
    send_due_mails()
    assert ", 08:30 +10" in mailoutbox[0].body


def test_a_student_without_an_address_of_their_own_is_written_to_at_their_account_s(story, mailoutbox):
    Student.objects.update(email="")
    queued(story, "partner_joined")
    assert send_due_mails() == {"sent": 1}
    assert mailoutbox[0].to == [story.account.email]
    User.objects.filter(pk=story.account.pk).delete()
    queued(story, "partner_joined")
    assert send_due_mails() == {"dropped": 1}
    assert Mail.objects.get().problem == "there is no address"


def test_a_link_is_issued_when_its_mail_is_sent_and_its_token_is_kept_nowhere(story, mailoutbox):
    record = queued(story, "introduction_asked")[1]
    assert not OneTimeLink.objects.exists()
    send_due_mails()
    [token] = re.findall(r"/links/([\w-]{43})/", mailoutbox[0].body)
    link = OneTimeLink.objects.get()
    assert (link.record, link.student, link.expires) == (record.public_id, story.sanna, record.expires)
    kept = [str(value) for row in (link, Mail.objects.get()) for value in vars(row).values()]
    assert not any(token in value for value in kept)


def test_one_key_is_queued_once_and_stages_are_two_notices(story):
    stay = story.immersion()
    Mail.objects.all().delete()
    for stage in ("mid", "mid", "final"):
        queue_mail("evaluation_asked", record=stay.public_id, to=story.hanna.representative, stage=stage)
    assert Mail.objects.count() == 2
    assert Evaluation.objects.count() == 0


def test_an_accepted_offer_is_not_offered_again(story, mailoutbox):
    hire = story.hire()
    answer_hire(hire=hire, accepted=True, by=BY)
    send_due_mails()
    assert {mail.subject for mail in mailoutbox} == {"Please confirm: Sanna Vale joins Veresk"}


@pytest.mark.parametrize("name", CASES)
def test_a_letter_knows_each_student_whom_it_names(story, name):
    *_, mail = queued(story, name)
    found = draft(mail)
    letter = write(found, token="TOKEN")
    named = story.sanna.name in letter.subject + letter.text or mail.student == story.sanna
    assert found.shown == ({story.sanna.pk} if named else set())
