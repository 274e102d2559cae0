"""From a mail row to subject, text and HTML, written when they are needed and kept nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from crm.access import UNNAMED
from crm.links import PURPOSES
from crm.models import Mail, Student, User
from crm.notices.queue import Recipient
from crm.notices.recipients import may_be_written_to, name_of, recipient_of, students_written_to, zone_of
from crm.notices.rules import candidate_for
from crm.notices.table import NOTICES, Notice
from crm.text import printable_line


@dataclass(frozen=True)
class Draft:
    """A notice with the record that it is about, as they are now."""

    mail: Mail
    notice: Notice
    record: Any
    to: Recipient

    @property
    def candidate(self) -> Student | None:
        """The student whom it names to people of a partner."""
        if self.notice.machine is None:
            return None
        person = self.to.representative if isinstance(self.to, User) else self.to
        return candidate_for(self.notice.machine, self.record, getattr(person, "partner_id", None))

    @cached_property
    def news(self) -> Sequence[Student]:
        """The students whom it tells of. Asked once: what is written and what is put down are the same."""
        return self.notice.news.students(self.record) if self.notice.news else ()

    @property
    def named(self) -> Sequence[Student]:
        """Whoever stands in it by name and is disclosed by that."""
        if self.notice.news:
            return self.news[: self.notice.news.most_named]
        return [self.candidate] if self.candidate else []

    @property
    def told(self) -> set[int]:
        """Keys of all students whom it names to its reader, who is no student reading of themselves."""
        others = [*self.named, *([self.notice.student(self.record)] if self.notice.student else [])]
        return {student.pk for student in others if student != self.to}

    @property
    def shown(self) -> set[int]:
        """The same for somebody else who reads it: the student too to whom it is written."""
        return self.told | students_written_to(self.mail)

    def may_be_sent(self) -> bool:
        holds = may_be_written_to(self.to) and self.notice.holds(self.record, self.to) and self._is_asked()
        return holds and (not self.notice.news or bool(self.news))

    def _is_asked(self) -> bool:
        """What its link would be for is asked of them; the student is not asked in words that name nobody."""
        if self.notice.link is None:
            return True
        asked: Any = PURPOSES[self.notice.link].is_asked
        return bool(asked(self.record, self.to, self.mail.stage)) and (not self.notice.machine or bool(self.candidate))


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


def draft(mail: Mail) -> Draft | None:
    """None where the record is no more. Raises KeyError for a notice that does not exist."""
    notice = NOTICES[mail.template]
    record = notice.records().filter(public_id=mail.record).first()
    return Draft(mail, notice, record, recipient_of(mail)) if record else None


def write(draft: Draft, *, token: str) -> Letter:
    """`token` is that of the one-time link, for notices that carry one."""
    candidate = draft.candidate
    words = {
        "name": name_of(draft.to),
        "site": settings.BASE_URL,
        "link": f"{settings.BASE_URL}{reverse('link', args=[token])}" if draft.notice.link else "",
        "stage": draft.mail.stage,
        "candidate": printable_line(candidate.name) if candidate else UNNAMED,
        "named": [printable_line(student.name) for student in draft.named],
        "total": len(draft.news),
        "more": len(draft.news) - len(draft.named),
        **draft.notice.words(draft.record, draft.to),
    }
    with timezone.override(zone_of(draft.to)), translation.override("en"):
        return _render(f"notices/{draft.mail.template}", words)


def _render(name: str, words: dict[str, Any]) -> Letter:
    """The text's template has two blocks: the subject, and the body."""
    subject = printable_line(render_to_string(f"{name}.txt", {**words, "part": "subject"}, using="text"))
    text = render_to_string(f"{name}.txt", {**words, "part": "body"}, using="text")
    html = render_to_string(f"{name}.html", {**words, "subject": subject}, using="django")
    return Letter(subject, text.strip() + "\n", html)
