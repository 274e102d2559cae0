"""Random requests."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.search.contract import corpus, facts
from tests.search.contract.oracle import CEFR, Tree, Viewer


def _row_of_words() -> st.SearchStrategy[str]:
    """Mostly what stands somewhere, so that phrases find something."""
    texts = [t.split() for one in corpus.people() for t in (one.headline, one.thesis_title, *one.texts)]
    rows = [" ".join(words[i : i + 2]) for words in texts for i in range(len(words) - 1)]
    made = st.lists(st.sampled_from(facts.TEXT_SPELLINGS), min_size=2, max_size=3).map(" ".join)
    return st.sampled_from(rows) | made


def trees() -> st.SearchStrategy[Tree]:
    words = st.sampled_from([*facts.TEXT_SPELLINGS, *facts.NAME_SPELLINGS, "S-0042", "absent"])
    leaves = words.map(lambda word: ("word", word)) | _row_of_words().map(lambda row: ("phrase", row))

    def groups(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        parts = st.lists(inner, min_size=2, max_size=3)
        return st.one_of(
            parts.map(lambda found: ("and", *found)),
            parts.map(lambda found: ("or", *found)),
            inner.map(lambda found: ("not", found)),
        )

    return st.recursive(leaves, groups, max_leaves=5)


def _any_of(values: Any, most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(values)), min_size=1, max_size=most, unique=True)


def _one_of(values: Any) -> st.SearchStrategy[list[str]]:
    return st.sampled_from([str(value) for value in values]).map(lambda value: [value])


def _skills(most: int) -> st.SearchStrategy[list[str]]:
    levels = ["", ":1", ":2", ":3", ":5"]
    return _any_of([f"{slug}{level}" for slug in facts.SKILLS for level in levels], most)


FILTERS: Mapping[str, st.SearchStrategy[list[str]]] = {
    "lab": _any_of(facts.LABS),
    "skill": _skills(2),
    "skill_any": _skills(3),
    "evidenced": _one_of(["true", "true", "false"]),
    "programme": _any_of(facts.PROGRAMMES, 2),
    "degree": _any_of(filter(None, facts.DEGREES)),
    "graduation_from": _one_of([2023, 2024, 2025]),
    "graduation_to": _one_of([2025, 2027, 2030]),
    "available_by": _one_of([f"2027-01-{day:02}" for day in (1, 4, 9)] + ["2026-12-31", "2199-01-01"]),
    "city": _any_of(facts.CITIES),
    "language": _any_of([f"{code}{level}" for code in facts.LANGUAGES for level in ("", ":B1", f":{CEFR[5]}")], 2),
    "placed": _one_of(["true", "any", "false"]),
}


@st.composite
def params(draw: st.DrawFn) -> dict[str, list[str]]:
    names = draw(st.lists(st.sampled_from(sorted(FILTERS)), max_size=3, unique=True))
    asked = {name: draw(FILTERS[name]) for name in names}
    asked["sort"] = draw(_one_of(["relevance", "updated", "graduation", "name"]))
    asked["page_size"] = draw(_one_of([1, 7, 20, 100]))
    asked["page"] = draw(_one_of([1, 1, 2, 3]))
    return asked


viewers = st.sampled_from(
    [
        Viewer("office"),
        Viewer("admin"),
        *(Viewer("professor", pk) for pk in facts.PROFESSORS),
        *(Viewer("partner", pk) for pk in facts.PARTNERS),
    ]
)
