"""The notices: what each is about, whether it may still be sent, and what its templates show.

All is asked at the moment of sending. A context holds words and dates alone, never a record: what is not named here
cannot get into a mail.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from crm import alerts, stages
from crm.models import (
    FollowUp,
    Hire,
    HireCheck,
    Immersion,
    Introduction,
    LinkPurpose,
    Partner,
    Recommendation,
    SavedSearch,
    Student,
    User,
)
from crm.notices import rules
from crm.stages import Machine
from crm.text import printable_line

Words = dict[str, Any]


@dataclass(frozen=True)
class Notice:
    records: Callable[[], QuerySet[Any]]
    """Among which the mail's record is looked up, with what is read below."""
    holds: Callable[[Any, Any], bool]
    """Whether the recipient may still be told this of the record."""
    words: Callable[[Any, Any], Words]
    """(record, recipient) -> what the templates show."""
    link: LinkPurpose | None = None
    """Of the one-time link that the mail carries."""
    machine: Machine | None = None
    """For people of a partner: says whether they read who the student of the record is."""
    student: Callable[[Any], Student] | None = None
    """Whom its words name to people of the university."""
    news: "News | None" = None
    """Students whom it tells of; where there are none there is nothing to say."""


@dataclass(frozen=True)
class News:
    """Several students in one mail, which is its reader's alone."""

    students: Callable[[Any], Sequence[Student]]
    """Of the record, as far as the recipient may see them."""
    told: Callable[[Any, Sequence[int]], None]
    """Puts down, once the mail was sent, of whom (primary keys) it told."""
    most_named: int


def _of_follow_up(follow_up: FollowUp, to: Any) -> Words:
    return {"what": printable_line(follow_up.what), "due": follow_up.due, "about": rules.subject_of(follow_up)}


def _of_digest(user: User, to: Any) -> Words:
    due = rules.follow_ups_due(user)
    return {"follow_ups": [_of_follow_up(follow_up, to) for follow_up in due], "today": rules.today_of(user)}


def _of_recommendation(asked: Recommendation, to: Any) -> Words:
    return {
        "student": printable_line(asked.student.name),
        "professor": printable_line(asked.professor.name),
        "partner": printable_line(asked.partner.name) if asked.partner else "",
        "request": asked.request,
    }


def _of_introduction(asked: Introduction, to: Any) -> Words:
    return {
        "partner": printable_line(asked.partner.name),
        "message": asked.message,
        "expires": asked.expires,
        "asked_at": asked.asked_at,
        "accepted": asked.state == "accepted",
    }


def _of_immersion(stay: Immersion, to: Any) -> Words:
    partner = printable_line(stay.partner.name)
    return {"partner": partner, "kind": stay.get_kind_display().lower(), "starts": stay.starts, "ends": stay.ends}


def _of_hire(hire: Hire, to: Any) -> Words:
    return {
        "partner": printable_line(hire.partner.name),
        "position": printable_line(hire.position),
        "place": printable_line(hire.place),
        "answer_by": hire.answer_by,
        "starts": hire.starts,
    }


def _of_check(check: HireCheck, to: Any) -> Words:
    return {
        "student": printable_line(check.hire.student.name),
        "partner": printable_line(check.hire.partner.name),
        "months": check.months,
        "due": check.due,
    }


def _saved_searches() -> QuerySet[SavedSearch]:
    return SavedSearch.objects.select_related("owner__professor", "owner__representative__partner", "owner__student")


def _introductions() -> QuerySet[Introduction]:
    return Introduction.objects.select_related("student", "partner")


def _immersions() -> QuerySet[Immersion]:
    return Immersion.objects.select_related("student", "partner", "mentor")


def _hires() -> QuerySet[Hire]:
    return Hire.objects.select_related("student", "partner")


def _recommendations() -> QuerySet[Recommendation]:
    return Recommendation.objects.select_related("student", "professor", "partner")


NOTICES: Mapping[str, Notice] = {
    "follow_up_due": Notice(rules.follow_ups, rules.follow_up_is_due, _of_follow_up),
    "follow_up_digest": Notice(lambda: User.objects.all(), rules.digest_is_due, _of_digest),
    "recommendation_requested": Notice(
        _recommendations, rules.may_write_it, _of_recommendation, student=lambda asked: asked.student
    ),
    "recommendation_to_share": Notice(
        _recommendations, lambda written, to: written.state == "written" and written.student == to, _of_recommendation
    ),
    "introduction_asked": Notice(
        _introductions, rules.may_be_introduced, _of_introduction, link=LinkPurpose.INTRODUCTION
    ),
    "introduction_answered": Notice(_introductions, rules.was_answered, _of_introduction, machine=stages.INTRODUCTION),
    "immersion_proposed": Notice(_immersions, rules.may_be_proposed, _of_immersion),
    "evaluation_asked": Notice(
        _immersions,
        lambda stay, to: stay.mentor == to,
        _of_immersion,
        link=LinkPurpose.EVALUATION,
        machine=stages.IMMERSION,
    ),
    "hire_offered": Notice(_hires, rules.may_be_offered, _of_hire),
    "hire_to_confirm": Notice(
        _hires,
        lambda hire, to: hire.partner_id == to.partner_id,
        _of_hire,
        link=LinkPurpose.HIRE,
        machine=stages.HIRE,
    ),
    "hire_check_due": Notice(
        lambda: HireCheck.objects.select_related("hire__student", "hire__partner"),
        rules.check_is_due,
        _of_check,
        student=lambda check: check.hire.student,
    ),
    "partner_joined": Notice(
        lambda: Partner.objects.all(),
        rules.is_told_of_partners,
        lambda partner, to: {"partner": printable_line(partner.name)},
    ),
    "search_alert": Notice(
        _saved_searches,
        alerts.is_watched_by,
        lambda search, to: {"search": printable_line(search.name)},
        news=News(alerts.news_of, alerts.mark_announced, alerts.MOST_NAMED),
    ),
}
"""Name of the templates -> the notice. With a link, what it is for must still be asked as well: see crm.links."""
PRIVATE = frozenset(name for name, notice in NOTICES.items() if notice.news)
"""Whether there is news for somebody is theirs alone to read."""
