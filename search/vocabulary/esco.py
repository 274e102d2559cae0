"""ESCO's CSV files: those of skills and skill groups, one a language, and the one of broader relations."""

import re
from collections.abc import Mapping
from pathlib import Path

from crm.imports.cells import clean
from crm.imports.errors import UnreadableFile
from crm.imports.files import open_table
from crm.imports.rows import is_blank
from search.vocabulary.drafts import LANGUAGES, OBSOLETE, Drafts

URI, BROADER, LABEL = "concepturi", "broaderuri", "preferredlabel"
ALIASES = ("altlabels", "hiddenlabels")
STATUS = "status"
REPLACED_BY = ("isreplacedby", "replacedby")
COLUMNS = {URI, BROADER, LABEL, STATUS, *ALIASES, *REPLACED_BY}
_LANGUAGE = re.compile(r"_([a-z]{2})$", re.IGNORECASE)

Cells = Mapping[str, str]
"""Column, in lower case -> cell."""


def read_esco(path: Path, drafts: Drafts) -> None:
    """A language stands at the end of the file's name, as in `skills_ru.csv`; without one it is English.

    Raises UnreadableFile where the columns or the language are not those.
    """
    with open_table(path, lambda header: _key(header) in COLUMNS) as table:
        columns = [_key(header) for header in table.headers]
        _check(path, columns)
        language = _language(path)
        for row in table.rows:
            if is_blank(row):
                continue
            where = f"{path.name}, line {row.line}"
            cells = dict(zip(columns, map(clean, row.cells), strict=False))
            if row.problem or not cells.get(URI):
                drafts.reject(where, row.problem or "The concept has no URI.")
            elif BROADER in columns:
                _relate(cells, drafts)
            else:
                _describe(cells, where, language, drafts)


def _key(header: str) -> str:
    return clean(header).lower()


def _check(path: Path, columns: list[str]) -> None:
    if URI not in columns or not {LABEL, BROADER} & set(columns):
        raise UnreadableFile(
            f"{path.name} is no ESCO file of skills (conceptUri, preferredLabel, altLabels, hiddenLabels, status)"
            " or of broader relations (conceptUri, broaderUri): these columns are missing."
        )
    if BROADER not in columns and _language(path) not in LANGUAGES:
        raise UnreadableFile(f"{path.name} is in the language {_language(path)!r}: only en and ru are imported.")


def _language(path: Path) -> str:
    match = _LANGUAGE.search(path.stem)
    return match[1].lower() if match else "en"


def _relate(cells: Cells, drafts: Drafts) -> None:
    if broad := cells.get(BROADER):
        drafts.by_uri[cells[URI]].broader[broad] = None


def _describe(cells: Cells, where: str, language: str, drafts: Drafts) -> None:
    draft = drafts.by_uri[cells[URI]]
    draft.where = draft.where or where
    draft.add_label(cells.get(LABEL, ""), language)
    for name in (name for column in ALIASES for name in cells.get(column, "").split("\n")):
        draft.add_name(name, language)
    draft.obsolete |= cells.get(STATUS, "").lower() in OBSOLETE
    for column in REPLACED_BY:
        draft.replaced_by.update(dict.fromkeys(cells.get(column, "").split()))
