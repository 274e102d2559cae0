"""A vocabulary of others becomes skills: its places, its names, and what a second import does."""

from dataclasses import replace
from typing import Any

import pytest

from crm import reference
from crm.actions import import_skills as module
from crm.actions.reference import save_skill
from crm.concept_imports.concepts import Concept
from crm.errors import Invalid, NotAllowed
from crm.models import ReferenceVersion, Skill, SkillAlias
from crm.signals import students_changed
from tests import cast
from tests.crm.foreign import BASE, UNDER, above, concept, counts, everything, names_of, skill_of, take

pytestmark = pytest.mark.django_db

TOP = concept("top")
LEFT, RIGHT = concept("left", above="top"), concept("right", above="top")
LEAF = concept("leaf", above="left right", label_ru="Кворбный лист", names=["Quorbleaf", "Листокворб"])
TREE = (LEAF, LEFT, RIGHT, TOP)


def test_concepts_become_skills_below_those_above_them_and_roots_below_the_chosen_skill() -> None:
    assert counts(take(*TREE)) == {"created": 4}
    leaf = skill_of("leaf")
    assert (leaf.slug, leaf.label, leaf.label_ru) == ("quorb-leaf", "Quorb leaf", "Кворбный лист")
    assert names_of(leaf) == {"Quorbleaf": False, "Листокворб": False}
    assert above(leaf) == {"quorb-left", "quorb-right"}
    assert above(skill_of("left")) == {"quorb-top"}
    assert above(skill_of("top")) == {UNDER}
    assert skill_of("left").label_ru == ""
    assert reference.current().skills.find("листокворб").pk == leaf.pk


def test_the_same_concepts_twice_change_nothing_and_it_is_said() -> None:
    take(*TREE)
    rows, stamp = everything(), ReferenceVersion.objects.get()
    again = take(*reversed(TREE))
    assert (counts(again), again.changed) == ({"unchanged": 4}, False)
    assert again.in_words().endswith("Nothing changed.")
    assert everything() == rows
    assert ReferenceVersion.objects.get().skills == stamp.skills


def test_a_dry_run_counts_the_same_and_writes_nothing() -> None:
    rows = everything()
    rehearsed = take(*TREE, dry_run=True)
    assert everything() == rows
    real = take(*TREE)
    assert (rehearsed.counts, rehearsed.changed) == (real.counts, True)


@pytest.mark.parametrize("root", [BASE + "left", "quorb-left", "Quorb Left"])
def test_only_what_stands_below_the_root_is_imported(root: str) -> None:
    assert counts(take(*TREE, roots=[root])) == {"created": 2}
    assert above(skill_of("left")) == {UNDER}
    assert above(skill_of("leaf")) == {"quorb-left"}


def test_overlapping_roots_add_to_each_other() -> None:
    for root in ("quorb-left", "quorb-right"):
        take(*TREE, roots=[root])
    assert above(skill_of("leaf")) == {"quorb-left", "quorb-right"}
    assert [counts(take(*TREE, roots=[root])) for root in ("quorb-left", "quorb-right")] == [{"unchanged": 2}] * 2


def test_a_root_that_is_unknown_or_means_two_concepts_is_refused() -> None:
    with pytest.raises(Invalid, match="nowhere"):
        take(*TREE, roots=["nowhere"])
    with pytest.raises(Invalid, match=r"https://vocabulary\.example/other"):
        take(*TREE, concept("other", "Quorb left"), roots=["quorb-left"])


def test_roots_hang_elsewhere_when_another_skill_is_chosen() -> None:
    take(*TREE)
    assert counts(take(*TREE, under="elisa")) == {"updated": 1, "unchanged": 3}
    assert above(skill_of("top")) == {"elisa"}


def test_a_concept_called_like_a_skill_brings_it_its_other_names_and_leaves_it_as_it_is() -> None:
    own, places = cast.skill("pcr"), above(cast.skill("pcr"))
    chain = concept("chain", "Polymerase  Chain-Reaction", above="top", names=["quorbling"], label_ru="Кворбление")
    assert counts(take(TOP, chain)) == {"created": 1, "joined": 1}
    joined = skill_of("chain")
    assert (joined.pk, joined.label, above(joined)) == (own.pk, own.label, places)
    assert {"quorbling", "Кворбление"} <= names_of(joined).keys()
    assert not take(TOP, chain).changed


def test_what_stands_below_a_joined_concept_stands_below_our_skill() -> None:
    take(concept("chain", "PCR"), concept("fast", above="chain"))
    assert above(skill_of("fast")) == {"pcr"}


def test_two_concepts_of_one_label_are_one_skill() -> None:
    assert counts(take(concept("a", "Quorbing"), concept("b", "quorbing"))) == {"created": 1, "joined": 1}
    assert counts(take(concept("a", "Quorbing"), concept("b", "quorbing"))) == {"unchanged": 2}


