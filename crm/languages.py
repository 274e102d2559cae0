"""Languages by their ISO 639 codes, under the names that people give them."""

from collections.abc import Mapping

from crm.models import CefrLevel
from crm.text import fold

NAMES: Mapping[str, str] = {
    "en": "english, английский",
    "ru": "russian, русский",
    "de": "german, deutsch, немецкий",
    "fr": "french, français, французский",
    "es": "spanish, español, испанский",
    "it": "italian, итальянский",
    "pt": "portuguese, португальский",
    "zh": "chinese, mandarin, mandarin chinese, китайский",
    "ja": "japanese, японский",
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
"""ISO 639 code -> names in English and Russian, and sometimes its own."""
CODES = {fold(name): code for code, names in NAMES.items() for name in names.split(", ")}
"""Name, folded -> ISO 639 code."""


def names_of(code: str) -> str:
    """For somebody who looks for any of them; blank where no name is known.

    >>> names_of("de")
    'german, deutsch, немецкий'
    """
    return NAMES.get(code, "")


def is_spoken(level: str) -> bool:
    """Whether somebody at a level of the Common European Framework speaks a language: from B1 on."""
    return level >= CefrLevel.B1
