"""How a query is read: what is recognised, what is mended when nobody is found, and what may be missing."""

from collections.abc import Callable, Collection, Sequence

import pytest

from search.analysis import stem
from search.readings import Step, readings
from search.recognition import recogniser
from search.words import Concept, Near, Node, Word, leaves, parse_words
from tests.search.shipped_reference import shipped

pytestmark = pytest.mark.once


def people_who_say(*words: str) -> Callable[[Sequence[Node]], list[int]]:
    """Counts as an engine does: a text is found where somebody says all of its words."""
    said = set(map(stem, words))
    return lambda texts: [int(all(stem(token) in said for token in leaves(text))) for text in texts]


def read(query: str, *said: str, beside: Collection[int] = ()) -> list[Step]:
    tree = parse_words(query)
    assert tree
    return list(readings(tree, recogniser(shipped()), beside, people_who_say(*said), typed=query))


def concepts(step: Step) -> list[tuple[str, str, str]]:
    return [(one.text, n.entry.slug, one.how_named(n)) for one in step.reading.understood for n in one.names]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("python", [("python", "python", "exact")]),
        ("питон", [("питон", "python", "alias")]),
        ("quantitative PCR", [("quantitative PCR", "qpcr", "alias")]),
        (
            "количественной ПЦР и вестерн-блоттинга",
            [("количественной ПЦР", "qpcr", "alias"), ("вестерн-блоттинга", "western-blot", "alias")],
        ),
        ("crispr AND python", [("crispr", "crispr", "exact"), ("python", "python", "exact")]),
        ("machine AND learning", []),
        ('"machine learning"', []),
        ('"python"', []),
        ("python OR ВЭЖХ", [("python", "python", "exact"), ("ВЭЖХ", "hplc", "exact")]),
        ("genes -python", [("python", "python", "exact")]),
        ("r", [("r", "r", "exact")]),
        ("go home", []),
        ("go python", [("go", "go", "exact"), ("python", "python", "exact")]),
        (
            "quantum optics",
            [("quantum optics", "quantum-optics", "exact"), ("quantum optics", "quantum-optics", "exact")],
        ),
        ("gardening", []),
        ("python ML", [("python", "python", "exact"), ("ML", "machine-learning", "alias")]),
        ("BI SQL", [("BI", "business-intelligence", "alias"), ("SQL", "sql", "exact")]),
        ("ML", [("ML", "machine-learning", "alias")]),
        ("ML in gardens", []),
        ("pcr/ELISA", [("pcr", "pcr", "exact"), ("ELISA", "elisa", "exact")]),
        ("ELISA/ИФА", [("ELISA", "elisa", "exact"), ("ИФА", "elisa", "exact")]),
        ("python,sql;git", [("python", "python", "exact"), ("sql", "sql", "exact"), ("git", "git", "exact")]),
        ("инженер-робототехник", [("робототехник", "robotics", "exact")]),
        ("молекулярный биолог", [("молекулярный биолог", "molecular-biology", "exact")]),
        ("machine learning engineer", [("machine learning engineer", "machine-learning", "alias")]),
        ("data scientist", [("data scientist", "data-science", "alias")]),
        ("cell-free", []),
    ],
)
def test_what_is_recognised(query: str, wanted: list[tuple[str, str, str]]) -> None:
    assert sorted(concepts(read(query)[0])) == sorted(wanted)


@pytest.mark.parametrize(
    ("query", "ignored"),
    [
        ("ПЦР с опытом", ["с", "опытом"]),
        ("кандидат наук со знанием python", ["кандидат", "наук", "со", "знанием"]),
        ("инженер-робототехник", ["инженер"]),
        ("опыт", []),
    ],
)
def test_words_that_say_that_somebody_is_sought_ask_for_nothing(query: str, ignored: list[str]) -> None:
    assert list(read(query)[0].reading.ignored) == ignored


