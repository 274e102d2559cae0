"""A saved search tells its owner of who is new in it: each once, and nobody whose consent is gone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from crm import alerts
from crm.actions import alerts as looking
from crm.actions.alerts import queue_alerts
from crm.actions.consents import withdraw_consent
from crm.actions.mails import send_due_mails
from crm.actions.partners import update_partner
from crm.actions.saved_searches import create_saved_search, next_look, update_saved_search
from crm.actions.students import update_student
from crm.errors import Conflict, Invalid, Unavailable
from crm.finding import finder
from crm.models import AnnouncedCandidate, Disclosure, Mail, MailState, Representative, SavedSearch, Student, User
from search import saved
from tests import cast
from tests.cast import BY

pytestmark = pytest.mark.django_db
Watch = Callable[..., SavedSearch]


@pytest.fixture
def hanna(index: Any) -> User:
    return cast.representative(cast.partner())


@pytest.fixture
def watch(hanna: User, index: Any) -> Watch:
    """A search that is saved with what the index holds now."""

    def save(parameters: str = "skill=crispr", **fields: Any) -> SavedSearch:
        index.catch_up()
        return create_saved_search(
            **{"name": "Editors", "parameters": parameters, "alert": "daily", "by": hanna, **fields}
        )

    return save


def editor(name: str, **fields: Any) -> Student:
    person = cast.student(name, **{"skills": {"crispr": 3}, **fields})
    cast.consent(person)
    return person


def tomorrow() -> datetime:
    """Its noon: all that waits for its morning is due, whatever the hour is now."""
    return (timezone.now() + timedelta(days=1)).replace(hour=12)


def told(mailoutbox: list[Any], index: Any, now: datetime | None = None) -> list[str]:
    """The bodies of the mails that a look at all searches leads to."""
    index.catch_up()
    before = len(mailoutbox)
    queue_alerts(now=now or tomorrow())
    send_due_mails()
    return [mail.body for mail in mailoutbox[before:]]


def test_who_is_new_is_told_of_once_and_who_was_there_is_not(watch: Watch, index: Any, mailoutbox: Any) -> None:
    editor("Oona Birch")
    watch()
    assert told(mailoutbox, index) == []
    editor("Lev Moss")
    (body,) = told(mailoutbox, index, tomorrow() + timedelta(days=1))
    assert "- Lev Moss" in body
    assert "Oona" not in body
    assert told(mailoutbox, index, tomorrow() + timedelta(days=2)) == []
    assert mailoutbox[0].to == ["hanna@veresk.example"]


def test_each_who_is_named_reads_of_it_in_the_disclosures(watch: Watch, index: Any, mailoutbox: Any) -> None:
    search = watch()
    lev = editor("Lev Moss")
    told(mailoutbox, index)
    (row,) = Disclosure.objects.all()
    assert (row.student, row.kind, row.viewer, row.partner) == (lev, "mail", search.owner, cast.partner())


def test_who_comes_back_is_no_news(watch: Watch, index: Any, mailoutbox: Any) -> None:
    there, late = editor("Oona Birch"), cast.student("Lev Moss", skills={"crispr": 2})
    watch()
    cast.consent(late)
    assert len(told(mailoutbox, index)) == 1
    for person in (there, late):
        withdraw_consent(consent=person.consents.get(), by=BY)
        cast.consent(person)
    assert told(mailoutbox, index, tomorrow() + timedelta(days=1)) == []


def test_whoever_withdraws_before_the_mail_leaves_is_not_in_it(watch: Watch, index: Any, mailoutbox: Any) -> None:
    watch()
    stays, goes = editor("Oona Birch"), editor("Lev Moss")
    index.catch_up()
    assert queue_alerts(now=tomorrow()) == 1
    withdraw_consent(consent=goes.consents.get(), by=BY)
    assert send_due_mails() == {"sent": 1}
    assert "- Oona Birch" in mailoutbox[0].body
    assert "Lev" not in mailoutbox[0].body + mailoutbox[0].alternatives[0][0]
    assert set(AnnouncedCandidate.objects.values_list("student", flat=True)) == {stays.pk}


def test_of_many_twenty_are_named_and_all_are_told_of(watch: Watch, index: Any, mailoutbox: Any) -> None:
    watch()
    for number in range(23):
        editor(f"Mora More{number:02}")
    (body,) = told(mailoutbox, index)
    assert (mailoutbox[0].subject, body.count("- Mora")) == ("23 new candidates: Editors", alerts.MOST_NAMED)
    assert "and 3 more" in body
    assert "and 3 more" in mailoutbox[0].alternatives[0][0]
    assert (Disclosure.objects.count(), AnnouncedCandidate.objects.count()) == (alerts.MOST_NAMED, 23)
    assert told(mailoutbox, index, tomorrow() + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda: Representative.objects.update(ends=timezone.localdate() - timedelta(days=1)),
        lambda: User.objects.update(is_active=False),
        lambda: update_partner(partner=cast.partner(), state="prospect", by=BY),
        lambda: SavedSearch.objects.update(alert="none", next_alert=None),
    ],
)
def test_who_searches_no_more_is_told_nothing(watch: Watch, index: Any, mailoutbox: Any, change: Any) -> None:
    watch()
    editor("Lev Moss")
    change()
    assert told(mailoutbox, index) == []
    assert not Mail.objects.filter(template="search_alert").exists()


def test_each_is_told_of_whom_they_see_themselves(watch: Watch, index: Any, mailoutbox: Any) -> None:
    pavel, rolf = cast.professor(heads=cast.lab()), cast.representative(cast.partner("quillwave"), "Rolf Stern")
    for owner in (pavel, cast.office(), rolf):
        watch(by=owner)
    watch()
    own = cast.student("Silvia Reed", skills={"crispr": 2}, labs=[cast.lab()])
    cast.student("Nina Night", skills={"crispr": 2})
    cast.consent(own, cast.partner())
    told(mailoutbox, index)
    said = {mail.to[0]: sorted(n for n in ("Silvia", "Nina") if n in mail.body) for mail in mailoutbox}
    assert said == {
        "pavel@university.example": ["Silvia"],
        "olga@university.example": ["Nina", "Silvia"],
        "hanna@veresk.example": ["Silvia"],
    }


def test_whoever_is_found_only_where_words_are_left_out_is_no_match(watch: Watch, index: Any, mailoutbox: Any) -> None:
    watch("q=crispr+astronomy")
    editor("Lev Moss")
    assert told(mailoutbox, index) == []
    editor("Oona Birch", thesis_title="Astronomy of the night")
    (body,) = told(mailoutbox, index, tomorrow() + timedelta(days=1))
    assert "Oona" in body
    assert "Lev" not in body


def test_a_mistyped_search_is_mended_as_candidate_search_does(watch: Watch, index: Any, mailoutbox: Any) -> None:
    watch("q=supercapasitors")
    editor("Lev Moss", thesis_title="Supercapacitors for the cold")
    assert len(told(mailoutbox, index)) == 1


def test_other_parameters_make_no_news_of_whom_they_find_now(watch: Watch, index: Any, mailoutbox: Any) -> None:
    search = watch()
    editor("Lev Moss", skills={"python": 3})
    index.catch_up()
    update_saved_search(search=search, parameters="skill=python", by=search.owner)
    assert told(mailoutbox, index) == []
    editor("Oona Birch", skills={"python": 3})
    assert len(told(mailoutbox, index, tomorrow() + timedelta(days=1))) == 1


def test_an_alert_that_begins_later_begins_with_who_is_there_then(watch: Watch, index: Any, mailoutbox: Any) -> None:
    search = watch(alert="none")
    assert not AnnouncedCandidate.objects.exists()
    editor("Lev Moss")
    index.catch_up()
    update_saved_search(search=search, alert="weekly", by=search.owner)
    assert told(mailoutbox, index, tomorrow() + timedelta(days=8)) == []


@pytest.mark.parametrize("mine", [{"alert": "daily"}, {"parameters": "skill=crispr:2"}])
@pytest.mark.parametrize("theirs", [{"parameters": "skill=python"}, {"alert": "weekly"}])
def test_who_changes_a_search_that_was_changed_meanwhile_is_told_so(
    watch: Watch, mine: dict[str, str], theirs: dict[str, str]
) -> None:
    search = watch(alert="none")
    stale = SavedSearch.objects.get(pk=search.pk)
    now = update_saved_search(search=search, by=search.owner, **theirs)
    with pytest.raises(Conflict):
        update_saved_search(search=stale, by=search.owner, **mine)
    kept = SavedSearch.objects.get()
    assert (kept.parameters, kept.alert) == (now.parameters, now.alert)
    assert update_saved_search(search=stale, by=search.owner, name="Renamed").parameters == now.parameters


def test_a_search_that_finds_too_many_is_not_watched(watch: Watch, index: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (saved, __import__("crm.actions.saved_searches", fromlist=["x"])):
        monkeypatch.setattr(module, "MOST_WATCHED", 1)
    for name in ("Lev Moss", "Oona Birch"):
        editor(name)
    with pytest.raises(Invalid) as refused:
        watch()
    assert list(refused.value.fields) == ["alert"]
    assert watch(alert="none").next_alert is None


# When ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alert", "zone", "expected"),
    [
        ("daily", "", datetime(2026, 5, 21, 8, tzinfo=UTC)),
        ("weekly", "", datetime(2026, 5, 27, 8, tzinfo=UTC)),
        ("daily", "Asia/Vladivostok", datetime(2026, 5, 21, 22, tzinfo=UTC)),
        ("none", "", None),
    ],
)
def test_a_search_is_looked_at_in_the_morning_where_its_owner_is(
    hanna: User, alert: str, zone: str, expected: datetime | None
) -> None:
    hanna.time_zone = zone
    assert next_look(SavedSearch(owner=hanna, alert=alert), datetime(2026, 5, 20, 15, tzinfo=UTC)) == expected


def test_a_weekly_alert_waits_for_its_day(watch: Watch, index: Any, mailoutbox: Any) -> None:
    watch(alert="weekly")
    editor("Lev Moss")
    for days in range(1, 7):
        assert told(mailoutbox, index, timezone.now() + timedelta(days=days)) == []
    assert len(told(mailoutbox, index, timezone.now() + timedelta(days=8))) == 1


def test_no_search_is_due_costs_one_query(watch: Watch, django_assert_num_queries: Any) -> None:
    watch()
    with django_assert_num_queries(1):
        assert queue_alerts() == 0


def test_two_that_look_at_once_queue_one_mail(watch: Watch, index: Any) -> None:
    search = watch()
    editor("Lev Moss")
    index.catch_up()
    stale = SavedSearch.objects.select_related("owner").get(pk=search.pk)
    assert queue_alerts(now=tomorrow()) == 1
    assert not looking._put_down(stale, tomorrow(), has_news=True)
    assert Mail.objects.filter(template="search_alert").count() == 1


def test_a_mail_that_waits_tells_of_all_there_is_when_it_leaves(watch: Watch, index: Any, mailoutbox: Any) -> None:
    watch()
    editor("Lev Moss")
    index.catch_up()
    queue_alerts(now=tomorrow())
    editor("Oona Birch")
    (body,) = told(mailoutbox, index, tomorrow() + timedelta(days=1))
    assert "Lev Moss" in body
    assert "Oona Birch" in body


def test_what_was_not_sent_was_not_told(watch: Watch, index: Any, mailoutbox: Any) -> None:
    watch()
    editor("Lev Moss")
    index.catch_up()
    queue_alerts(now=tomorrow())
    Mail.objects.update(state=MailState.FAILED)
    assert len(told(mailoutbox, index, tomorrow() + timedelta(days=1))) == 1


def fails_for(name: str, error: Exception) -> Callable[[SavedSearch], list[Student]]:
    """`news_of`, but not of the searches of this name."""

    def news(search: SavedSearch) -> list[Student]:
        if search.name == name:
            raise error
        return alerts.news_of(search)

    return news


def test_where_search_is_down_all_is_looked_at_later(
    watch: Watch, index: Any, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = watch()
    editor("Lev Moss")
    with monkeypatch.context() as broken:
        broken.setattr(looking, "news_of", fails_for("Editors", Unavailable("It does not answer.")))
        broken.setattr(finder(), "problem", lambda: "it does not answer", raising=False)
        assert told(mailoutbox, index) == []
    assert SavedSearch.objects.get().next_alert == search.next_alert
    assert len(told(mailoutbox, index)) == 1


@pytest.mark.parametrize("error", [Unavailable("Not this one."), ValueError("CANARY")])
def test_a_search_that_fails_by_itself_waits_an_hour_and_stops_no_other(
    watch: Watch, index: Any, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    bad, _ = watch(name="Bad"), watch(name="Good")
    editor("Lev Moss")
    with monkeypatch.context() as broken:
        broken.setattr(looking, "news_of", fails_for("Bad", error))
        (body,) = told(mailoutbox, index)
    assert "Lev Moss" in body
    bad.refresh_from_db()
    assert bad.next_alert is not None
    assert timedelta(minutes=59) < bad.next_alert - tomorrow() <= timedelta(hours=1)
    assert len(told(mailoutbox, index, tomorrow() + looking.LATER)) == 1


def test_what_is_asked_for_may_be_no_more(watch: Watch, index: Any, mailoutbox: Any) -> None:
    SavedSearch.objects.filter(pk=watch().pk).update(parameters="skill=no-such-skill")
    editor("Lev Moss")
    watch()
    editor("Oona Birch")
    assert len(told(mailoutbox, index)) == 1


def test_a_student_who_changes_into_a_match_is_news(watch: Watch, index: Any, mailoutbox: Any) -> None:
    person = editor("Lev Moss", skills={"python": 3})
    watch()
    update_student(student=person, claims=[{"skill": cast.skill("crispr"), "level": 1}], by=BY)
    assert len(told(mailoutbox, index)) == 1
