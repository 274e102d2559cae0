"""The lines of an exported shortlist: what its list shows and contact details that are released, one for each entry."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from api.serializers.candidates import CardSerializer
from api.serializers.shortlists import OWN

Row = Mapping[str, Any]
CARD = [name for name in map(str, CardSerializer().fields) if name not in {"id", "number"}]
CONTACT = ("email", "phone")
COLUMNS = [*OWN, "candidate", *CARD, *CONTACT]
"""`candidate` is the candidate's id."""


def _name(value: Row | None) -> str:
    return str(value["name"]) if value else ""


def _skills(skills: Iterable[Row]) -> str:
    return ", ".join(f"{skill['label']} ({skill['level']})" for skill in skills)


TEXTS: Mapping[str, Callable[[Any], str]] = {
    **dict.fromkeys(("added_by", "lab", "programme", "home_city"), _name),
    "tags": ", ".join,
    "skills": _skills,
}
"""Fields that hold more than one value -> their cell."""


def lines(rows: Iterable[Row]) -> Iterator[list[Any]]:
    """The header, then the entries."""
    yield COLUMNS
    for row in rows:
        card, contact = row["candidate"], row["contact"]
        yield [
            *(_cell(name, row[name]) for name in OWN),
            card["id"],
            *(_cell(name, card[name]) for name in CARD),
            *(contact.get(name, "") for name in CONTACT),
        ]


def _cell(name: str, value: Any) -> str | int:
    if name in TEXTS:
        return TEXTS[name](value)
    return value if isinstance(value, int) else "" if value is None else str(value)
