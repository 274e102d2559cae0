"""Alerts of saved searches: by the clock, a mail where there is somebody new. The mail asks all of it again."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm.actions.saved_searches import next_look
from crm.alerts import news_of
from crm.finding import finder
from crm.models import Mail, MailState, SavedSearch
from crm.notices import queue_mail

log = logging.getLogger(__name__)
TEMPLATE = "search_alert"
OWNER = ("professor", "representative__partner", "student")
LATER = timedelta(hours=1)
"""A search that fails by itself is looked at again so much later."""


def queue_alerts(*, now: datetime | None = None) -> int:
    """Looks at the searches whose time has come; returns how many have news. Where search is down the rest waits."""
    moment = now or timezone.now()
    due = SavedSearch.objects.filter(next_alert__lte=moment).select_related(*(f"owner__{link}" for link in OWNER))
    queued = 0
    for search in due.order_by("next_alert", "pk"):
        try:
            queued += _look(search, moment)
        except Exception:  # one bad search must not stop the others
            if problem := finder().problem():
                log.warning("alerts wait: %s", problem)
                break
            log.exception("saved search %s cannot be looked through", search.public_id)
            _mine(search).update(next_alert=moment + LATER)
    return queued


def _look(search: SavedSearch, now: datetime) -> bool:
    """A mail that still waits will tell of all there is when it is sent."""
    waiting = Mail.objects.filter(template=TEMPLATE, record=search.public_id, state=MailState.WAITING)
    has_news = not waiting.exists() and bool(news_of(search))
    return _put_down(search, now, has_news=has_news)


@transaction.atomic
def _put_down(search: SavedSearch, now: datetime, *, has_news: bool) -> bool:
    """The next look, and the mail; nothing where another process was quicker."""
    if not _mine(search).update(next_alert=next_look(search, now)) or not has_news:
        return False
    key = f"{TEMPLATE}:{search.public_id}:{search.next_alert:%Y-%m-%dT%H:%M}"
    queue_mail(TEMPLATE, record=search.public_id, to=search.owner, key=key)
    return True


def _mine(search: SavedSearch) -> QuerySet[SavedSearch]:
    """Empty where another process has looked at it since it was read."""
    return SavedSearch.objects.filter(pk=search.pk, next_alert=search.next_alert)
