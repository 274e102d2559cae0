"""Days and moments in the university's time zone."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def end_of(day: date) -> datetime:
    """The midnight that ends a day: what is valid through that day holds until then. Raises ValueError in year 9999."""
    try:
        following = day + timedelta(days=1)
    except OverflowError as error:
        raise ValueError(f"{day} has no day after it") from error
    return timezone.make_aware(datetime.combine(following, time.min), timezone.get_default_timezone())


def moment_from(text: str) -> datetime:
    """An ISO date, which means the end of that day, or an ISO date-time. Raises ValueError for anything else.

    A date-time without an offset is in the university's time zone.
    """
    try:
        return end_of(date.fromisoformat(text))
    except ValueError:
        moment = datetime.fromisoformat(text)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment, timezone.get_default_timezone())
