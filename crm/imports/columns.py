"""Which column of a file is which field: the names offices give them, in English and Russian, or a saved mapping."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm.imports.errors import UnreadableFile
from crm.text import fold

NAMES: Mapping[str, str] = {
    "number": "student number, student no, student id, student nr, number, id, registration number, matriculation"
    " number, record book, record book number, номер студента, номер, студент №, № студента, id студента,"
    " номер студенческого билета, студенческий билет, № студенческого, номер зачетной книжки, зачетная книжка,"
    " № зачетной книжки, № зачетки, табельный номер, учетный номер, шифр",
    "family_name": "last name, family name, surname, lastname, familyname, фамилия, фамилия (лат.), фамилия латиницей",
    "given_name": "first name, given name, given names, forename, firstname, givenname, имя, имя (лат.), имя латиницей",
    "full_name": "name, full name, student name, student, candidate, имя и фамилия, фамилия и имя, фамилия имя, полное"
    " имя, студент",
    "native_name": "native name, name (native), name in native script, name in russian, russian name, cyrillic name,"
    " фио, ф.и.о., фамилия имя отчество, фио студента, фио полностью, имя на родном языке, фио на русском",
    "email": "e-mail, email, email address, e-mail address, mail, эл. почта, электронная почта, почта, адрес эл. почты,"
    " адрес электронной почты, емейл, имейл",
    "phone": "phone, phone number, telephone, tel, mobile, mobile phone, cell phone, телефон, номер телефона, тел,"
    " мобильный, мобильный телефон, сотовый, моб. телефон, контактный телефон",
    "programme": "programme, program, study programme, study program, degree programme, course of study, field of"
    " study, major, программа, программа обучения, образовательная программа, направление, направление подготовки,"
    " специальность",
    "degree": "degree, degree level, level of study, level, степень, уровень, уровень образования, квалификация,"
    " академическая степень",
    "lab": "lab, laboratory, labs, research lab, research group, лаборатория, научная группа, лаб",
    "supervisor": "supervisor, supervisors, advisor, adviser, scientific advisor, professor, научный руководитель,"
    " руководитель, науч. рук., научрук, профессор",
    "graduation_date": "graduation date, graduation, graduated, date of graduation, graduated on, defence date, дата"
    " выпуска, выпуск, дата окончания, окончание, дата окончания обучения",
    "thesis_title": "thesis title, thesis, title of thesis, thesis topic, topic, тема диссертации, тема работы, тема"
    " вкр, тема, название диссертации, тема дипломной работы, диссертация, тема выпускной работы",
    "thesis_abstract": "thesis abstract, abstract, аннотация, аннотация диссертации, реферат, автореферат",
    "skills": "skills, key skills, skill, competences, competencies, навыки, умения, компетенции, ключевые навыки",
    "languages": "languages, language, language skills, языки, язык, иностранные языки, владение языками, знание"
    " языков",
    "home_city": "city, home city, home, town, residence, city of residence, home town, hometown, город, город"
    " проживания, место жительства, родной город, населенный пункт",
    "work_cities": "cities willing to work, work cities, willing to work in, preferred cities, cities, willing to"
    " relocate to, готов работать в городах, города работы, готов работать в, готовность к переезду, города для работы,"
    " желаемые города",
    "willing_to_travel": "willing to travel, travel, ready to travel, business trips, готов к командировкам,"
    " командировки, готовность к командировкам",
    "available_from": "available from, available, availability, start date, available since, доступен с, доступен,"
    " готов приступить, готов приступить с, готов начать, дата выхода на работу",
    "headline": "headline, position, заголовок, должность",
    "summary": "summary, about, profile, bio, about me, о себе, резюме, описание, кратко о себе",
    "projects": "projects, project experience, проекты, опыт проектов, проектный опыт",
    "orcid": "orcid, orcid id, orcid url, orcid link",
    "github": "github, github profile, github url, github link, гитхаб, профиль github",
}
"""Our field -> the headers that mean it. Case, accents, dots, brackets and spaces do not matter."""
IGNORE = ("", "-", "ignore", None)
"""What a saved mapping gives for a column that is not wanted."""
WEAK = frozenset({"number", "id", "номер"})
"""Names of the student number that may as well mean something else; they count where no better one is there."""
OWN_COLUMNS = ["line", "number", "reason"]
"""The first columns of an errors file, which may be mended and imported as it is."""


def header_key(header: str) -> str:
    return re.sub(r"[^\w№]+|_", " ", fold(header)).replace("№", "no ").strip().replace("  ", " ")


_BY_KEY = {header_key(name): field for field, names in NAMES.items() for name in (*names.split(", "), field)}


def is_known(header: str) -> bool:
    return header_key(header) in _BY_KEY


@dataclass(frozen=True)
class Columns:
    fields: list[str | None]
    """For each column of the file our field, or None where it is not read."""
    warnings: list[str]
    own: int = 0
    """How many first columns are those of an errors file."""

    def __contains__(self, field: str) -> bool:
        return field in self.fields


def load_mapping(path: Path) -> dict[str, str | None]:
    """A JSON object {"their header": "our field"}. Raises UnreadableFile."""
    try:
        mapping: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnreadableFile(f"The mapping {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UnreadableFile(f"The mapping is not JSON in UTF-8: {error}.") from error
    if not isinstance(mapping, dict):
        raise UnreadableFile('The mapping is no JSON object: write it like {"Matr. No.": "number"}.')
    for header, field in mapping.items():
        if field not in IGNORE and (not isinstance(field, str) or field not in NAMES):
            raise UnreadableFile(f"The mapping gives {header!r} the field {field!r}. Fields: {', '.join(NAMES)}.")
    return mapping


def recognise(headers: Sequence[str], mapping: Mapping[str, str | None] | None = None) -> Columns:
    """Raises UnreadableFile where no column holds the student number. A header in the mapping is taken from there."""
    own = len(OWN_COLUMNS) if [h.strip().lower() for h in headers[:3]] == OWN_COLUMNS else 0
    wanted = {header_key(header): field for header, field in (mapping or {}).items()}
    if _better_number(headers, wanted):
        wanted = dict.fromkeys(WEAK) | wanted
    columns = Columns(fields=[None] * own, warnings=[], own=own)
    for position, header in enumerate(headers[own:], start=own + 1):
        _place(columns, header, position, wanted)
    present = {header_key(header) for header in headers}
    columns.warnings.extend(
        f"The file has no column {header!r}, which the mapping names."
        for header in mapping or {}
        if header_key(header) not in present
    )
    if "number" not in columns:
        shown = ", ".join(filter(None, headers)) or "none"
        raise UnreadableFile(f"No column holds the student number; name it with --map. Columns here: {shown}.")
    return _with_full_name(columns)


def _better_number(headers: Sequence[str], wanted: Mapping[str, str | None]) -> bool:
    """Whether a column is surely the student number."""
    keys = {header_key(header) for header in headers} - WEAK
    return any(wanted.get(key, _BY_KEY.get(key)) == "number" for key in keys)


def _place(columns: Columns, header: str, position: int, wanted: Mapping[str, str | None]) -> None:
    key = header_key(header)
    field = wanted[key] if key in wanted else _BY_KEY.get(key)
    if key in wanted and field in IGNORE:
        field = None
    elif field is None:
        named = f"Column {header.strip()!r} is not known" if header.strip() else f"Column {position} has no header"
        columns.warnings.append(f"{named} and was not read.")
    elif field in columns:
        columns.warnings.append(f"Column {header.strip()!r} means {field} like one before it and was not read.")
        field = None
    columns.fields.append(field)


def _with_full_name(columns: Columns) -> Columns:
    """A file whose only name is the native one takes the name from there."""
    if columns.fields.count("native_name") and not {"given_name", "family_name", "full_name"} & set(columns.fields):
        columns.fields[columns.fields.index("native_name")] = "full_name"
    return columns
