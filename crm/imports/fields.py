"""How the cell of each field is read: one declaration a field."""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from django.db import models

from crm.imports.cells import Mark, one_line
from crm.imports.errors import Rejected
from crm.imports.languages import parse_languages
from crm.imports.lookups import Lookups
from crm.imports.skills import parse_skills
from crm.imports.values import (
    Unclear,
    date_of,
    degree_of,
    email_of,
    github_of,
    is_nothing,
    orcid_of,
    phone_of,
    quoted,
    yes_or_no,
)
from crm.models import Student

LONGEST_TEXT = 20_000
"""For texts of many lines, in characters."""

Warn = Callable[[str], None]
Reader = Callable[[str, Lookups, Warn], Any]


def _text(field: str) -> Reader:
    """One line, as long as the column allows."""
    longest = cast("models.CharField[str, str]", Student._meta.get_field(field)).max_length or LONGEST_TEXT
    return lambda text, lookups, warn: _fitting(one_line(text), longest)


def _long_text(text: str, lookups: Lookups, warn: Warn) -> str:
    return _fitting("\n".join(line.rstrip() for line in text.split("\n")), LONGEST_TEXT)


def _fitting(text: str, longest: int) -> str:
    if len(text) > longest:
        raise Rejected(f"it has {len(text)} characters, {longest} are allowed")
    return text


def _value(read: Callable[[str], Any], longest: int | None = None) -> Reader:
    return lambda text, lookups, warn: read(_fitting(one_line(text), longest) if longest else one_line(text))


def _cities(text: str, lookups: Lookups, warn: Warn) -> set[int] | Mark:
    return _known(re.split(r"[;\n]" if ";" in text else r"[,\n]", text), lookups.city, warn)


def _supervisors(text: str, lookups: Lookups, warn: Warn) -> set[int] | Mark:
    return _known(re.split(r"[;\n/]", text), lookups.supervisor, warn)


def _known(names: list[str], find: Callable[[str], int], warn: Warn) -> set[int] | Mark:
    """Those that are found; where none is, the field stays."""
    found: set[int] = set()
    for name in filter(None, map(one_line, names)):
        try:
            found.add(find(name))
        except Unclear as warning:
            warn(f"{warning}: left out.")
    return found or Mark.LEAVE


def _skills(text: str, lookups: Lookups, warn: Warn) -> dict[int, int | None] | Mark:
    return parse_skills(text, lookups.skill, warn) or Mark.LEAVE


def _languages(text: str, lookups: Lookups, warn: Warn) -> dict[str, str | None] | Mark:
    return parse_languages(text, warn) or Mark.LEAVE


def _labs(text: str, lookups: Lookups, warn: Warn) -> list[str]:
    """Names, looked up or made once it is sure that the row is good."""
    return [one_line(name) for name in re.split(r"[;\n]", text) if name.strip()]


def _name(field: str, read: Reader) -> Reader:
    """Nobody has a question mark in their name: an encoding without the letter wrote it, which somebody has to mend."""

    def reader(text: str, lookups: Lookups, warn: Warn) -> Any:
        if "?" in text:
            warn(f"{field}: {quoted(text)} has a question mark, as where an encoding lost a letter.")
        return read(text, lookups, warn)

    return reader


READERS: Mapping[str, Reader] = {
    **{name: _text(name) for name in ("number", "thesis_title", "headline")},
    **{name: _name(name, _text(name)) for name in ("given_name", "family_name", "native_name")},
    **{name: _name(name, lambda text, lookups, warn: one_line(text)) for name in ("full_name", "middle_name")},
    **dict.fromkeys(("thesis_abstract", "summary", "projects"), _long_text),
    "email": _value(email_of, 254),
    "phone": _value(phone_of, 40),
    "degree": _value(degree_of),
    "graduation_date": _value(date_of),
    "available_from": _value(date_of),
    "willing_to_travel": _value(yes_or_no),
    "orcid": _value(orcid_of),
    "github": _value(github_of),
    "programme": lambda text, lookups, warn: lookups.programme(one_line(text)),
    "home_city": lambda text, lookups, warn: lookups.city(one_line(text)),
    "work_cities": _cities,
    "supervisor": _supervisors,
    "skills": _skills,
    "languages": _languages,
    "lab": _labs,
}
NAMING = frozenset({"programme", "lab", "supervisor", "skills", "home_city", "work_cities"})
"""Fields whose cells name records."""
NEVER_EMPTY = frozenset({"number", "given_name", "family_name", "full_name"})


def read_field(field: str, text: str, lookups: Lookups, warn: Warn) -> Any:
    """The value of a cell that is not blank, or a Mark. Raises Rejected with a whole sentence."""
    try:
        if field in NAMING and is_nothing(text):
            raise Unclear(f"{quoted(text)} names nothing")
        return READERS[field](text, lookups, warn)
    except Unclear as warning:
        warn(f"{warning}: the field stays as it is.")
        return Mark.LEAVE
    except Rejected as error:
        raise Rejected(f"{field}: {error}.") from error


def check_clearable(field: str) -> None:
    if field in NEVER_EMPTY:
        raise Rejected(f"{field}: {quoted('**CLEAR**')} cannot empty it.")
