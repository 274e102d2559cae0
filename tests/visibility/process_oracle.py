"""What should be true of what goes on at a partner, in plain Python and on its own: nothing is read from crm."""

from dataclasses import dataclass, field

PARTNERS = ("veresk", "quillwave")
STUDENTS = ("sonya", "nikita")
"""Sonya works in the professor's lab, Nikita does not."""

MOVES: dict[str, dict[tuple[str, str], set[str]]] = {
    "introductions": {
        ("asked", "accepted"): {"student"},
        ("asked", "declined"): {"student"},
        ("asked", "withdrawn"): {"partner"},
        ("accepted", "closed"): {"office", "partner"},
    },
    "immersions": {
        ("proposed", "applied"): {"student"},
        ("proposed", "declined"): {"student"},
        ("applied", "accepted"): {"office", "partner"},
        ("applied", "rejected"): {"office", "partner"},
        ("applied", "declined"): {"student"},
        ("accepted", "agreed"): {"office"},
        ("accepted", "declined"): {"student"},
        ("agreed", "active"): {"office"},
        ("active", "completed"): {"office"},
        **{
            (state, "cancelled"): {"office", "partner"}
            for state in ("proposed", "applied", "accepted", "agreed", "active")
        },
    },
    "hires": {
        ("offered", "accepted"): {"office", "student"},
        ("offered", "declined"): {"office", "student"},
        ("offered", "rescinded"): {"office", "partner"},
        ("accepted", "rescinded"): {"office", "partner"},
        ("accepted", "started"): {"office", "partner"},
        ("started", "left"): {"office", "partner"},
    },
    "recommendations": {
        ("written", "shared"): {"student"},
        ("written", "withdrawn"): {"professor", "student"},
        ("shared", "withdrawn"): {"professor", "student"},
    },
}
"""Kind -> (from, to) -> who may."""
NAMES_STUDENT = {
    "introductions": {"accepted"},
    "immersions": {"applied", "accepted", "agreed", "active"},
    "hires": {"accepted", "started", "left"},
}
"""States in which the partner reads the name whatever the consents say."""
OPEN = {"introductions": {"asked", "accepted"}, "hires": {"offered", "accepted", "started"}}
"""States in which no second record of the same two may be made."""
COUNTED = {
    "introductions": {"accepted", "closed"},
    "immersions": {"agreed", "active", "completed"},
    "hires": {"accepted", "started", "left"},
}
"""States that a report counts."""


@dataclass
class Row:
    id: str
    kind: str
    student: str
    partner: str | None
    state: str
    accepted_by_all: bool = False
    evaluated: bool = False


@dataclass
class Oracle:
    consents: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """Id of an active consent to the profile -> (student, partner or None for all)"""
    blocks: dict[tuple[str, str], str] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    contacts: set[str] = field(default_factory=set)
    guests: dict[str, str] = field(default_factory=dict)
    """Who stands on the list of the seminar -> id of the attendance."""

    def consented(self, student: str, partner: str | None) -> bool:
        given = any(who == student and to in (None, partner) for who, to in self.consents.values())
        return given and (student, partner) not in self.blocks

    def names(self, row: Row) -> bool:
        """Whether the row tells its partner who the student is."""
        if row.kind == "recommendations":
            return True
        return row.state in NAMES_STUDENT[row.kind] or self.consented(row.student, row.partner)

    def known(self, student: str, partner: str) -> bool:
        return self.consented(student, partner) or any(
            self.names(row) for row in self.of(student, partner, *NAMES_STUDENT)
        )

    def of(self, student: str, partner: str, *kinds: str) -> list[Row]:
        return [
            row
            for row in self.rows.values()
            if (row.student, row.partner) == (student, partner) and (not kinds or row.kind in kinds)
        ]

    def is_open(self, kind: str, student: str, partner: str) -> bool:
        return any(row.state in OPEN[kind] for row in self.of(student, partner, kind))

    def sees(self, viewer: str, row: Row) -> bool:
        if viewer == "office":
            return True
        if viewer == "professor":
            return row.kind != "introductions" and row.student == "sonya"
        if row.kind == "recommendations" and viewer == row.partner:
            return row.state == "shared" and (row.student, viewer) not in self.blocks
        return viewer in (row.student, row.partner)

    def part(self, viewer: str, row: Row) -> str:
        """As what the viewer acts on the row."""
        return {row.student: "student", row.partner: "partner"}.get(viewer, viewer)

    def answer_to_move(self, viewer: str, row: Row, to: str) -> set[int]:
        """The statuses that may come."""
        if not self.sees(viewer, row):
            return {404}
        who = MOVES[row.kind].get((row.state, to))
        if who is None:
            return {409}
        if self.part(viewer, row) not in who:
            return {403}
        return {self._outcome(row, to)}

    def _outcome(self, row: Row, to: str) -> int:
        if row.kind == "immersions":
            lacking = {"agreed": not row.accepted_by_all, "completed": not row.evaluated}
            return 400 if lacking.get(to) else 200
        blocked = (row.student, row.partner) in self.blocks
        if (row.kind, to) == ("introductions", "accepted") and blocked:
            return 409
        if (row.kind, to) == ("hires", "accepted") and self.is_placed(row.student):
            return 409
        return 200

    def is_placed(self, student: str) -> bool:
        return any(
            row.state in {"accepted", "started"}
            for row in self.rows.values()
            if row.kind == "hires" and row.student == student
        )

    def counted(self, kind: str) -> int:
        return sum(row.kind == kind and row.state in COUNTED[kind] for row in self.rows.values())