def test_a_name_of_another_skill_stays_with_it_and_it_is_said() -> None:
    result = take(concept("a", names=["real time PCR", "Quorbon"], label_ru="Вестерн-блоттинг"))
    assert names_of(skill_of("a")) == {"Quorbon": False}
    assert skill_of("a").label_ru == ""
    assert set(result.warnings) == {
        "“Вестерн-блоттинг” names the skill western-blot: left with it.",
        "“real time PCR” names the skill qpcr: left with it.",
    }


def test_a_name_that_is_the_label_of_another_concept_is_left_to_that_one_whatever_comes_first() -> None:
    result = take(concept("a", names=["Quorb b"]), concept("b"))
    assert counts(result) == {"created": 2}
    assert names_of(skill_of("a")) == {}
    assert list(result.warnings) == ["“Quorb b” is the label of another concept: left to that one."]


def test_short_names_and_those_that_are_ambiguous_already_are_marked() -> None:
    save_skill(skill=Skill(), by=cast.BY, label="Questionable", ambiguous=["QRB"])
    take(concept("a", names=["QB", "qrb", "Quorbon", "Q#"]), concept("b", "ZQ"))
    assert names_of(skill_of("a")) == {"QB": True, "qrb": True, "Quorbon": False, "Q#": False}
    assert names_of(skill_of("b")) == {"ZQ": True}


def test_a_slug_takes_no_name_from_another_skill() -> None:
    save_skill(skill=Skill(), by=cast.BY, label="Questionable", aliases=["q-rb"])
    take(concept("a", "Q & RB 3"), concept("b", "Quorb, & (b)"), concept("c", "QRB!"))
    names = {"q-rb", "questionable"}
    assert names.isdisjoint(skill_of(each).slug for each in "abc")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (replace(TOP, uri="top"), "no whole address"),
        (replace(TOP, uri=f"{BASE}a b"), "no whole address"),
        (replace(TOP, uri=BASE + "x" * 500), "no whole address"),
        (replace(TOP, label="", label_ru="Кворб"), "no English label"),
        (replace(TOP, label="…"), "no English label"),
        (replace(TOP, label="q" * 121), "longer than 120"),
        (replace(TOP, label="ﷺ" * 30), "longer than 120"),
        (replace(TOP, uri="", problem="Line noise."), "Line noise"),
    ],
)
def test_a_concept_that_cannot_be_taken_is_rejected_and_stops_no_other(bad: Concept, reason: str) -> None:
    result = take(bad, LEFT)
    assert counts(result) == {"created": 1, "rejected": 1}
    assert reason in result.rejections[0].reason
    assert above(skill_of("left")) == {UNDER}


def test_a_name_that_is_too_long_is_left_out() -> None:
    result = take(concept("a", names=["q" * 121, "Quorbon"], label_ru="к" * 121))
    assert names_of(skill_of("a")) == {"Quorbon": False}
    assert (skill_of("a").label_ru, len(result.warnings)) == ("", 1)


def test_circles_are_cut_and_stay_cut() -> None:
    circle = [concept("a", above="c"), concept("b", above="a"), concept("c", above="b"), concept("d", above="d")]
    result = take(*circle)
    assert counts(result) == {"created": 4}
    assert sum("stand above each other" in sentence for sentence in result.warnings) == 1
    known = reference.current()
    assert all(cast.skill(UNDER).pk in known.broader[skill_of(name).pk] for name in "abcd")
    again = take(*circle)
    assert (counts(again), again.changed) == ({"unchanged": 4}, False)


def test_a_turned_hierarchy_is_turned_here_too() -> None:
    take(concept("a"), concept("b", above="a"), concept("c", above="b"))
    take(concept("a", above="b"), concept("b", above="c"), concept("c"))
    assert [above(skill_of(name)) for name in "abc"] == [{"quorb-b"}, {"quorb-c"}, {UNDER}]


def test_a_chain_of_thousands_is_no_problem() -> None:
    links = [concept(f"n{i}", above=f"n{i - 1}") for i in range(3000)]
    assert counts(take(*reversed(links), dry_run=True)) == {"created": 3000}


def test_nothing_is_hung_below_an_obsolete_skill() -> None:
    save_skill(skill=cast.skill(UNDER), by=cast.BY, obsolete=True)
    with pytest.raises(Invalid):
        take(TOP)


def test_only_who_may_change_reference_data_imports() -> None:
    with pytest.raises(NotAllowed):
        module.import_skills(concepts=[TOP], under=cast.skill(UNDER), by=cast.office())


# What changed since ---------------------------------------------------------------------------------------------------


def test_what_changed_in_the_file_changes_here() -> None:
    take(*TREE)
    changed = replace(LEAF, label="Quorb foliage", label_ru="", names=("Quorbleaf", "Quorb leaf"), broader=(RIGHT.uri,))
    assert counts(take(changed, LEFT, RIGHT, TOP)) == {"updated": 1, "unchanged": 3}
    leaf = skill_of("leaf")
    assert (leaf.slug, leaf.label, leaf.label_ru) == ("quorb-leaf", "Quorb foliage", "")
    assert names_of(leaf).keys() == {"Quorbleaf", "Quorb leaf"}
    assert above(leaf) == {"quorb-right"}


