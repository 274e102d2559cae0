"""The one analyser: tables of what is a word, and of which forms are one word."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.analysis import GAP, LONGEST_TERM, composed, joined, plain, spans, stem, tokens

TOKENS = [
    ("gene editing", ["gene", "editing"]),
    ("C++, C# and C.", ["C++", "C#", "and", "C"]),
    ("C+ + C+++", ["C", "C++"]),
    ("Node.js/React", ["Node", "js", "React"]),
    ("RT-PCR", ["RT", "PCR"]),
    ("don't", ["don", "t"]),
    ("snake_case", ["snake", "case"]),
    ("IL-6, TNF-α", ["IL", "6", "TNF", "α"]),
    ("H₂O m²", ["H₂O", "m²"]),
    ("Ёлка-ель", ["Ёлка", "ель"]),
    ("cafe\u0301 au lait", ["café", "au", "lait"]),
    ("и\u0306од", ["йод"]),
    ("x\u0302\u0323y", [unicodedata.normalize("NFC", "x\u0302\u0323y")]),
    ("一二", ["一二"]),
    ("\u00b6 \u0301 * ! -- __ ++ #", []),
    ("ͺ", []),
    ("", []),
]

SAME_WORD = [
    # English
    "sequencing sequenced sequences Sequence SEQUENCE",
    "optimise optimised optimising optimisation",
    "analyses analyse analysed",
    "diagnostic diagnostics Diagnostic",
    "running runs run",
    "cell cells",
    # Russian
    "редактирование редактирования редактированию РЕДАКТИРОВАНИЕМ",
    "обучение обучения обучением",
    "генома геном Геном геномов геному геномом геномы геноме",
    "протеом протеома протеомом",
    "хромосома хромосомы хромосом",
    "симптом симптома симптомы",
    "учёный ученый учёного учеными УЧЁНЫЕ",
    "ёмкость емкость ёмкости",
    "клетка клетки клетками клетку",
    # accents and letters
    "café cafe CAFÉ cafe\u0301 cafés",
    "naïve naive NAÏVE",
    "Ångström angstrom A\u030angstro\u0308m",
    "straße strasse STRASSE",
    "Łódź lodz",
    "Søren soren",
    "ﬁne fine",
    "ＣＲＩＳＰＲ crispr",
    "H₂O h2o",
    "C++ c++ С++ с++",
    "C# c# С#",
    # letters of the other alphabet
    "python рython Рython",
    "ПЦР ПЦP",
    "HPLC НРLC HРLС",
    "клетки клeтки kлетки",
    "моровой мopовой",
    "siРНК siрнк",
    "мРНК mРНК mрнк",
    "кафе кафé",
]

OTHER_WORDS = [
    "C C++ C#",
    "йод иод",
    "генома гена геноцид",
    "organ organic",
    "сеть сетка",
    "новый новость",
    "R r2",
    "3d 3",
    "ген геном",
    "субстрат субстант",
    "сор cop",
    "рН pH",
    "siРНК sgРНК",
]

PLAIN = [
    ("Müller", "muller"),
    ("ЁЛКИН", "елкин"),
    ("Йорк", "йорк"),
    ("Żółć", "zolc"),
    ("Runs", "runs"),
    ("Networks", "networks"),
    ("İstanbul", "istanbul"),
    ("aͺb", "ab"),
    ("ͺ", ""),
    ("x" * 99, "x" * LONGEST_TERM),
]


@pytest.mark.parametrize(("text", "wanted"), TOKENS)
def test_a_text_has_these_words(text: str, wanted: list[str]) -> None:
    assert tokens(text) == wanted


@pytest.mark.parametrize("forms", SAME_WORD)
def test_forms_of_one_word_have_one_stem(forms: str) -> None:
    assert len({stem(composed(form)) for form in f"{forms} {forms.lower()} {forms.upper()}".split()}) == 1


@pytest.mark.parametrize("words", OTHER_WORDS)
def test_other_words_have_other_stems(words: str) -> None:
    assert len({stem(word) for word in words.split()}) == len(words.split())


@pytest.mark.parametrize(("name", "form"), PLAIN)
def test_a_name_is_folded_and_not_stemmed(name: str, form: str) -> None:
    assert plain(name) == form


def test_texts_are_joined_with_a_gap_that_no_query_holds() -> None:
    assert joined(["Running cells", "", "C++ * cafés"], stem) == f"run cell {GAP} c++ cafe"
    assert joined(["Running cells", "Anna"], plain) == f"running cells {GAP} anna"
    assert joined([], plain) == joined([""], stem) == ""
    assert tokens(GAP) == []


@settings(max_examples=300, derandomize=True)
@given(st.text(max_size=80))
def test_terms_hold_no_space_and_nothing_uncertain(text: str) -> None:
    found = tokens(text)
    for form in (plain, stem):
        terms = [form(token) for token in found]
        assert all(term and len(term) <= LONGEST_TERM and not any(c.isspace() for c in term) for term in terms)
        assert joined([text], form).split() == terms
    assert tokens(unicodedata.normalize("NFD", text)) == found


@settings(max_examples=200, derandomize=True)
@given(st.text(max_size=80))
def test_spans_are_where_the_words_stand(text: str) -> None:
    text = composed(text)
    assert [token for token, *_ in spans(text) if plain(token)] == tokens(text)
    assert all(text[start:end] == token for token, start, end in spans(text))
