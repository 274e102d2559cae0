"""Days and moments: what people write is in the university's time zone, what is stored is UTC."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone


def end_of(day: date) -> datetime:
    """The midnight that ends a day: what is valid through that day holds until then. Raises ValueError in year 9999."""
    try:
        return _in_utc(datetime.combine(day + timedelta(days=1), time.min))
    except OverflowError as error:
        raise ValueError(f"{day} has no day after it") from error


def moment_from(text: str) -> datetime:
    """An ISO date, which means the end of that day, or an ISO date-time. Raises ValueError for anything else.

    A date-time without an offset is in the university's time zone.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _in_utc(datetime.fromisoformat(text))
    return end_of(day)


def _in_utc(moment: datetime) -> datetime:
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment, timezone.get_default_timezone())
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{moment} lies outside of the calendar") from error