def test_what_somebody_edited_stays_though_the_file_changes() -> None:
    take(*TREE)
    edited = {"label": "Edited", "aliases": ["mine"], "broader": [cast.skill("elisa")]}
    save_skill(skill=skill_of("leaf"), by=cast.BY, **edited)
    assert counts(take(*TREE)) == {"unchanged": 4}
    take(replace(LEAF, label="Quorb foliage", names=("Quorbleaf", "Quorbon")), LEFT, RIGHT, TOP)
    leaf = skill_of("leaf")
    assert (leaf.label, names_of(leaf).keys(), above(leaf)) == ("Edited", {"mine", "Quorbon"}, {"elisa"})


def test_a_name_may_move_from_one_concept_to_another_in_either_order() -> None:
    for order in (1, -1):
        take(concept("a", names=["Quorbon"]), concept("b"))
        take(*[concept("a"), concept("b", names=["Quorbon"])][::order])
        assert (names_of(skill_of("a")), names_of(skill_of("b"))) == ({}, {"Quorbon": False})


def test_two_concepts_may_swap_their_labels() -> None:
    take(concept("a", "Quorbing"), concept("b", "Quorbling"))
    assert counts(take(concept("a", "Quorbling"), concept("b", "Quorbing"))) == {"updated": 2}
    assert (skill_of("a").label, skill_of("b").label) == ("Quorbling", "Quorbing")


def test_an_alias_may_become_a_concept_of_its_own() -> None:
    take(concept("a", names=["Quorbon"]))
    assert counts(take(concept("b", "Quorbon"), concept("a", names=["Quorbon"]))) == {"created": 1, "updated": 1}
    assert names_of(skill_of("a")) == {}
    assert skill_of("b").label == "Quorbon"


def test_a_concept_that_the_file_lacks_is_left_alone() -> None:
    take(*TREE)
    rows = everything()
    take(LEFT, TOP)
    assert everything() == rows


def test_a_joined_skill_loses_no_name_when_the_concept_does() -> None:
    take(concept("chain", "PCR", names=["quorbling"]))
    take(concept("chain", "Quorbling again", names=["quorblet"]))
    assert {"quorbling", "Quorbling again", "quorblet"} <= names_of(cast.skill("pcr")).keys()
    assert cast.skill("pcr").label == "PCR"


# Batches --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 1)


@pytest.mark.usefixtures("_small_batches")
def test_a_killed_import_is_run_again_and_nothing_stood_alone_meanwhile() -> None:
    def kill(done: int, of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(*TREE, on_progress=kill)
    assert [len(above(skill)) for skill in Skill.objects.filter(concepts__isnull=False)] == [1, 1]
    assert counts(take(*TREE)) == {"created": 2, "unchanged": 2}


@pytest.mark.usefixtures("_small_batches")
def test_what_somebody_writes_between_two_batches_is_seen() -> None:
    def write(done: int, of: int) -> None:
        if done == 1:
            save_skill(skill=Skill(), by=cast.BY, label="Mine", aliases=["Quorbleaf", "quorb left"])

    result = take(*TREE, on_progress=write)
    assert counts(result) == {"created": 3, "joined": 1}
    assert SkillAlias.objects.get(key="quorbleaf").skill.label == skill_of("left").label == "Mine"


@pytest.mark.usefixtures("_small_batches")
def test_labels_swap_though_somebody_writes_between_the_batches() -> None:
    take(concept("a", "Quorbing"), concept("b", "Quorbling"))

    def write(done: int, of: int) -> None:
        reference.touch(skills=True)

    result = take(concept("a", "Quorbling"), concept("b", "Quorbing"), on_progress=write)
    assert counts(result) == {"updated": 2}
    assert (skill_of("a").label, skill_of("b").label) == ("Quorbling", "Quorbing")
    assert not result.warnings


def test_progress_reaches_the_total() -> None:
    seen: list[tuple[int, int]] = []
    take(*TREE, concept("gone", obsolete=True), on_progress=lambda *step: seen.append(step))
    assert seen[-1] == (5, 5)


def test_documents_of_those_who_claim_a_joined_skill_or_a_narrower_one_are_written_anew() -> None:
    claimant, narrower = cast.student(skills={"pcr": 2}), cast.student(skills={"qpcr": 3})
    cast.student(skills={"sql": 1})
    sent: list[list[int]] = []

    def listen(student_ids: list[int], **_: Any) -> None:
        sent.append(student_ids)

    students_changed.connect(listen)
    try:
        take(concept("chain", "PCR", names=["quorbling"]), *TREE)
    finally:
        students_changed.disconnect(listen)
    assert sent == [[claimant.pk, narrower.pk]]
