import re
from collections import Counter
from datetime import date, timedelta

import pytest

from crm.demo import DemoWorld, build_world
from crm.demo.contents import contents
from crm.demo.names import feminine, mailbox, transliterate
from crm.demo.profiles import orcid
from crm.demo.world import DemoStudent
from crm.text import fold, lab_key
from search.vocabulary import load

pytestmark = pytest.mark.once

TODAY = date(2026, 2, 14)
OFFICE_LABS = """
Applied Mathematics, Battery Chemistry, Bioprocess Engineering, Catalysis, Composite Materials,
Computational Genomics, Computer Vision, Distributed Computing, Genome Editing, Immune Engineering,
Machine Learning Systems, Microbiome Ecology, Molecular Diagnostics, Natural Language Processing,
Neurobiology, Photonics, Plant Biotechnology, Power Systems, Quantum Materials, Reservoir
Engineering, RNA Therapeutics, Robotics, Space Systems, Structural Biology
"""
OFFICE_PROGRAMMES = {"Life Sciences", "Energy and Engineering", "Materials Science", "Information Technology"}
OFFICE_SUPERVISORS = """
Berezin Chen Gromov Khramov Lisitsyn Müller-Lang O'Dell Okafor Orlov Shchukin Sokolov
Tsvetkov Yolkin Zhuravlyov
"""


@pytest.fixture(scope="module")
def world() -> DemoWorld:
    return build_world(today=TODAY)


def is_russian(text: str) -> bool:
    return re.search("[а-я]", text) is not None


def sees(student: DemoStudent, partner: str) -> bool:
    """Consents add up; a block beats them."""
    allowed = any(
        "profile" in consent.scopes and consent.partner in (None, partner) and consent.is_active(TODAY)
        for consent in student.consents
    )
    return allowed and partner not in student.blocks


def test_the_same_day_and_seed_give_the_same_world(world: DemoWorld) -> None:
    assert build_world(today=TODAY) == world
    assert build_world(today=TODAY, seed=7) != world


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2025, 1, 1), date(2026, 7, 1), date(2027, 12, 31)])
def test_a_world_can_be_made_on_any_day(today: date) -> None:
    world = build_world(today=today)
    future = [
        period
        for student in world.students
        for period in (*student.memberships, *student.supervisions)
        if period.starts > today or (period.ends is not None and not period.starts <= period.ends <= today)
    ]
    assert future == []


def test_the_size_of_the_world(world: DemoWorld) -> None:
    assert (len(world.labs), len(world.students)) == (25, 600)
    assert 38 <= len(world.professors) <= 46
    assert Counter(partner.state for partner in world.partners) == {"active": 3, "prospect": 1}
    assert {partner.slug for partner in world.partners} == {person.partner for person in world.representatives}


def test_files_of_the_offices_find_their_labs_programmes_and_supervisors(world: DemoWorld) -> None:
    labs = {lab_key(name) for name in OFFICE_LABS.replace("\n", " ").split(",")}
    assert len(labs) == 24
    assert labs <= {lab_key(lab.name) for lab in world.labs}
    assert {programme.name for programme in world.programmes} >= OFFICE_PROGRAMMES
    surnames = Counter(professor.family_name for professor in world.professors)
    assert {surnames[surname] for surname in OFFICE_SUPERVISORS.split()} == {1}


def test_numbers_and_addresses_are_used_once(world: DemoWorld) -> None:
    people = (*world.students, *world.professors, *world.representatives, *world.users)
    assert max(Counter(person.email for person in people).values()) == 1
    assert all(re.fullmatch(r"[a-z.-]+@[a-z.]+\.example(\.edu)?|[a-z.-]+@[a-z.]*example\.edu", p.email) for p in people)
    for field in ("number", "thesis_title"):
        assert len({getattr(student, field) for student in world.students}) == 600
    phones = [student.phone for student in world.students if student.phone]
    assert len(set(phones)) == len(phones)


def test_everything_named_exists(world: DemoWorld) -> None:
    labs, cities = {lab.slug for lab in world.labs}, {city.slug for city in world.cities}
    professors = {professor.key: professor for professor in world.professors}
    programmes, partners = {each.slug for each in world.programmes}, {each.slug for each in world.partners}
    for lab in world.labs:
        assert professors[lab.head].lab == lab.slug
        assert lab.collaborators
        assert set(lab.collaborators) <= labs - {lab.slug}
    for student in world.students:
        assert student.programme in programmes
        assert {student.home_city, *student.work_cities} <= cities
        assert {membership.lab for membership in student.memberships} <= labs
        assert {supervision.professor for supervision in student.supervisions} <= set(professors)
        assert {*student.blocks, *(consent.partner for consent in student.consents)} <= {None, *partners}


def test_skills_are_those_of_the_vocabulary(world: DemoWorld) -> None:
    names = {entry.slug: {fold(name) for name in entry.names} for entry in load()}
    used = {claim.skill for student in world.students for claim in student.claims}
    used |= {skill for lab in world.labs for skill in lab.skills}
    assert used <= set(names)
    for slug, labels in contents().skill_names.items():
        assert {fold(label) for label in labels.values()} <= names[slug], slug


def test_claims_are_sound_and_follow_the_lab(world: DemoWorld) -> None:
    typical = {lab.slug: set(lab.skills) for lab in world.labs}
    for student in world.students:
        skills = [claim.skill for claim in student.claims]
        assert len(skills) == len(set(skills)) >= 4
        assert {claim.level for claim in student.claims} <= {1, 2, 3, 4, 5}
        assert len(typical[student.memberships[-1].lab] & set(skills)) >= 4
    assert {claim.level for student in world.students for claim in student.claims} == {1, 2, 3, 4, 5}


