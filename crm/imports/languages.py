"""Languages as people write them: 'en:C1, ru:C2', 'English C1; Russian native', 'английский — B2'."""

import re
from collections.abc import Callable, Mapping

from crm.imports.values import quoted
from crm.models import CefrLevel
from crm.text import fold

LANGUAGES: Mapping[str, str] = {
    "en": "english, английский, англ",
    "ru": "russian, русский, рус",
    "de": "german, deutsch, немецкий, нем",
    "fr": "french, français, французский, фр",
    "es": "spanish, español, испанский, исп",
    "it": "italian, итальянский, ит",
    "pt": "portuguese, португальский",
    "zh": "chinese, mandarin, mandarin chinese, китайский, кит",
    "ja": "japanese, японский, яп",
    "ko": "korean, корейский",
    "ar": "arabic, арабский",
    "he": "hebrew, иврит",
    "hi": "hindi, хинди",
    "fa": "persian, farsi, персидский, фарси",
    "tr": "turkish, турецкий",
    "uk": "ukrainian, украинский",
    "be": "belarusian, belarussian, белорусский",
    "kk": "kazakh, казахский",
    "ky": "kyrgyz, kirghiz, киргизский, кыргызский",
    "uz": "uzbek, узбекский",
    "tg": "tajik, таджикский",
    "tk": "turkmen, туркменский",
    "tt": "tatar, татарский",
    "ba": "bashkir, башкирский",
    "cv": "chuvash, чувашский",
    "sah": "yakut, sakha, якутский",
    "az": "azerbaijani, azeri, азербайджанский",
    "hy": "armenian, армянский",
    "ka": "georgian, грузинский",
    "ro": "romanian, moldovan, румынский, молдавский",
    "bg": "bulgarian, болгарский",
    "sr": "serbian, сербский",
    "hr": "croatian, хорватский",
    "sl": "slovenian, slovene, словенский",
    "sk": "slovak, словацкий",
    "cs": "czech, чешский",
    "pl": "polish, польский",
    "lt": "lithuanian, литовский",
    "lv": "latvian, латышский",
    "et": "estonian, эстонский",
    "fi": "finnish, финский",
    "sv": "swedish, шведский",
    "no": "norwegian, норвежский",
    "da": "danish, датский",
    "nl": "dutch, нидерландский, голландский",
    "hu": "hungarian, венгерский",
    "el": "greek, греческий",
    "la": "latin, латинский, латынь",
    "vi": "vietnamese, вьетнамский",
    "th": "thai, тайский",
    "id": "indonesian, индонезийский",
    "mn": "mongolian, монгольский",
    "ur": "urdu, урду",
    "bn": "bengali, бенгальский",
    "ta": "tamil, тамильский",
}
"""ISO 639 code -> names."""
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

_CODES = {fold(name): code for code, names in LANGUAGES.items() for name in (code, *names.split(", "))}
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
