"""The query language: what each text means, and what is refused."""

import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm.errors import Invalid
from search.words import DEEPEST, LONGEST, MOST_TERMS, All, Any, Node, Not, Phrase, Word, leaves, parse_words

A, B, C, D = map(Word, "abcd")

MEANINGS = [
    ("a", A),
    ("a b", All((A, B))),
    ("a AND b", All((A, B))),
    ("a b AND c", All((A, B, C))),
    ("a OR b", Any((A, B))),
    ("a OR b c", Any((A, All((B, C))))),
    ("a b OR c d", Any((All((A, B)), All((C, D))))),
    ("(a OR b) c", All((Any((A, B)), C))),
    ("((a))", A),
    ("NOT a", Not(A)),
    ("-a", Not(A)),
    ("a -b", All((A, Not(B)))),
    ("a NOT b c", All((A, Not(B), C))),
    ("a AND NOT b", All((A, Not(B)))),
    ("a OR -b", Any((A, Not(B)))),
    ("-(a b)", Not(All((A, B)))),
    ("NOT (a OR b)", Not(Any((A, B)))),
    ("NOT NOT a", A),
    ("NOT -a", A),
    ("NOT NOT NOT a", Not(A)),
    ('"a b"', Phrase(("a", "b"))),
    ('-"a b" c', All((Not(Phrase(("a", "b"))), C))),
    ('"a"', A),
    ('a"b c"d', All((A, Phrase(("b", "c")), D))),
    ('"AND"', Word("AND")),
    ("and or not", All((Word("and"), Word("or"), Word("not")))),
    ('"a OR b"', Phrase(("a", "OR", "b"))),
    ('"(a"', A),
    ("a(b)c", All((A, B, C))),
    ("RT-PCR", Phrase(("RT", "PCR"))),
    ("a-b", Phrase(("a", "b"))),
    ("--a", A),
    ("- a", A),
    ("Node.js", Phrase(("Node", "js"))),
    ("C++ OR C#", Any((Word("C++"), Word("C#")))),
    ("don't", Phrase(("don", "t"))),
    ("a, b; c!", All((A, B, C))),
    ("* a ?", A),
    ("a AND *", A),
    ("NOT * a", A),
    ("() a", A),
    ("геном Ёлка", All((Word("геном"), Word("Ёлка")))),
    ("a\u00a0b\tc\n", All((A, B, C))),
    ("field:a", Phrase(("field", "a"))),
    ("a~2 b^3", All((Phrase(("a", "2")), Phrase(("b", "3"))))),
    ("", None),
    ("  \t ", None),
]

REFUSED = [
    ('"a', "not closed"),
    ('a "b" "', "not closed"),
    ("(a", "not closed"),
    ("((a)", "not closed"),
    ("(", "not closed"),
    ("a)", "not opened"),
    (")(", "not opened"),
    ("a OR", "both sides"),
    ("OR a", "both sides"),
    ("a OR OR b", "both sides"),
    ("a AND", "both sides"),
    ("AND", "both sides"),
    ("a AND OR b", "both sides"),
    ("(a OR)", "both sides"),
    ("(OR a)", "both sides"),
    ("NOT", "word after it"),
    ("a NOT", "word after it"),
    ("NOT AND a", "word after it"),
    ("NOT OR a", "word after it"),
    ("a AND NOT", "word after it"),
    ("(a NOT) b", "word after it"),
    ("***", "no word"),
    ("-", "no word"),
    ('""', "no word"),
    ("()", "no word"),
    ("a" * (LONGEST + 1), "257 characters"),
    ("a " * (MOST_TERMS + 1), "33 terms"),
    ("a-" * (MOST_TERMS + 1), "33 terms"),
    ("(" * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1), "too deep"),
    ("(" * LONGEST, "too deep"),
    ("-(" * (LONGEST // 2), "too deep"),
]


@pytest.mark.parametrize(("text", "tree"), MEANINGS)
def test_a_text_means_this_tree(text: str, tree: Node | None) -> None:
    assert parse_words(text) == tree


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_a_text_that_means_nothing_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_words(text)
    assert list(refusal.value.fields) == ["q"]
    assert sentence in refusal.value.fields["q"][0]


def test_the_limits_themselves_are_taken() -> None:
    assert parse_words("a" * LONGEST) == Word("a" * LONGEST)
    assert len(list(leaves(parse_words("a " * MOST_TERMS) or A))) == MOST_TERMS
    assert parse_words("(" * DEEPEST + "a" + ")" * DEEPEST) == A
    assert parse_words("(a) " * (DEEPEST + 1)) == All((A,) * (DEEPEST + 1))
    assert parse_words("NOT " * 63 + "a") == Not(A)


def test_leaves_are_the_words_with_and_without_those_under_not() -> None:
    tree = parse_words('a "b c" -(d OR NOT e) f') or A
    assert list(leaves(tree)) == list("abcdef")
    assert list(leaves(tree, negated=False)) == list("abcf")


PIECES = ["a", "b", "AND", "OR", "NOT", "-", "(", ")", '"', " ", "  ", "C++", "ё", "\u0301", "*", "\0", "¶", "ͺ", "﷽"]


@settings(max_examples=400, derandomize=True)
@given(st.text(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@example("(" * 256)
@example("NOT " * 64)
@example("(a -)")
@example("NOT(" * 64)
@example("-(" * 128)
@example('"' * 256)
def test_any_text_is_a_tree_or_invalid(text: str) -> None:
    tree = tree_or_refusal(text)
    if isinstance(tree, Invalid):
        assert list(tree.fields) == ["q"]
    elif tree is None:
        assert not text.strip()
    else:
        _check(tree)


def tree_or_refusal(text: str) -> Node | Invalid | None:
    try:
        return parse_words(text)
    except Invalid as refusal:
        return refusal


def _check(tree: Node) -> None:
    assert 1 <= len(list(leaves(tree))) <= MOST_TERMS
    assert _depth(tree) <= 3 * (DEEPEST + 1) + 1


def _depth(node: Node) -> int:
    match node:
        case All(parts) | Any(parts):
            assert len(parts) >= 2
            return 1 + max(map(_depth, parts))
        case Not(part):
            assert not isinstance(part, Not)
            return 1 + _depth(part)
        case Phrase(tokens):
            assert len(tokens) >= 2
    return 1


def test_the_worst_text_needs_little_of_the_stack() -> None:
    """Requests come through many frames of their own."""
    frame, used = sys._getframe(), 0
    while frame:
        frame, used = frame.f_back, used + 1  # type: ignore[assignment]
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(used + 150)
    try:
        results = [tree_or_refusal(text) for text in ("(" * LONGEST, "-(" * 128, "NOT(" * 64, "NOT " * 63 + "a")]
    finally:
        sys.setrecursionlimit(limit)
    assert [isinstance(result, Invalid) for result in results] == [True, True, True, False]
