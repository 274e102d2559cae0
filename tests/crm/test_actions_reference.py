"""Labs, skills and professors: one spelling each, no circles, and heads that follow each other without a gap or an overlap."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from crm import reference
from crm.actions.reference import appoint_head, save_city, save_lab, save_professor, save_programme, save_skill
from crm.errors import Conflict, Invalid, NotAllowed
from crm.models import City, Lab, LabHeadship, Professor, Programme, Skill, Student
from crm.querysets.people import lab_ids_of
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.mark.parametrize("spelling", ["optics lab", "Laboratory of Optics", "ÓPTICS", "the lab of optics"])
def test_another_spelling_of_a_lab_is_the_same_lab(spelling):
    made = save_lab(lab=Lab(), by=cast.BY, name="Optics")
    with pytest.raises(Conflict) as refused:
        save_lab(lab=Lab(), by=cast.BY, name=spelling)
    assert refused.value.fields.keys() == {"name"}
    assert save_lab(lab=made, by=cast.BY, name=spelling).pk == made.pk


def test_only_admins_change_reference_data():
    lab = cast.lab()
    head = Professor.objects.create(family_name="Head")
    for by in (cast.office(), cast.professor(), cast.representative(cast.partner())):
        for change in (
            lambda by=by: save_lab(lab=Lab(), by=by, name="New"),
            lambda by=by: save_programme(programme=Programme(), by=by, name="New"),
            lambda by=by: save_skill(skill=Skill(), by=by, label="New"),
            lambda by=by: save_city(city=City(), by=by, name="New", country="RU", latitude=1, longitude=1),
            lambda by=by: appoint_head(lab=lab, professor=head, by=by),
        ):
            with pytest.raises(NotAllowed):
                change()
    assert save_lab(lab=Lab(), by=cast.admin(), name="New").slug == "new"


def test_professors_are_the_universitys_to_change():
    for by in (cast.professor(), cast.representative(cast.partner()), cast.student_account(cast.student())):
        with pytest.raises(NotAllowed):
            save_professor(professor=Professor(), by=by, family_name="New")
    assert save_professor(professor=Professor(), by=cast.office(), family_name="New").pk


def test_a_slug_is_made_once_or_taken_as_it_is_given():
    made = [save_programme(programme=Programme(), by=cast.BY, name=name) for name in ("Energy", "Energy!")]
    assert [one.slug for one in made] == ["energy", "energy-2"]
    assert save_programme(programme=made[0], by=cast.BY, name="Renamed").slug == "energy"
    assert save_programme(programme=Programme(), by=cast.BY, name="Another", slug="mine").slug == "mine"


def test_what_is_not_given_stays_and_lists_are_replaced_as_a_whole():
    lab, first, second = (cast.lab(name) for name in ("Optics", "First", "Second"))
    save_lab(lab=lab, by=cast.BY, collaborators=[first], description="We look.")
    save_lab(lab=Lab.objects.get(pk=lab.pk), by=cast.BY, name="Photonics")
    fresh = Lab.objects.get(pk=lab.pk)
    assert (fresh.description, list(fresh.collaborators.all())) == ("We look.", [first])
    assert list(save_lab(lab=lab, by=cast.BY, collaborators=[second]).collaborators.all()) == [second]
    # A copy from before the new name does not take it back.
    assert save_lab(lab=lab, by=cast.BY, collaborators=[]).name == "Photonics"
    assert not lab.collaborators.exists()


def test_aliases_of_a_skill_are_replaced_and_what_stays_keeps_its_row():
    skill = save_skill(skill=Skill(), by=cast.BY, label="One test", aliases=["Kept test", "dropped test"])
    kept = skill.aliases.get(key="kept test").pk
    save_skill(skill=skill, by=cast.BY, aliases=["kept  TEST", " new test ", "  "])
    assert dict(skill.aliases.values_list("name", "pk")) == {
        "Kept test": kept,
        "new test": skill.aliases.get(key="new test").pk,
    }
    save_skill(skill=skill, by=cast.BY, label_ru="Проба")
    assert skill.aliases.count() == 2


def names_of(skill: Skill) -> dict[str, bool]:
    """Name -> whether it is ambiguous."""
    return dict(skill.aliases.values_list("name", "ambiguous"))


def test_a_name_left_out_of_the_ambiguous_ones_becomes_a_plain_alias_again():
    skill = save_skill(skill=Skill(), by=cast.BY, label="One test", aliases=["Plain"], ambiguous=["OT", "One test"])
    save_skill(skill=skill, by=cast.BY, ambiguous=["OT", "New"])
    assert names_of(skill) == {"Plain": False, "OT": True, "New": True}
    save_skill(skill=skill, by=cast.BY, aliases=["New"], ambiguous=[])
    assert names_of(skill) == {"New": False, "OT": False}
    save_skill(skill=skill, by=cast.BY, aliases=[])
    assert names_of(skill) == {}


def test_a_shared_ambiguous_name_is_made_plain_for_one_skill_alone():
    one, two = (save_skill(skill=Skill(), by=cast.BY, label=label, ambiguous=["OT"]) for label in ("One OT", "Two OT"))
    save_skill(skill=one, by=cast.BY, ambiguous=[])
    with pytest.raises(Conflict) as refused:
        save_skill(skill=two, by=cast.BY, ambiguous=[])
    assert refused.value.fields == {"ambiguous": ["'OT' is a plain alias of One OT: it stays marked."]}
    assert (names_of(one), names_of(two)) == ({"OT": False}, {"OT": True})


SKILL = {"label": "One test", "label_ru": "Первая проба", "aliases": ["Shared name"], "slug": "first"}
CITY = {"country": "RU", "latitude": 1, "longitude": 1}


@pytest.mark.parametrize("name", ["ONE  test", "первая прОба", "shared  NAME", "First"])
@pytest.mark.parametrize("field", ["label", "label_ru", "aliases", "slug"])
def test_a_skill_takes_no_name_of_another_in_any_field(field, name):
    save_skill(skill=Skill(), by=cast.BY, **SKILL)
    other = save_skill(skill=Skill(), by=cast.BY, label="Two test")
    if field == "slug":
        name = "first"
    for skill in (Skill(), other):
        with pytest.raises(Conflict) as refused:
            save_skill(
                skill=skill, by=cast.BY, **{"label": "Three test", field: [name] if field == "aliases" else name}
            )
        assert refused.value.fields.keys() == {field}


@pytest.mark.parametrize("name", ["one  TEST", "пЕрвая", "Shared", "first"])
@pytest.mark.parametrize("field", ["name", "aliases"])
def test_a_programme_or_a_city_takes_no_name_of_another(field, name):
    known = {"name": "One test", "aliases": ["Shared", "Первая"], "slug": "first"}
    taken = {"name": "Two", field: [name] if field == "aliases" else name}
    for save, kind, more in ((save_programme, "programme", {}), (save_city, "city", CITY)):
        model = {"programme": Programme, "city": City}[kind]
        save(**{kind: model()}, by=cast.BY, **known, **more)
        with pytest.raises(Conflict) as refused:
            save(**{kind: model()}, by=cast.BY, **taken, **more)
        assert refused.value.fields.keys() == {field}


def test_a_label_cannot_hijack_the_abbreviation_of_another_skill():
    with pytest.raises(Conflict):
        save_skill(skill=Skill(), by=cast.BY, label="ПЦР")
    made = save_skill(skill=Skill(), by=cast.BY, label="PCR!")
    assert reference.current().skills.find("pcr").pk == cast.skill("pcr").pk != made.pk


def test_no_lab_takes_the_slug_of_another_as_its_name():
    save_lab(lab=Lab(), by=cast.BY, name="Photonics", slug="optics")
    with pytest.raises(Conflict) as refused:
        save_lab(lab=Lab(), by=cast.BY, name="Laboratory of Optics")
    assert refused.value.fields.keys() == {"name"}


def test_names_that_two_records_have_already_hinder_no_change_of_either():
    one, two = (Skill.objects.create(slug=slug, label="Doubled") for slug in ("one-doubled", "two-doubled"))
    for skill in (one, two):
        assert save_skill(skill=skill, by=cast.BY, label="doubled", label_ru=f"Дважды {skill.pk}").label == "doubled"


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_broader_skills_form_no_circle(steps):
    chain = [save_skill(skill=Skill(), by=cast.BY, label="Step 0")]
    for place in range(steps):
        chain.append(save_skill(skill=Skill(), by=cast.BY, label=f"Step {place + 1}", broader=[chain[-1]]))
    with pytest.raises(Invalid) as refused:
        save_skill(skill=chain[0], by=cast.BY, broader=[chain[-1]])
    assert refused.value.fields.keys() == {"broader"}


def test_a_refused_change_leaves_the_snapshot_as_it_was():
    save_skill(skill=Skill(), by=cast.BY, label="One test", aliases=["Shared name"])
    before = reference.current()
    with pytest.raises(Conflict):
        save_skill(skill=Skill(), by=cast.BY, label="Two test", aliases=["Shared name"])
    assert reference.current() is before


def test_a_new_head_begins_where_the_former_one_ends():
    lab, day = cast.lab(), date(2026, 9, 1)
    first, second = (Professor.objects.create(family_name=name) for name in ("First", "Second"))
    appoint_head(lab=lab, professor=first, by=cast.BY, starts=date(2020, 1, 1))
    appoint_head(lab=lab, professor=second, by=cast.BY, starts=day)
    terms = LabHeadship.objects.order_by("pk").values_list("professor__family_name", "starts", "ends")
    assert list(terms) == [("First", date(2020, 1, 1), day - timedelta(days=1)), ("Second", day, None)]


@pytest.mark.parametrize(
    ("starts", "ends"), [(None, date(2026, 8, 31)), (date(2026, 8, 1), date(2026, 8, 31)), (date(2026, 10, 1),) * 2]
)
def test_a_former_head_ends_the_day_before_but_never_before_the_own_start(starts, ends):
    lab = cast.lab()
    former, head = (Professor.objects.create(family_name=name) for name in ("Former", "Head"))
    LabHeadship.objects.create(lab=lab, professor=former, starts=starts)
    appoint_head(lab=lab, professor=head, by=cast.BY, starts=date(2026, 9, 1))
    assert LabHeadship.objects.get(professor=former).ends == ends


def test_a_head_appointed_from_today_sees_the_lab_today_and_the_former_one_no_more():
    lab, former, head = cast.lab(), cast.professor(), cast.professor(name="Nina Neu")
    person = cast.student(labs=[lab])
    appoint_head(lab=lab, professor=former.professor, by=cast.BY, starts=timezone.localdate() - timedelta(days=9))
    assert set(Student.objects.visible_to(former)) == {person}
    appoint_head(lab=lab, professor=head.professor, by=cast.BY)
    assert set(Student.objects.visible_to(head)) == {person}
    assert not Student.objects.visible_to(former).exists()


def test_memberships_of_a_professor_are_replaced_as_a_whole():
    lab, other = cast.lab(), cast.lab("Second")
    person = save_professor(professor=Professor(), by=cast.BY, family_name="P", memberships=[{"lab": lab}])
    assert lab_ids_of(person.pk) == {lab.pk}
    yesterday = timezone.localdate() - timedelta(days=1)
    rows = [{"lab": lab, "ends": yesterday}, {"lab": other}]
    save_professor(professor=person, by=cast.BY, memberships=rows)
    assert lab_ids_of(person.pk) == {other.pk}
    save_professor(professor=person, by=cast.BY, email="p@university.example")
    assert lab_ids_of(person.pk) == {other.pk}
