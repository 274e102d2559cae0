"""Concepts that are obsolete: what was imported goes, stays for those who claim it, or hands over what it has."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from crm import reference
from crm.actions.evidence import add_evidence
from crm.actions.reference import save_skill
from crm.concept_imports.concepts import Concept
from crm.models import Evidence, SavedSearch, Skill, SkillConcept, Student
from crm.signals import students_changed
from search.saved import problems_of
from tests import cast
from tests.crm.foreign import UNDER, above, concept, counts, everything, names_of, skill_of, take

pytestmark = [pytest.mark.django_db, pytest.mark.once]

TOP, OLD, NEW = concept("top"), concept("old", above="top", names=["Quorbon"]), concept("new", above="top")
BELOW = concept("below", above="old")
GONE = replace(OLD, obsolete=True)
REPLACED = replace(GONE, replaced_by=(NEW.uri,))


@pytest.fixture
def rewritten() -> Iterator[list[int]]:
    """The students whose documents are written anew."""
    students: list[int] = []

    def listen(student_ids: list[int], **_: Any) -> None:
        students.extend(student_ids)

    students_changed.connect(listen)
    yield students
    students_changed.disconnect(listen)


def claims_of(person: Student) -> dict[str, int]:
    return dict(person.claims.values_list("skill__slug", "level"))


def backed(person: Student, slug: str) -> int:
    return person.claims.with_backing().get(skill__slug=slug).backed


def test_an_obsolete_concept_is_not_imported_and_needs_no_label() -> None:
    result = take(TOP, replace(OLD, label="", obsolete=True), BELOW)
    assert counts(result) == {"created": 2, "obsolete": 1}
    assert above(skill_of("below")) == {"quorb-top"}


def test_one_that_nobody_claims_is_removed_and_what_stood_below_it_moves_up() -> None:
    take(TOP, OLD, BELOW)
    save_skill(skill=Skill(), by=cast.BY, label="Mine", broader=[skill_of("old")])
    result = take(TOP, GONE, BELOW)
    assert (counts(result), result.skills_removed) == ({"obsolete": 1, "unchanged": 2}, 1)
    assert not Skill.objects.filter(slug="quorb-old").exists()
    assert above(skill_of("below")) == above(Skill.objects.get(slug="mine")) == {"quorb-top"}
    again = take(TOP, GONE, BELOW)
    assert (counts(again), again.changed) == ({"obsolete": 1, "unchanged": 2}, False)


def test_what_moved_up_follows_the_file_when_it_says_another_place() -> None:
    take(TOP, OLD, NEW, BELOW)
    take(TOP, GONE, NEW, replace(BELOW, broader=(NEW.uri,)))
    assert above(skill_of("below")) == {"quorb-new"}


def test_one_that_somebody_claims_stays_marked_and_is_no_longer_offered(rewritten: list[int]) -> None:
    take(TOP, OLD)
    person = cast.student(skills={"quorb-old": 4})
    rewritten.clear()
    result = take(TOP, GONE)
    assert (counts(result), result.changed, len(result.warnings)) == ({"obsolete": 1, "unchanged": 1}, True, 1)
    old = skill_of("old")
    assert (old.obsolete, old.label, names_of(old)) == (True, OLD.label, {"Quorbon": False})
    assert claims_of(person) == {"quorb-old": 4}
    assert rewritten == [person.pk]
    known = reference.current().skills
    assert old.pk not in known.starting("quorb")
    assert known.find("Quorbon").pk == old.pk
    assert old not in Skill.objects.offered()
    rows = everything()
    assert not take(TOP, GONE).changed
    assert everything() == rows


def test_a_marked_one_is_removed_when_nobody_claims_it_any_more() -> None:
    take(TOP, OLD)
    person = cast.student(skills={"quorb-old": 4})
    take(TOP, GONE)
    person.claims.all().delete()
    assert take(TOP, GONE).skills_removed == 1


@pytest.mark.parametrize("kind", ["recommendation", "evaluation"])
def test_one_that_a_professor_or_a_mentor_named_is_not_removed(kind: str) -> None:
    take(TOP, OLD)
    lab = cast.lab()
    person = cast.student(labs=[lab])
    if kind == "recommendation":
        cast.recommendation(person, cast.professor(heads=lab), skills={"quorb-old": 3})
    else:
        partner = cast.partner()
        cast.representative(partner)
        shown = [{"skill": skill_of("old"), "level": 3}]
        cast.evaluation(cast.immersion(person, partner, "active"), shown_skills=shown)
        person.claims.all().delete()
    take(TOP, GONE)
    assert skill_of("old").obsolete


def test_one_that_is_no_longer_obsolete_is_offered_again() -> None:
    take(TOP, OLD)
    cast.student(skills={"quorb-old": 4})
    take(TOP, GONE)
    assert counts(take(TOP, OLD)) == {"updated": 1, "unchanged": 1}
    assert not skill_of("old").obsolete


def test_what_an_admin_offers_again_stays_offered() -> None:
    take(TOP, OLD)
    cast.student(skills={"quorb-old": 4})
    take(TOP, GONE)
    save_skill(skill=skill_of("old"), by=cast.BY, obsolete=False)
    assert not take(TOP, GONE).changed
    assert not skill_of("old").obsolete


def test_obsolete_ones_are_found_though_they_stand_below_no_root_any_more() -> None:
    take(TOP, OLD)
    result = take(TOP, replace(GONE, broader=()), concept("other", obsolete=True), roots=["quorb-top"])
    assert counts(result) == {"unchanged": 1, "obsolete": 1}
    assert not SkillConcept.objects.filter(uri=OLD.uri).exists()


def test_a_skill_of_our_own_outlives_the_concept_that_was_joined_to_it() -> None:
    chain = concept("chain", "PCR", names=["quorbling"])
    take(chain)
    names = names_of(cast.skill("pcr"))
    take(replace(chain, obsolete=True))
    assert (cast.skill("pcr").obsolete, names_of(cast.skill("pcr"))) == (False, names)
    assert not cast.skill("pcr").concepts.exists()


def test_a_skill_of_two_concepts_stays_while_one_of_them_does() -> None:
    first, second = concept("a", "Quorbing"), concept("b", "Quorbing")
    take(first, second)
    take(replace(first, obsolete=True), second)
    assert skill_of("b").label == "Quorbing"
    assert not take(replace(first, obsolete=True), second).changed
    assert take(replace(first, obsolete=True), replace(second, obsolete=True)).skills_removed == 1


# Replaced -------------------------------------------------------------------------------------------------------------


def test_a_new_concept_takes_over_the_skill_of_the_one_it_replaces(rewritten: list[int]) -> None:
    take(TOP, OLD, BELOW)
    person, skill = cast.student(skills={"quorb-old": 4}), skill_of("old")
    add_evidence(claim=person.claims.get(), kind="defence", title="Thesis", by=cast.BY)
    rewritten.clear()
    assert counts(take(TOP, REPLACED, NEW, BELOW)) == {"obsolete": 1, "updated": 1, "unchanged": 2}
    heir = skill_of("new")
    assert (heir.pk, heir.label, names_of(heir), heir.obsolete) == (skill.pk, NEW.label, {}, False)
    assert (claims_of(person), backed(person, heir.slug)) == ({heir.slug: 4}, 4)
    assert person.pk in rewritten
    assert above(skill_of("below")) == {heir.slug}
    again = take(TOP, REPLACED, NEW, BELOW)
    assert (counts(again), again.changed) == ({"obsolete": 1, "unchanged": 3}, False)


def test_claims_move_to_a_replacing_skill_that_is_there_already(rewritten: list[int]) -> None:
    take(TOP, OLD, NEW, BELOW)
    only, higher, lower = (
        cast.student(skills=skills)
        for skills in ({"quorb-old": 2}, {"quorb-old": 5, "quorb-new": 2}, {"quorb-old": 1, "quorb-new": 3})
    )
    add_evidence(claim=only.claims.get(), kind="defence", title="Thesis", by=cast.BY)
    rewritten.clear()
    result = take(TOP, REPLACED, NEW, BELOW)
    assert (result.claims_moved, result.skills_removed) == (3, 1)
    assert [claims_of(person) for person in (only, higher, lower)] == [{"quorb-new": level} for level in (2, 5, 3)]
    assert backed(only, "quorb-new") == 2
    assert {only.pk, higher.pk, lower.pk} <= set(rewritten)
    assert not Skill.objects.filter(slug="quorb-old").exists()
    assert not take(TOP, REPLACED, NEW, BELOW).changed


@pytest.mark.parametrize(("old", "new"), [(2, 4), (4, 2), (3, 3)])
@pytest.mark.parametrize("on", ["quorb-old", "quorb-new"])
def test_evidence_backs_no_higher_level_than_the_claim_it_was_given_for(old: int, new: int, on: str) -> None:
    take(TOP, OLD, NEW)
    person = cast.student(skills={"quorb-old": old, "quorb-new": new})
    add_evidence(claim=person.claims.get(skill__slug=on), kind="defence", title="Thesis", by=cast.BY)
    take(TOP, REPLACED, NEW)
    assert claims_of(person) == {"quorb-new": max(old, new)}
    assert backed(person, "quorb-new") == (old if on == "quorb-old" else new)
    assert Evidence.objects.get().claim.student == person


def test_endorsements_move_with_the_claims() -> None:
    take(TOP, OLD, NEW)
    lab = cast.lab()
    person, pavel = cast.student(labs=[lab]), cast.professor(heads=lab)
    written = cast.recommendation(person, pavel, skills={"quorb-old": 4, "quorb-new": 2})
    take(TOP, REPLACED, NEW)
    assert list(written.endorsements.values_list("skill__slug", "level")) == [("quorb-new", 4)]


def test_claims_move_to_a_skill_of_our_own_that_the_replacing_concept_is_called_like() -> None:
    take(TOP, OLD)
    person = cast.student(skills={"quorb-old": 4})
    result = take(TOP, REPLACED, replace(NEW, label="PCR"))
    assert counts(result) == {"unchanged": 1, "obsolete": 1, "joined": 1}
    assert claims_of(person) == {"pcr": 4}


def test_a_chain_of_replacements_leads_to_its_end() -> None:
    middle = concept("middle")
    take(TOP, OLD, middle, NEW)
    people = [cast.student(skills={slug: 3}) for slug in ("quorb-old", "quorb-middle")]
    take(TOP, replace(GONE, replaced_by=(middle.uri,)), replace(middle, obsolete=True, replaced_by=(NEW.uri,)), NEW)
    assert [claims_of(person) for person in people] == [{"quorb-new": 3}] * 2


@pytest.mark.parametrize(
    "others",
    [
        [replace(REPLACED, replaced_by=(NEW.uri, TOP.uri)), NEW],
        [REPLACED],
        [REPLACED, replace(NEW, label="")],
        [REPLACED, replace(NEW, obsolete=True, replaced_by=(OLD.uri,))],
    ],
    ids=["by two", "by one that is not there", "by one that is rejected", "in a circle"],
)
def test_without_one_clear_replacement_it_stays_marked(others: list[Concept]) -> None:
    take(TOP, OLD)
    person = cast.student(skills={"quorb-old": 4})
    take(TOP, *others)
    assert (skill_of("old").obsolete, claims_of(person)) == (True, {"quorb-old": 4})


def test_one_that_stayed_marked_is_handed_over_once_its_replacement_comes() -> None:
    take(TOP, OLD)
    person = cast.student(skills={"quorb-old": 4})
    take(TOP, REPLACED)
    take(TOP, REPLACED, NEW)
    assert (skill_of("new").obsolete, skill_of("new").label) == (False, NEW.label)
    assert claims_of(person) == {skill_of("new").slug: 4}


def test_a_concept_with_a_new_uri_and_the_old_label_takes_over_what_was_left() -> None:
    take(TOP, OLD)
    person = cast.student(skills={"quorb-old": 4})
    second = replace(NEW, label=OLD.label)
    assert counts(take(TOP, GONE, second)) == {"unchanged": 1, "obsolete": 1, "joined": 1}
    assert (skill_of("new").obsolete, claims_of(person)) == (False, {"quorb-old": 4})
    assert not take(TOP, GONE, second).changed
    assert above(skill_of("new")) == {"quorb-top"}


def test_the_skill_below_which_all_hangs_is_never_removed() -> None:
    take(TOP, OLD)
    take(GONE, concept("other"), under="quorb-old")
    assert skill_of("old").obsolete
    assert above(skill_of("other")) == {"quorb-old"}


def test_a_dry_run_counts_what_would_move_and_moves_nothing() -> None:
    take(TOP, OLD, NEW)
    person = cast.student(skills={"quorb-old": 4})
    rows = everything()
    result = take(TOP, REPLACED, NEW, dry_run=True)
    assert (result.claims_moved, result.skills_removed, claims_of(person)) == (1, 1, {"quorb-old": 4})
    assert everything() == rows


def test_the_chosen_skill_stands_above_all_that_is_left() -> None:
    take(TOP, OLD, NEW, BELOW)
    take(*(replace(each, obsolete=True) for each in (TOP, OLD)), NEW, BELOW)
    assert above(skill_of("new")) == above(skill_of("below")) == {UNDER}


# Saved searches -------------------------------------------------------------------------------------------------------


def saved(*parameters: str) -> list[SavedSearch]:
    olga = cast.office()
    return [SavedSearch.objects.create(owner=olga, name="Quorbs", parameters=each) for each in parameters]


def asked() -> list[str]:
    return list(SavedSearch.objects.order_by("pk").values_list("parameters", flat=True))


def test_a_saved_search_asks_for_the_skill_that_replaced_the_old_one() -> None:
    take(TOP, OLD, NEW)
    now = {
        "skill=quorb-old:3&q=yeast": "skill=quorb-new:3&q=yeast",
        "skill_any=Quorbon&skill_any=python": "skill_any=quorb-new&skill_any=python",
        "skill=QUORB+OLD%3A2": "skill=quorb-new:2",
        f"skill={skill_of('old').public_id}": "skill=quorb-new",
        "q=quorb-old&skill=python%3A2": "q=quorb-old&skill=python%3A2",
    }
    saved(*now)
    take(TOP, REPLACED, NEW)
    assert asked() == list(now.values())


def test_a_saved_search_by_a_name_that_is_gone_asks_for_the_skill_that_had_it() -> None:
    take(TOP, OLD)
    saved("skill=Quorbon", "skill=Quorb+old:4", "skill=quorb-old")
    take(TOP, replace(OLD, label="Quorb renamed", names=()))
    assert asked() == ["skill=quorb-old", "skill=quorb-old:4", "skill=quorb-old"]


def test_a_saved_search_for_a_skill_that_nothing_replaces_stays_and_says_so() -> None:
    take(TOP, OLD)
    saved("skill=quorb-old:3")
    take(TOP, GONE)
    (parameters,) = asked()
    assert parameters == "skill=quorb-old:3"
    assert problems_of(parameters, reference.current()) == ["Unknown skill 'quorb-old'."]