def test_evidence_is_of_every_kind_shared_and_not(world: DemoWorld) -> None:
    evidence = [each for student in world.students for claim in student.claims for each in claim.evidence]
    kinds = {(each.kind, each.shared) for each in evidence}
    assert kinds == {(k, s) for k in ("defence", "evaluation", "recommendation", "publication") for s in (True, False)}
    assert all(each.title and len(each.title) <= 300 and each.date <= TODAY for each in evidence)


def test_histories_are_past_and_present_and_shared(world: DemoWorld) -> None:
    current = [sum(m.ends is None for m in student.memberships) for student in world.students]
    assert {0, 1, 2} == set(current)
    assert 60 <= sum(len(student.memberships) > 1 for student in world.students) <= 240
    assert 60 <= sum(len(student.supervisions) > 1 for student in world.students) <= 240
    assert sum(not student.supervisions for student in world.students) < 30
    for student in world.students:
        labs = [membership.lab for membership in student.memberships]
        assert len(labs) == len(set(labs))
    assert {student.degree for student in world.students} == {"bachelor", "master", "phd"}
    assert {student.graduation_date > TODAY for student in world.students} == {True, False}


def test_texts_are_of_several_sentences_and_a_fifth_are_russian(world: DemoWorld) -> None:
    russian = sum(is_russian(student.thesis_abstract) for student in world.students)
    assert 90 <= russian <= 150
    for student in world.students:
        texts = (
            student.thesis_title,
            student.thesis_abstract,
            student.headline,
            student.summary,
            *student.projects,
        )
        assert student.thesis_abstract.count(".") >= 4
        assert all(text and "{" not in text for text in texts)
        assert len(student.headline) <= 200
    assert len({student.thesis_abstract for student in world.students}) == 600


@pytest.mark.parametrize("partner", ["veresk", "polynya", "quillwave"])
def test_a_partner_sees_about_half_of_the_students(partner: str, world: DemoWorld) -> None:
    assert 0.4 < sum(sees(student, partner) for student in world.students) / 600 < 0.6


def test_every_kind_of_consent_occurs(world: DemoWorld) -> None:
    consents = [consent for student in world.students for consent in student.consents]
    scopes = {(consent.partner is None, consent.scopes) for consent in consents if consent.is_active(TODAY)}
    assert scopes >= {
        (True, ("profile",)),
        (True, ("profile", "evaluations")),
        (True, ("profile", "contact")),
        (False, ("profile",)),
        (False, ("profile", "evaluations")),
    }
    assert any(consent.expires is not None and consent.expires < TODAY for consent in consents)
    assert any(consent.withdrawn is not None for consent in consents)
    assert all(consent.granted < TODAY and consent.source for consent in consents)
    assert sum(not student.consents for student in world.students) > 100
    blocked = [student for student in world.students if student.blocks]
    assert blocked
    assert all(consent.partner is None for student in blocked for consent in student.consents)


def test_the_accounts_stand_for_the_right_people(world: DemoWorld) -> None:
    users = {user.role: user for user in world.users}
    assert set(users) == {"admin", "office", "professor", "partner", "student"}
    assert users["professor"].professor in {lab.head for lab in world.labs}
    representative = next(one for one in world.representatives if one.key == users["partner"].representative)
    assert (representative.partner, representative.ends) == (world.partners[0].slug, None)
    student = next(one for one in world.students if one.number == users["student"].student)
    assert all(sees(student, partner.slug) for partner in world.partners)
    assert users["office"].name.startswith("Olga ")


def test_languages_are_iso_codes_with_cefr_levels(world: DemoWorld) -> None:
    for student in world.students:
        codes = [language.code for language in student.languages]
        assert len(codes) == len(set(codes))
        assert all(re.fullmatch("[a-z]{2}", code) for code in codes)
        assert {language.level for language in student.languages} <= {"A1", "A2", "B1", "B2", "C1", "C2"}


def test_names_agree_in_both_scripts(world: DemoWorld) -> None:
    native = [student for student in world.students if student.native_name]
    assert 300 < len(native) < 600
    for student in native:
        if re.fullmatch("[А-Яа-яЁё ]+", student.native_name):
            family, given = student.native_name.split()
            assert (transliterate(given), transliterate(family)) == (student.given_name, student.family_name)


@pytest.mark.parametrize(
    ("native", "latin"),
    [
        ("Семён", "Semyon"),
        ("Пётр", "Pyotr"),
        ("Дарья", "Darya"),
        ("Ёлкин", "Yolkin"),
        ("Щукин", "Shchukin"),
        ("Едемский", "Yedemsky"),
        ("Меркурьев", "Merkuryev"),
        ("Ахметгареев", "Akhmetgareyev"),
    ],
)
def test_russian_names_in_latin_letters(native: str, latin: str) -> None:
    assert transliterate(native) == latin


def test_names_of_women_and_addresses() -> None:
    assert [feminine(name) for name in ("Едемский", "Снегирёв", "Садырин", "Косых")] == [
        "Едемская",
        "Снегирёва",
        "Садырина",
        "Косых",
    ]
    assert mailbox("Đức Anh", "Müller-Lang") == "ducanh.muller-lang"


def test_orcids_have_the_right_check_digit() -> None:
    # The sample record of orcid.org's own documentation.
    assert orcid(21825009) == "0000-0002-1825-0097"


def test_dates_lie_around_today() -> None:
    later = build_world(today=TODAY + timedelta(days=365))
    assert max(student.graduation_date for student in later.students).year == TODAY.year + 3
