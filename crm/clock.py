"""Days and moments: what people write is in the university's time zone, what is stored is UTC."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils import timezone


def now() -> datetime:
    """The default of what models keep of moments: asked when a row is made, so that a clock set back is heard."""
    return timezone.now()


def end_of(day: date) -> datetime:
    """The midnight that ends a day: what is valid through that day holds until then. Raises ValueError in year 9999."""
    try:
        return _in_utc(datetime.combine(day + timedelta(days=1), time.min))
    except OverflowError as error:
        raise ValueError(f"{day} has no day after it") from error


YEARS = range(1900, 2201)
"""What lies outside was not meant."""


def morning_of(day: date, zone: tzinfo) -> datetime:
    """08:00 of a day of YEARS in a time zone."""
    return datetime.combine(day, time(8), zone).astimezone(UTC)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


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
