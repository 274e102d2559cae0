"""From the text of a cell to a value: dates, addresses, degrees, yes and no. They raise Rejected or Unclear."""

import re
from collections.abc import Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from crm.imports.cells import one_line
from crm.imports.errors import Rejected
from crm.models import Degree
from crm.text import fold


class Unclear(Exception):
    """The value means nothing known; the field stays as it is and the row is good."""


def quoted(text: str) -> str:
    """A value as it is shown in messages, on one line, cut where it is long."""
    shown = one_line(text)
    return f"“{shown[:77]}…”" if len(shown) > 80 else f"“{shown}”"


NOTHING = frozenset(
    {"n/a", "n.a.", "na", "none", "null", "unknown", "not specified", "not given", "?", "-", "--", "–", "—", "нет"}
    | {"н/д", "нет данных", "не указано", "не указан", "не указана", "неизвестно", "неизвестна", "неизвестен"}
)
"""What people write into a cell to say that there is nothing to name; folded."""


def is_nothing(text: str) -> bool:
    return fold(text) in NOTHING


_DATES = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII),
    re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})", re.ASCII),
)
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$")
YEARS = range(1900, 2101)


def date_of(text: str) -> date:
    """2026-06-30 or 30.06.2026; a time behind it is dropped."""
    day = _TIME.sub("", text.rstrip(" г.") if text.endswith("г.") else text)
    for pattern in _DATES:
        if match := pattern.fullmatch(day):
            return _existing(text, {name: int(number) for name, number in match.groupdict().items()})
    raise Rejected(f"{quoted(text)} is not a date: write 2026-06-30 or 30.06.2026")


def _existing(text: str, parts: Mapping[str, int]) -> date:
    if parts["year"] not in YEARS:
        raise Rejected(f"{quoted(text)} lies too far away to be meant")
    try:
        return date(**parts)
    except ValueError as error:
        raise Rejected(f"{quoted(text)} is not a day of the calendar") from error


def email_of(text: str) -> str:
    address = text.removeprefix("mailto:").strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise Rejected(f"{quoted(text)} is not an e-mail address") from error
    return address


def phone_of(text: str) -> str:
    """As written, in one line, dashes and spaces as on a keyboard."""
    return one_line(text.replace("\u2011", "-").replace("\u2013", "-").replace("\u2014", "-"))


DEGREES: Mapping[str, str] = {
    Degree.BACHELOR: "bachelor, bachelors, bachelor degree, bachelor of science, bachelor of arts, bsc, ba, bs, beng,"
    " бакалавр, бакалавриат",
    Degree.MASTER: "master, masters, master degree, masters degree, master of science, master of arts, msc, ma, ms,"
    " meng, mphil, магистр, магистратура, магистрант, специалист, специалитет, дипломированный специалист",
    Degree.PHD: "phd, dphil, doctor, doctorate, doctoral, doctor of philosophy, phd student, кандидат наук, аспирант,"
    " аспирантура, кн, ктн, кхн, кбн, кфмн, доктор наук, пхд",
}
_DEGREES = {name: degree for degree, names in DEGREES.items() for name in names.split(", ")}


def degree_of(text: str) -> str:
    key = one_line(re.sub(r"[^\w\s]", "", fold(text)))
    degree = _DEGREES.get(key) or _DEGREES.get(key.replace(" ", ""))
    if degree is None:
        raise Rejected(f"{quoted(text)} is not a degree: use {', '.join(Degree.values)}")
    return str(degree)


YES = frozenset({"yes", "y", "true", "1", "+", "x", "ok", "да", "д", "готов", "готова", "истина", "верно"})
NO = frozenset({"no", "n", "false", "0", "-", "–", "—", "нет", "н", "не готов", "не готова", "ложь", "неверно"})


def yes_or_no(text: str) -> bool:
    key = fold(text)
    if key not in YES | NO:
        raise Unclear(f"{quoted(text)} is neither yes nor no")
    return key in YES


_ORCID = re.compile(
    r"(?:(?:https?://)?(?:www\.)?orcid\.org/)?(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dX])/?", re.I | re.ASCII
)
_GITHUB = re.compile(
    r"(?:(?:https?://)?(?:www\.)?github\.com/|@)?([a-z\d](?:[a-z\d]|-(?=[a-z\d])){0,38})/?", re.I | re.ASCII
)


def orcid_of(text: str) -> str:
    """The address of an ORCID iD; its check digit is that of ISO/IEC 7064 MOD 11-2."""
    match = _ORCID.fullmatch(text)
    digits = "".join(match.groups()).upper() if match else ""
    if match is None or _check_digit(digits[:-1]) != digits[-1]:
        raise Unclear(f"{quoted(text)} is not an ORCID iD")
    return "https://orcid.org/" + "-".join(match.groups()).upper()


def _check_digit(digits: str) -> str:
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return "X" if rest == 10 else str(rest)


def github_of(text: str) -> str:
    match = _GITHUB.fullmatch(text)
    if match is None:
        raise Unclear(f"{quoted(text)} is not a GitHub profile")
    return f"https://github.com/{match[1]}"
