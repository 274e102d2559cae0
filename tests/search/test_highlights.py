"""Words marked in a text: safe for HTML, around the first match, never without a mark."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.analysis import composed, stem, terms_in, tokens
from search.highlights import FRAGMENT, highlight

LONG = "lorem " * 100


def mark(text: str, *words: str) -> str | None:
    return highlight(text, {stem(word) for word in words})


@pytest.mark.parametrize(
    ("text", "words", "wanted"),
    [
        ("Sequencing of cells", ["sequence"], "<mark>Sequencing</mark> of cells"),
        ("Sequencing of cells", ["cell", "sequence"], "<mark>Sequencing</mark> of <mark>cells</mark>"),
        ("Sequencing of cells", ["absent"], None),
        ("Sequencing", [], None),
        ("", ["a"], None),
        ("Редактирование генома", ["геном"], "Редактирование <mark>генома</mark>"),
        ("Ёлка и елка", ["ёлка"], "<mark>Ёлка</mark> и <mark>елка</mark>"),
        ("cafe\u0301 life", ["cafe"], "<mark>café</mark> life"),
        ("C++ and C", ["C++"], "<mark>C++</mark> and C"),
        ("C++ and C", ["C"], "C++ and <mark>C</mark>"),
        ("RT-PCR", ["rt", "pcr"], "<mark>RT</mark>-<mark>PCR</mark>"),
        ("<b>bold</b> & cells", ["cell"], "&lt;b&gt;bold&lt;/b&gt; &amp; <mark>cells</mark>"),
        ("<mark>b</mark>", ["b"], "&lt;mark&gt;<mark>b</mark>&lt;/mark&gt;"),
        (
            "<script>alert('x')</script>",
            ["script"],
            "&lt;<mark>script</mark>&gt;alert(&#x27;x&#x27;)&lt;/<mark>script</mark>&gt;",
        ),
        ('" onload="x', ["onload"], "&quot; <mark>onload</mark>=&quot;x"),
        ("a&amp;b", ["amp"], "a&amp;<mark>amp</mark>;b"),
    ],
)
def test_words_are_marked_and_all_else_escaped(text: str, words: list[str], wanted: str | None) -> None:
    assert mark(text, *words) == wanted


def test_a_long_text_is_cut_at_spaces_around_the_first_match() -> None:
    found = mark(f"{LONG}sequencing {LONG}", "sequence") or ""
    assert found.startswith("… lorem ")
    assert found.endswith(" lorem …")
    assert found.count("<mark>sequencing</mark>") == 1
    assert len(found) <= FRAGMENT + len("<mark></mark>") + 8


@pytest.mark.parametrize(
    "text",
    [
        f"sequencing {LONG}",
        f"{LONG}sequencing",
        f"{LONG}sequencing" + "-x" * 300,
        "x-" * 300 + f"sequencing {LONG}",
        "x-" * 300 + "sequencing" + "-x" * 300,
        f"{LONG}sequencing/" + "y" * 400,
    ],
)
def test_the_match_is_marked_wherever_it_stands(text: str) -> None:
    found = mark(text, "sequence") or ""
    assert "<mark>sequencing</mark>" in found
    assert len(found) <= FRAGMENT * 1.5


def test_a_match_longer_than_a_fragment_is_marked_whole() -> None:
    word = "z" * (FRAGMENT * 2)
    assert f"<mark>{word}</mark>" in (highlight(f"{LONG}{word} {LONG}", {stem(word)}) or "")


def test_the_terms_of_a_text_are_its_stems() -> None:
    assert terms_in("Running cells, C++ ͺ") == {"run", "cell", "c++"}


class Reader(HTMLParser):
    """Puts together the text; any tag but <mark> is an error."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.open, self.marked = "", 0, list[str]()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert (tag, attrs, self.open) == ("mark", [], 0)
        self.open = 1
        self.marked.append("")

    def handle_endtag(self, tag: str) -> None:
        assert (tag, self.open) == ("mark", 1)
        self.open = 0

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.open:
            self.marked[-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


LETTERS = st.sampled_from([*list("ab <>&\"'/-;#xё"), "cell ", "<b>", "&lt;", "</mark>", "<!--", "<?", "<![CDATA[", "é"])


@settings(max_examples=400, derandomize=True)
@given(st.lists(LETTERS, max_size=120).map("".join), st.sets(st.sampled_from(["cell", "b", "mark", "lt", "x", "a"])))
def test_any_text_gives_safe_html_that_reads_as_a_part_of_it(text: str, wanted: set[str]) -> None:
    found = highlight(text, wanted)
    assert (found is None) == (not wanted & terms_in(text))
    if found is None:
        return
    reader = Reader()
    reader.feed(found)
    reader.close()
    assert reader.open == 0
    assert reader.marked
    assert all(stem(word) in wanted for word in reader.marked)
    assert reader.text.removeprefix("… ").removesuffix(" …") in composed(text)


@settings(max_examples=100, derandomize=True)
@given(st.text(max_size=400))
def test_every_word_of_a_text_can_be_marked(text: str) -> None:
    for token in tokens(text)[:3]:
        assert "<mark>" in (highlight(text, {stem(token)}) or "")
