"""The text of one cell: cleaned of what no person typed, and made safe for spreadsheets."""

import re
import unicodedata
from enum import Enum

CLEAR_MARK = "**clear**"
_CONTROL = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n\r\x85"}
_INVISIBLE = {ord(c): None for c in "\u200b\u200c\u200e\u200f\u2060\ufeff"}
_JUNK = _CONTROL | _INVISIBLE | dict.fromkeys(range(0xD800, 0xE000))
_EXCEL_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FORMULA = re.compile(r"\s*'*[=+\-@\t\r]")
_INNER_FORMULA = re.compile(r"(?<=\S[;\t])(?=[=+\-@])")
_GUARDED = re.compile(r"\s*'+[=+\-@\t\r]")


class Mark(Enum):
    """What a cell says that is no value."""

    CLEAR = "empty the field"
    LEAVE = "leave the field as it is"


def clean(cell: str) -> str:
    """Without control and invisible characters, composed (NFC), trimmed; line breaks as \\n."""
    if not cell.isascii() or not cell.isprintable() or "_x" in cell:
        plain = _EXCEL_ESCAPE.sub(lambda match: chr(int(match[1], 16)), cell) if "_x" in cell else cell
        plain = plain.replace("\r\n", "\n").replace("\r", "\n").translate(_JUNK)
        cell = unicodedata.normalize("NFC", plain)
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell


def one_line(text: str) -> str:
    """Line breaks and runs of spaces as one space."""
    return " ".join(text.split())


def formula_safe(cell: str) -> str:
    """What a spreadsheet would run as a formula begins with an apostrophe; `clean` takes it away again.

    So does what follows a semicolon: where the decimal sign is a comma, spreadsheets begin a cell there.
    """
    inner = _INNER_FORMULA.sub("'", cell)
    return f"'{inner}" if _FORMULA.match(inner) else inner
