"""Timelines: the touchpoints of a partner, lab, professor or student, one entry a record, the latest first."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, prefetch_related_objects

from crm import stages
from crm.access import Reach, Role, names_student, reach_of, require
from crm.actions.disclosures import changing, record_disclosures
from crm.models import (
    Attendance,
    DisclosureKind,
    Evaluation,
    Hire,
    Immersion,
    Introduction,
    Lab,
    Partner,
    Professor,
    Seminar,
    Student,
    Touchpoint,
    TouchpointKind,
    User,
)

PLACE = ("date", "rank", "record")
Place = tuple[date, int, uuid.UUID]
"""Where an entry stands: its date, the rank of its kind, and its record."""


@dataclass
class Entry:
    """One record: whom it links. A student whom the viewer may not know by name is None."""

    kind: str
    record: uuid.UUID
    date: date
    partner: Partner
    seminar: Seminar | None = None
    """Where it is an attendance: what was attended."""
    labs: list[Any] = field(default_factory=list)
    professors: list[Any] = field(default_factory=list)
    students: list[Student | None] = field(default_factory=list)

    def says_whose(self) -> bool:
        """Whether it is about no student, or names one: beside the others, one that does not would be told apart."""
        return not self.students or any(self.students)


@dataclass(frozen=True)
class TimelinePage:
    entries: list[Entry]
    next: Place | None
    previous: Place | None


def read_timeline(
    *, by: User, of: dict[str, int], limit: int, after: Place | None = None, backwards: bool = False
) -> TimelinePage:
    """A page of entries after a place, or before it with `backwards`.

    `of` names a column of Touchpoint (partner_id, lab_id, professor_id or student_id) and its value. Students who are
    shown by name to others than themselves get a disclosure.
    """
    require(by, "timeline.view")
    rows = Touchpoint.objects.visible_to(by).filter(**of)
    if "student_id" in of:
        rows = rows.naming(by)
    places = places_of(rows, limit + 1, after, backwards=backwards)
    more, places = len(places) > limit, places[:limit]
    if backwards:
        places.reverse()
    has_next = bool(places) and (backwards or more)
    has_previous = bool(places) and (more if backwards else after is not None)
    return TimelinePage(
        entries=entries_of(by, places),
        next=places[-1] if has_next else None,
        previous=places[0] if has_previous else None,
    )


def places_of(rows: QuerySet[Touchpoint], count: int, after: Place | None = None, *, backwards: bool) -> list[Place]:
    """Distinct places, the latest first, or with `backwards` the earliest; read in the order of the index."""
    if after:
        day, rank, record = after
        step = "gt" if backwards else "lt"
        same_day = Q(**{f"rank__{step}": rank}) | Q(rank=rank, **{f"record__{step}": record})
        rows = rows.filter(Q(**{f"date__{step}": day}) | Q(date=day) & same_day)
    order = PLACE if backwards else tuple(f"-{column}" for column in PLACE)
    return list(rows.order_by(*order).values_list(*PLACE).distinct()[:count])


class Row(NamedTuple):
    """What is read of a touchpoint: of the three last, one is not null."""

    kind: str
    record: uuid.UUID
    date: date
    rank: int
    partner_id: int
    lab_id: int | None
    professor_id: int | None
    student_id: int | None


Linked = Mapping[Any, Mapping[int, Any]]
"""Model -> its records by primary key."""


def entries_of(by: User, places: Iterable[Place]) -> list[Entry]:
    """What the viewer may see of these records, in the order given, in a constant number of queries."""
    wanted = list(dict.fromkeys(places))
    touchpoints = Touchpoint.objects.visible_to(by).filter(record__in={record for *_, record in wanted})
    rows = list(map(Row._make, touchpoints.order_by("id").values_list(*Row._fields)))
    by_place = defaultdict(list)
    for row in rows:
        by_place[row.date, row.rank, row.record].append(row)
    reach = reach_of(by)
    linked, own_process, seminars = _linked(rows, reach), _in_own_process(rows), _seminars_of(by, rows)
    found = [by_place[place] for place in wanted if place in by_place]
    entries = [_entry(own, reach, linked, own_process, seminars) for own in found]
    shown = {s.pk for entry in entries for s in entry.students if s is not None and s.pk != by.student_id}
    record_disclosures(student_ids=sorted(shown), kind=DisclosureKind.SEARCH_PAGE, by=by)
    return entries


def _entry(
    rows: list[Row],
    reach: Reach | None,
    linked: Linked,
    own_process: set[uuid.UUID],
    seminars: Mapping[uuid.UUID, Seminar],
) -> Entry:
    first = rows[0]
    entry = Entry(first.kind, first.record, first.date, linked[Partner][first.partner_id], seminars.get(first.record))
    for row in rows:
        if row.lab_id:
            entry.labs.append(linked[Lab][row.lab_id])
        elif row.professor_id:
            entry.professors.append(linked[Professor][row.professor_id])
        elif row.student_id and reach:
            student = linked[Student].get(row.student_id)
            if student is None:  # erased since the row was read
                raise changing()
            named = names_student(reach, student, own_process=row.record in own_process)
            entry.students.append(student if named else None)
    return entry


LINKED: Mapping[Any, tuple[str, tuple[str, ...]]] = {
    Partner: ("partner_id", ("public_id", "name")),
    Lab: ("lab_id", ("public_id", "name")),
    Professor: ("professor_id", ("public_id", "given_name", "family_name")),
    Student: ("student_id", ("public_id", "given_name", "family_name")),
}
"""Model -> (column of a row, what is shown of it)."""


def _linked(rows: Iterable[Row], reach: Reach | None) -> Linked:
    """The records of these rows; students with what says whether a partner may know them by name."""
    found = {
        model: model.objects.only(*shown).in_bulk({getattr(row, column) for row in rows} - {None})
        for model, (column, shown) in LINKED.items()
    }
    if reach and reach.role == Role.PARTNER:
        prefetch_related_objects(list(found[Student].values()), "consents", "blocks")
    return found


def _seminars_of(by: User, rows: Iterable[Row]) -> dict[uuid.UUID, Seminar]:
    """Attendance -> its seminar."""
    attended = {row.record for row in rows if row.kind == TouchpointKind.SEMINAR}
    seen = Attendance.objects.filter(public_id__in=attended, seminar__in=Seminar.objects.visible_to(by))
    return {one.public_id: one.seminar for one in seen.select_related("seminar")} if attended else {}


STATES: dict[str, tuple[Any, str, str]] = {
    TouchpointKind.INTRODUCTION: (Introduction, "stored_state", "introduction"),
    TouchpointKind.IMMERSION: (Immersion, "state", "immersion"),
    TouchpointKind.EVALUATION: (Evaluation, "immersion__state", "immersion"),
    TouchpointKind.OFFER: (Hire, "state", "hire"),
    TouchpointKind.HIRE: (Hire, "state", "hire"),
}
"""Kind -> (model, where its state stands, machine)."""


def _in_own_process(rows: Iterable[Row]) -> set[uuid.UUID]:
    """Records of these touchpoints whose stage lets the partner read the name, whatever the consents say."""
    records = defaultdict(set)
    for row in rows:
        if row.kind in STATES:
            records[STATES[row.kind]].add(row.record)
    return {
        record
        for (model, column, machine), ids in records.items()
        for record, state in model.objects.filter(public_id__in=ids).values_list("public_id", column)
        if stages.MACHINES[machine].states[state].own_process
    }
