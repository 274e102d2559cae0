"""Words of a query that ask for nothing: those that join others, and those that only say that somebody is sought."""

import re

from search.analysis import plain, stem

FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and as at by for from in into of on or over the to with within using via"
        " is are was were be been being has have had having do does did could might shall should would must"
        " this that these those which who whom whose what when where how why it its their them they there"
        " we our us you your he she his her i my me not no nor but if then than so such also both each either neither"
        " any some more most other others another same very between through during before after about against without"
        " per upon among because while whether although"
        " в во и или на о об от по при с со у к ко за для до из под над а как"
        " не ни что это эта этот эти того этого этой этих тому то так также тоже же бы ли но если чтобы"
        " который которая которое которые которого которой которых которым которыми через между перед после без около"
        " его её их ему ей им они он она оно мы вы я мне нас нам вам мой наш свой своего своей"
        " быть был была было были есть является являются может могут можно более менее очень уже ещё где когда либо",
    )
)
"""Words that join others: no word of a text need be one of them."""
REQUESTS = frozenset(
    map(
        stem,
        re.findall(
            r"\w+",
            "experience experienced skills skilled knowledge expertise expert specialist background proficiency"
            " proficient familiarity familiar competence candidate student graduate looking need wanted seeking someone"
            " somebody person people anyone knows knowing speaks speaking junior senior intern trainee"
            " engineer developer scientist researcher technician phd bachelor"
            " year years month months least remote remotely relocation relocate ready"
            " опыт опыта опыту опытом опыте работы работать знание знания знаний знаниями знанием умение умением умения"
            " владение владением владения владеющий навык навыки навыков навыками специалист эксперт кандидат студент"
            " выпускник аспирант магистр магистрант бакалавр стажёр наук инженер разработчик исследователь сотрудник"
            " ищу ищем нужен нужна нужны нужно требуется требуются человек люди кто умеет знает владеет"
            " знающий умеющий говорящий лаборант"
            " год года году лет месяц месяца месяцев менее удалённо удалённая удалённой удалёнка релокация релокации"
            " переезд переезду готов готова готовый готовность",
        ),
    )
)
"""Stems of words that say that somebody is sought, not who: beside a skill or a lab they ask for nothing."""


def says_nothing(token: str, *, beside: bool) -> bool:
    """`beside` a skill or a lab."""
    return is_function_word(token) or (beside and _asks_for_nothing(token))


def _asks_for_nothing(token: str) -> bool:
    """Also a small number: of years, or of whatever else the words beside it say."""
    return (stem(token) in REQUESTS and not _is_abbreviation(token)) or (token.isdigit() and len(token) < 3)


def is_function_word(token: str) -> bool:
    """IT and US are no pronouns."""
    return plain(token) in FUNCTION_WORDS and not _is_abbreviation(token)


def _is_abbreviation(token: str) -> bool:
    return len(token) > 1 and token.isupper()
