"""Attendance lists as they are exported: which column is what, and whom a row names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm.imports.cells import clean, one_line
from crm.imports.errors import Rejected, UnreadableFile
from crm.imports.headers import NAMES, header_key
from crm.imports.names import split_full_name
from crm.imports.table import Row, Table
from crm.imports.values import NO, YES, email_of, quoted
from crm.models import AttendanceState
from crm.text import fold

MOST_ROWS = 2_000
COLUMNS: Mapping[str, str] = {
    "email": NAMES["email"],
    "student_number": NAMES["number"],
    "name": f"{NAMES['full_name']}, {NAMES['native_name']}, participant, guest, участник, гость",
    "given_name": NAMES["given_name"],
    "family_name": NAMES["family_name"],
    "partner": "partner, company, organisation, organization, employer, affiliation, firm, партнер, компания,"
    " организация, место работы, работодатель",
    "position": "position, job title, title, role, должность",
    "state": "state, status, attendance, attended, present, came, статус, посещение, присутствие, присутствовал, явка",
}
"""Our column -> the headers that mean it; case, accents and dots do not matter."""
LONGEST: Mapping[str, int] = {"given_name": 100, "family_name": 100, "position": 200}
STATES: Mapping[str, str] = {
    AttendanceState.INVITED: "invited, приглашен, приглашена",
    AttendanceState.REGISTERED: "registered, signed up, зарегистрирован, зарегистрирована, записан, записана",
    AttendanceState.ATTENDED: "attended, present, came, присутствовал, присутствовала, был, была, пришел, пришла",
    AttendanceState.NO_SHOW: "no-show, no show, no_show, absent, отсутствовал, отсутствовала, не был, не была,"
    " не пришел, не пришла, не явился, не явилась",
}
_BY_HEADER = {header_key(name): column for column, names in COLUMNS.items() for name in (*names.split(", "), column)}
_BY_WORD = {fold(word): state for state, words in STATES.items() for word in words.split(", ")}
_BY_WORD = dict.fromkeys(NO, AttendanceState.NO_SHOW) | dict.fromkeys(YES, AttendanceState.ATTENDED) | _BY_WORD


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom a row names; what it leaves out is blank."""

    line: int
    email: str = ""
    student_number: str = ""
    given_name: str = ""
    family_name: str = ""
    partner: str = ""
    position: str = ""
    state: str = ""

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


def is_known(header: str) -> bool:
    return header_key(header) in _BY_HEADER


def columns_of(headers: Iterable[str]) -> list[str | None]:
    """For each header our column; None for one that is not known or comes again. Raises UnreadableFile."""
    columns: list[str | None] = []
    for header in headers:
        column = _BY_HEADER.get(header_key(header))
        columns.append(None if column in columns else column)
    if not {"email", "student_number", "name", "family_name"} & set(columns):
        raise UnreadableFile("No column says who came: name one email, student_number, or name (with partner).")
    return columns


def read_guest(row: Row, columns: list[str | None]) -> Guest:
    """Raises Rejected with the reason."""
    if row.problem:
        raise Rejected(row.problem)
    if any(map(clean, row.cells[len(columns) :])):
        raise Rejected("The row has more cells than the header: put texts with commas in quotation marks.")
    cells = {name: one_line(clean(cell)) for name, cell in zip(columns, row.cells, strict=False) if name}
    name = cells.pop("name", "")
    if name and not (cells.get("given_name") and cells.get("family_name")):
        cells["family_name"], cells["given_name"] = split_full_name(name, field="name")
    if email := cells.get("email"):
        cells["email"] = email_of(email)
    for column, most in LONGEST.items():
        if len(cells.get(column, "")) > most:
            raise Rejected(f"{column}: it has more than {most} characters.")
    if state := cells.get("state"):
        cells["state"] = _state_of(state)
    return Guest(row.line, **cells)


def _state_of(text: str) -> str:
    state = _BY_WORD.get(fold(text))
    if state is None:
        raise Rejected(f"state: {quoted(text)} is none of {', '.join(AttendanceState.values)}.")
    return state


def table_of(rows: Iterable[Mapping[str, str]]) -> Table:
    """Rows that came as JSON, counted from 1."""
    names = list(COLUMNS)
    cells = (Row(line, [row.get(name, "") for name in names]) for line, row in enumerate(rows, start=1))
    return Table(headers=names, rows=cells)
