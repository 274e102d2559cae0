"""Where people belonged on a day, in words: kept beside what they took part in, so that it stays when they move."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import prefetch_related_objects

LONGEST = 300


def affiliations(kind: str, people: Sequence[Any], day: date) -> dict[int, str]:
    """Primary key -> affiliation of each of these people of one kind: representative, professor, student or lab."""
    words, needs = IN_WORDS[kind]
    prefetch_related_objects(people, *needs)
    return {person.pk: ", ".join(filter(None, words(person, day)))[:LONGEST] for person in people}


def _of_representative(person: Any, day: date) -> Iterable[str]:
    return person.position, person.partner.name


def _of_professor(person: Any, day: date) -> Iterable[str]:
    return _labs([*person.headships.all(), *person.memberships.all()], day)


def _of_student(person: Any, day: date) -> Iterable[str]:
    programme = person.programme.name if person.programme else ""
    return programme, *_labs(person.memberships.all(), day)


def _of_lab(lab: Any, day: date) -> Iterable[str]:
    return ()


def _labs(periods: Iterable[Any], day: date) -> list[str]:
    """Each lab once, in the order of the periods."""
    return list(dict.fromkeys(period.lab.name for period in periods if period.is_current(day)))


IN_WORDS: Mapping[str, tuple[Callable[[Any, date], Iterable[str]], tuple[str, ...]]] = {
    "representative": (_of_representative, ("partner",)),
    "professor": (_of_professor, ("headships__lab", "memberships__lab")),
    "student": (_of_student, ("programme", "memberships__lab")),
    "lab": (_of_lab, ()),
}
"""Kind -> (the words, what they are read from)."""
