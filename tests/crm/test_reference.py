"""The snapshot of labs, skills and the like: read once, anew when the stamp moves, the same for every spelling of a name."""

from dataclasses import FrozenInstanceError

import pytest
from django.db import transaction

from crm import reference
from crm.actions.reference import save_city, save_lab, save_programme, save_skill
from crm.models import City, Lab, Programme, ReferenceVersion, Skill
from tests import cast
from tests.processes import together

pytest_plugins = ("tests.committed",)


@pytest.mark.django_db
def test_the_snapshot_costs_one_query_while_nothing_changed(django_assert_num_queries):
    first = reference.current()
    with django_assert_num_queries(1):
        assert reference.current() is first


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("save", "kind"),
    [
        (lambda: save_lab(lab=Lab(), by=cast.BY, name="Brand New"), "labs"),
        (lambda: save_programme(programme=Programme(), by=cast.BY, name="Brand New"), "programmes"),
        (lambda: save_skill(skill=Skill(), by=cast.BY, label="Brand New"), "skills"),
        (
            lambda: save_city(city=City(), by=cast.BY, name="Brand New", country="RU", latitude=1, longitude=1),
            "cities",
        ),
    ],
    ids=["lab", "programme", "skill", "city"],
)
def test_a_change_of_any_kind_is_seen_with_the_next_look(save, kind):
    before = reference.current()
    made = save()
    assert getattr(before, kind).find("brand new") is None
    assert getattr(reference.current(), kind).find("brand new").pk == made.pk


@pytest.mark.django_db
def test_what_is_rolled_back_is_forgotten():
    with transaction.atomic():
        cast.lab("Never There")
        assert reference.current().labs.find("never there")
        transaction.set_rollback(True)
    assert reference.current().labs.find("never there") is None


@pytest.mark.django_db
def test_without_a_stamp_it_is_read_each_time():
    ReferenceVersion.objects.all().delete()
    assert reference.current() is not reference.current()


@pytest.mark.django_db
def test_a_snapshot_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        reference.current().stamp = None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "spelling",
    [
        *("Quantum Optics", "quantum optics", "QUANTUM  OPTICS", "Lab of Quantum Optics", "Quantum Optics lab"),
        *("Laboratory of Quantum Optics", "the laboratory of quantum optics", "Quantum Optics Laboratory"),
        *("quantum-optics", "Quántum Optics", "Quantum Optics Lab.", "lab. of Quantum Optics", "Quantum Optics (lab)"),
        *(
            "Quantum Optics Labs",
            "Quantum Optics Laboratories",
            "Laboratories for Quantum Optics",
            "quantum optics LABS.",
        ),
        *(
            "Лаборатория Quantum Optics",
            "лаб. Quantum Optics",
            "Quantum Optics (лаборатория)",
            "lab of Quantum Optics lab",
        ),
    ],
)
def test_every_spelling_of_a_lab_finds_it(spelling):
    made = cast.lab("Quantum Optics")
    found = reference.current().labs.find(spelling)
    assert (found.pk, found.public_id) == (made.pk, made.public_id)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Laboratory Medicine", "Lab Automation", "Labs Unlimited", "Laboratories"])
def test_a_name_that_begins_like_a_lab_is_a_name_of_its_own(name):
    made, other = cast.lab(name), cast.lab("Medicine")
    labs = reference.current().labs
    assert [labs.find(text).pk for text in (name, f"{name} lab", f"Laboratory of {name}")] == [made.pk] * 3
    assert labs.find("Laboratory of Medicine").pk == other.pk
    assert labs.find("automation") is None


@pytest.mark.django_db
def test_a_slug_that_reads_like_the_name_of_another_lab_finds_its_own():
    named = save_lab(lab=Lab(), by=cast.BY, name="Photonics", slug="optics-lab")
    cast.lab("Optics")
    labs = reference.current().labs
    assert labs.find("optics-lab").pk == named.pk
    assert labs.find("Optics Lab").label == "Optics"


@pytest.mark.django_db
def test_records_are_found_by_id_slug_label_and_alias_and_by_nothing_else():
    made = save_skill(skill=Skill(), by=cast.BY, label="Soft tests", label_ru="Мягкие ёжики", aliases=["softies"])
    skills = reference.current().skills
    for name in (str(made.public_id), "soft-tests", "SOFT TESTS", "мягкие ежики", "Softies"):
        assert skills.find(name).pk == made.pk, name
    for name in ("soft", "", "tests", str(made.pk), made.public_id.hex):
        assert skills.find(name) is None, name


@pytest.mark.django_db
def test_a_slug_wins_over_a_label_and_a_label_over_an_alias():
    """Actions let no two records have one name; a database may hold such records all the same."""
    save_skill(skill=Skill(), by=cast.BY, label="First test", aliases=["Third test"])
    by_label = Skill.objects.create(label="Third test", slug="other-slug")
    by_slug = Skill.objects.create(label="Unlike", slug="fourth")
    Skill.objects.create(label="Fourth", slug="unlike-too")
    reference.touch(skills=True)
    skills = reference.current().skills
    assert skills.find("third test").pk == by_label.pk
    assert skills.find("fourth").pk == by_slug.pk


@pytest.mark.django_db
def test_a_prefix_finds_names_in_which_a_word_begins_so():
    made = save_skill(skill=Skill(), by=cast.BY, label="Zonal wobble tests", aliases=["Zwobbling"])
    skills = reference.current().skills
    for prefix in ("zon", "WOBBLE", "wobble te", "zwob", "tests"):
        assert made.pk in skills.starting(prefix), prefix
    for prefix in ("obble", "zonal tests", "zonal  wobble x"):
        assert made.pk not in skills.starting(prefix), prefix


@pytest.mark.django_db
def test_a_broader_skill_includes_all_below_it_over_any_number_of_steps():
    top, middle, low, other = (
        save_skill(skill=Skill(), by=cast.BY, label=f"Step {name}") for name in ("top", "middle", "low", "other")
    )
    save_skill(skill=middle, by=cast.BY, broader=[top])
    save_skill(skill=low, by=cast.BY, broader=[middle, other])
    known = reference.current()
    assert known.broader[low.pk] == {low.pk, middle.pk, top.pk, other.pk}
    assert known.broader[middle.pk] == {middle.pk, top.pk}
    assert known.broader[top.pk] == {top.pk}


@pytest.mark.django_db
def test_even_a_circle_in_the_database_ends():
    one, two = (save_skill(skill=Skill(), by=cast.BY, label=f"Circle {n}") for n in (1, 2))
    one.broader.add(two)
    two.broader.add(one)
    reference.touch(skills=True)
    assert reference.current().broader[one.pk] == {one.pk, two.pk}


@pytest.mark.postgres
def test_changes_at_once_each_move_the_stamp_and_leave_one_row(committed):
    outcomes = together(*(lambda place=place: cast.lab(f"At Once {place}") for place in range(4)))
    assert all(isinstance(outcome, Lab) for outcome in outcomes)
    assert ReferenceVersion.objects.count() == 1
    assert all(reference.current().labs.find(f"at once {place}") for place in range(4))


@pytest.mark.postgres
def test_of_several_that_take_one_name_at_once_one_gets_it(committed):
    def make(place: int) -> Skill:
        return save_skill(skill=Skill(), by=cast.BY, slug=f"at-once-{place}", label="Wanted by many")

    outcomes = together(*(lambda place=place: make(place) for place in range(4)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Conflict", "Conflict", "Skill"]
