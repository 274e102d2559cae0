"""Languages as people write them: 'en:C1, ru:C2', 'English C1; Russian native', 'английский — B2'."""

import re
from collections.abc import Callable, Mapping

from crm.imports.values import quoted
from crm.languages import CODES, NAMES
from crm.models import CefrLevel
from crm.text import fold

SHORT: Mapping[str, str] = {
    "en": "англ",
    "ru": "рус",
    "de": "нем",
    "fr": "фр",
    "es": "исп",
    "it": "ит",
    "zh": "кит",
    "ja": "яп",
}
"""ISO 639 code -> what Russian tables write for the name."""
LEVELS: Mapping[str, str] = {
    CefrLevel.C2: "native, native speaker, mother tongue, first language, bilingual, proficient, proficiency, родной,"
    " носитель, родной язык, носитель языка",
    CefrLevel.C1: "fluent, fluently, advanced, свободно, свободный, свободное владение, продвинутый",
    CefrLevel.B2: "upper intermediate, upper-intermediate, good, выше среднего, хорошо, хороший",
    CefrLevel.B1: "intermediate, working, conversational, средний, разговорный",
    CefrLevel.A2: "pre-intermediate, pre intermediate, basic, elementary, базовый, начальный, ниже среднего,"
    " со словарем",
    CefrLevel.A1: "beginner, beginning, начинающий",
}
"""CEFR level -> words people use instead; a native speaker counts as C2."""

_CODES = CODES | {code: code for code in NAMES} | {name: code for code, name in SHORT.items()}
_LEVELS = {fold(name): level for level, names in LEVELS.items() for name in (level, *names.split(", "))}
# Cyrillic А, В and С look like the Latin letters of levels.
_LOOKALIKE = str.maketrans("авс", "abc")
_ITEM = re.compile(r"(?P<name>[^\W\d_]+)(?:\s*(?:язык|language))?\s*[:=(–—-]*\s*(?P<level>[^()]*?)\s*\)?")

Warn = Callable[[str], None]


def parse_languages(text: str, warn: Warn) -> dict[str, str | None]:
    """ISO code -> CEFR level, or None where no level is given; warns of what means nothing and leaves it out."""
    found: dict[str, str | None] = {}
    for item in filter(None, (part.strip() for part in re.split(r"[,;\n/]", text))):
        match = _ITEM.fullmatch(fold(item))
        code = _CODES.get(match["name"]) if match else None
        level = _level(match["level"]) if match else None
        if code is None:
            warn(f"Unknown language {quoted(item)}: left out.")
        elif match and match["level"] and level is None:
            warn(f"Unknown level in language {quoted(item)}: left out.")
        else:
            found[code] = level
    return found


def _level(text: str) -> str | None:
    level = _LEVELS.get(text) or _LEVELS.get(text.translate(_LOOKALIKE).removesuffix("+"))
    return str(level) if level else None
