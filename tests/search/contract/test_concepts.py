"""What a recognised skill or lab finds, words spelled alike, and words of which some will do: on both engines."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from search.engines.contract import Engine, SearchRequest
from search.sorting import SORTS
from search.values import SkillWish
from search.words import All, Concept, Near, Node, Not, Some, Word
from tests.search.contract.asking import ENGINES, OFFICE, audience, build, engine_of
from tests.search.contract.corpus import Person, documents, people
from tests.search.contract.facts import LABS, PARTNERS, SKILLS, broader, pk_of
from tests.search.contract.oracle import View, Viewer, holds, view

VIEWERS = [OFFICE, *(Viewer("partner", pk) for pk in PARTNERS), Viewer("professor", 21)]
NOBODY = Word("nobodyhasthis")


def concept(skill: str = "", lab: str = "", words: Node = NOBODY) -> Concept:
    return Concept((pk_of(SKILLS, skill),) if skill else (), (pk_of(LABS, lab),) if lab else (), words)


def has(person: Person, skill: str) -> bool:
    """Claims it or names it, itself or something narrower."""
    return any(skill in broader(own) for own in (*person.skills, *person.mentioned))


def says(word: str) -> Callable[[View], bool]:
    return lambda seen: holds(("word", word), seen)


CASES: list[tuple[str, Node, Callable[[View], bool]]] = [
    *((f"skill {skill}", concept(skill), lambda seen, skill=skill: has(seen.person, skill)) for skill in SKILLS),
    *((f"lab {lab}", concept(lab=lab), lambda seen, lab=lab: lab in seen.person.labs) for lab in ("lab-1", "lab-7")),
    (
        "a name of both",
        concept("python", "lab-2"),
        lambda seen: has(seen.person, "python") or "lab-2" in seen.person.labs,
    ),
    (
        "or the words",
        concept("rt-pcr", words=Word("network")),
        lambda seen: has(seen.person, "rt-pcr") or says("network")(seen),
    ),
    (
        "skill and word",
        All((concept("pcr"), Word("cell"))),
        lambda seen: has(seen.person, "pcr") and says("cell")(seen),
    ),
    ("not a skill", Not(concept("programming")), lambda seen: not has(seen.person, "programming")),
    (
        "two of three",
        Some((Word("cell"), Word("network"), concept("pcr")), 2),
        lambda seen: sum([says("cell")(seen), says("network")(seen), has(seen.person, "pcr")]) >= 2,
    ),
    (
        "one of two, without a third",
        All((Some((Word("cell"), Word("network")), 1), Not(Word("python")))),
        lambda seen: (says("cell")(seen) or says("network")(seen)) and not says("python")(seen),
    ),
    ("one letter wrong", Near("netwerk", 1), says("network")),
    ("two letters swapped", Near("pyhton", 1), says("python")),
    ("one letter too many", Near("diagnosttic", 2), says("diagnostic")),
    ("in Russian", Near("обученее", 2), says("обучение")),
]


@pytest.mark.parametrize("viewer", VIEWERS, ids=lambda viewer: f"{viewer.role}-{viewer.pk}")
@pytest.mark.parametrize(("text", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_who_is_found_and_counted(loaded: Engine, viewer: Viewer, text: Node, wanted: Callable[[View], bool]) -> None:
    expected = {one.pk for one in people() if (seen := view(one, viewer)) and wanted(seen)}
    found = loaded.search(SearchRequest(audience(viewer), text, sort=SORTS["relevance"], limit=1_000))
    assert {hit.student_id for hit in found.hits} == expected
    assert found.count == len(expected)
    assert loaded.counts(audience(viewer), [text, NOBODY], frozenset()) == [len(expected), 0]


def test_excluded_students_are_not_counted(loaded: Engine) -> None:
    everybody = {one.pk for one in people() if has(one, "python")}
    gone = frozenset(sorted(everybody)[:5])
    assert loaded.counts(audience(OFFICE), [concept("python")], gone) == [len(everybody) - 5]


# Order --------------------------------------------------------------------------------------------------------------

BASE = replace(people()[0], skills={}, evidence={}, mentioned=(), texts=(), headline="", thesis_title="", placed=False)
LADDER = [
    replace(BASE, pk=1, skills={"pcr": 4}, evidence={"pcr": "shared"}),
    replace(BASE, pk=2, skills={"pcr": 4}),
    replace(BASE, pk=3, skills={"pcr": 2}),
    replace(BASE, pk=4, skills={"rt-pcr": 2}),
    replace(BASE, pk=5, mentioned=("pcr", "pcr")),
    replace(BASE, pk=6, mentioned=("rt-pcr",)),
]
"""Who has a skill better comes first: with evidence, at a higher level, by a narrower one, in a text, a narrower one there."""


@pytest.mark.parametrize("kind", ENGINES)
def test_a_claim_stands_above_a_narrower_one_and_both_above_a_text(kind: str, tmp_path: object) -> None:
    with engine_of(kind, tmp_path) as engine:  # type: ignore[arg-type]
        build(engine, [documents(one) for one in LADDER])
        asked = SearchRequest(audience(OFFICE), concept("pcr"), sort=SORTS["relevance"])
        assert [hit.student_id for hit in engine.search(asked).hits] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("kind", ENGINES)
def test_one_more_of_the_wished_skills_never_lowers_a_rank(kind: str, tmp_path: object) -> None:
    """Random people, each beside a twin who has one of the wished skills more."""
    chance = random.Random(7)
    wished = ("python", "pcr", "editing")
    text = Some(tuple(concept(skill, words=Word(skill)) for skill in wished), 1)
    pairs = []
    for pk in range(1, 80, 2):
        one = replace(chance.choice(people()), pk=pk, placed=False)
        lacking = [skill for skill in wished if skill not in one.skills]
        if lacking:
            more = {**one.skills, chance.choice(lacking): chance.randint(1, 5)}
            pairs.append((one, replace(one, pk=pk + 1, skills=more)))
    with engine_of(kind, tmp_path) as engine:  # type: ignore[arg-type]
        build(engine, [documents(one) for pair in pairs for one in pair])
        wishes = [SkillWish(pk_of(SKILLS, skill), 1) for skill in wished]
        asked = SearchRequest(audience(OFFICE), text, sort=SORTS["relevance"], limit=200, wishes=wishes)
        order = [hit.student_id for hit in engine.search(asked).hits]
    for one, more in pairs:
        assert more.pk in order
        assert one.pk not in order or order.index(more.pk) < order.index(one.pk)