@pytest.mark.parametrize(
    ("query", "corrected", "slugs"),
    [
        ("pyton", [("pyton", "python", "fuzzy")], {"python"}),
        ("chromatografy", [("chromatografy", "chromatography", "fuzzy")], {"chromatography"}),
        ("deep lerning", [("lerning", "learning", "fuzzy")], {"deep-learning"}),
        # of words as near one as the other, the one that makes a name of the whole
        ("flow cytometery", [("cytometery", "cytometry", "fuzzy")], {"flow-cytometry"}),
        ("gbnjy", [("gbnjy", "питон", "layout")], {"python"}),
        # keys that part words here, and are letters there
        (",bj[bvbz", [(",bj[bvbz", "биохимия", "layout")], {"biochemistry"}),
        ("руддщ", [("руддщ", "", "fuzzy")], set()),
        ("cat", [("cat", "", "fuzzy")], set()),
    ],
)
def test_what_nobody_has_is_mended(query: str, corrected: list[tuple[str, str, str]], slugs: set[str]) -> None:
    step = read(query, "deep")[1] if len(read(query, "deep")) > 1 else None
    if not slugs and step is None:
        return
    assert step
    assert [(c.text, c.to, c.how) for c in step.corrections] == corrected
    assert {slug for _, slug, _ in concepts(step)} == slugs


def test_a_word_that_somebody_has_is_not_mended() -> None:
    assert not any(step.corrections for step in read("pyton", "pyton"))


@pytest.mark.parametrize("query", ["python 2025", "hplc2 alpha9", "pyton1"])
def test_numbers_and_what_holds_digits_are_not_mended(query: str) -> None:
    assert not any(step.corrections for step in read(query, "python", "2015", "hplc3", "alpha8"))


@pytest.mark.parametrize(("query", "varied"), [("laborent", 2), ("alpha laborent", 2), ("python laborent", 1)])
def test_beside_a_skill_a_word_is_taken_for_a_near_one_alone(query: str, varied: int) -> None:
    """Else it is left out."""
    near: list[Near] = []

    def count(texts: Sequence[Node]) -> list[int]:
        near.extend(text for text in texts if isinstance(text, Near))
        return [int(text in (Word("alpha"), Word("python"))) for text in texts]

    tree = parse_words(query)
    assert tree
    assert list(readings(tree, recogniser(shipped()), (), count))
    assert near == [Near("laborent", varied)]


def test_words_in_the_other_layout_count_where_somebody_says_them() -> None:
    step = read("vfibyyjt j,extybt", "машинное")[1]
    assert {(c.text, c.to) for c in step.corrections} == {("j,extybt", "обучение"), ("vfibyyjt", "машинное")}
    assert concepts(step) == [("машинное обучение", "machine-learning", "layout")]
    steps = read("ckjy", "слон")
    assert [(c.to, c.how) for c in steps[1].corrections] == [("слон", "layout")]


@pytest.mark.parametrize(
    ("query", "least"),
    [
        ("alpha beta", [None, 1]),
        ("alpha beta gamma", [None, 2, 1]),
        ("alpha beta gamma delta epsilon", [None, 1]),
        ("alpha AND beta", [None]),
        ("alpha OR beta", [None]),
        ('"alpha beta"', [None]),
        ('alpha "beta gamma"', [None]),
        ("alpha beta -gamma", [None, 1]),
    ],
)
def test_fewer_words_will_do_where_nobody_has_all(query: str, least: list[int | None]) -> None:
    said = ("alpha", "beta", "gamma", "delta", "epsilon")
    assert [step.least for step in read(query, *said)] == least


def test_words_that_join_others_are_left_out_and_said() -> None:
    first = read("experience with enzymes in the lab")[0]
    assert set(first.reading.ignored) == {"with", "in", "the"}
    assert read("GMP от 3 лет")[0].reading.ignored == ("от", "3", "лет")
    assert read("python 2025")[0].reading.ignored == ()
    assert read("the")[0].reading.node == Word("the")
    assert read('"with the"')[0].reading.ignored == ()


def test_a_concept_keeps_its_words() -> None:
    node = read("machine learning")[0].reading.node
    assert isinstance(node, Concept)
    assert list(leaves(node)) == ["machine", "learning"]


def test_what_is_quoted_is_not_read_in_the_other_layout() -> None:
    assert not any(step.corrections for step in read('gamma "alpha ,bj[bvbz beta"', "beta"))
