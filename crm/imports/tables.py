"""The tables of what hangs on a student, as data: `loading` and `saving` treat them all alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm.imports.profiles import SCALARS
from crm.models import LabMembership, ProfileLink, SkillClaim, Student, StudentLanguage, Supervision

ATTRIBUTES = tuple(attribute for attribute, _ in SCALARS.values())


@dataclass(frozen=True)
class SetTable:
    """Things that a student has once each: the columns that say which, and the one that may change."""

    model: type[Any]
    keys: tuple[str, ...]
    value: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return ("student_id", *self.keys, *filter(None, [self.value]))

    def key(self, columns: list[Any]) -> Any:
        return columns[0] if len(self.keys) == 1 else tuple(columns)

    def row(self, student: int, key: Any, value: Any) -> tuple[Any, ...]:
        """The values of `columns`."""
        keys = (key,) if len(self.keys) == 1 else key
        return (student, *keys, value) if self.value else (student, *keys)


@dataclass(frozen=True)
class SpanTable:
    """Periods with a lab or a professor."""

    model: type[Any]
    other: str

    @property
    def columns(self) -> tuple[str, ...]:
        return ("student_id", self.other, "starts", "ends")


SET_TABLES: Mapping[str, SetTable] = {
    "claims": SetTable(SkillClaim, ("skill_id",), "level"),
    "languages": SetTable(StudentLanguage, ("code",), "level"),
    "work_cities": SetTable(Student.work_cities.through, ("city_id",)),
    "links": SetTable(ProfileLink, ("kind", "url")),
}
SPAN_TABLES: Mapping[str, SpanTable] = {
    "memberships": SpanTable(LabMembership, "lab_id"),
    "supervisions": SpanTable(Supervision, "professor_id"),
}
