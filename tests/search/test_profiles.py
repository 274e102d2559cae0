"""One candidate opened: what is written down here, as far as the viewer may read it, and nothing else."""

import pytest

from crm.models import Student, User
from search.candidates import find_candidates
from search.profiles import contact_details, open_candidate
from search.query import parse_query
from tests import cast
from tests.search.test_candidates import back

pytestmark = pytest.mark.django_db

CARD = {"id", "name", "native_name", "headline", "lab", "programme", "degree", "graduation_year", "thesis_title"}
CARD |= {"home_city", "available_from", "skills"}
PROFILE = CARD | {"thesis_abstract", "summary", "projects", "willing_to_travel", "memberships", "work_cities"}
PROFILE |= {"languages", "publications", "links", "evidence", "contact_released", "updated_at"}
RESULT = CARD | {"match", "highlights"}


@pytest.fixture
def people(index) -> cast.Cast:
    made = cast.Cast()
    for person in (made.open, made.loyal):
        back(person)
    index.catch_up()
    return made


def test_partners_read_these_fields_and_the_university_the_number_too(people: cast.Cast) -> None:
    for user, more in ((people.hanna, set()), (people.olga, {"number"}), (people.pavel, {"number"})):
        opened = open_candidate(user=user, public_id=people.open.public_id)
        assert set(opened) == PROFILE | more
        (result,) = find_candidates(user=user, query=parse_query({"q": ["birch"]})).results
        assert set(result) == RESULT | more
        assert "@" not in str(opened) + str(result)


def test_contact_details_stand_at_an_address_of_their_own(people: cast.Cast) -> None:
    cast.consent(people.open, None, "contact")
    told = contact_details(user=people.hanna, public_id=people.open.public_id)
    assert told == {"id": str(people.open.public_id), "email": people.open.email, "phone": people.open.phone}


def titles(user: User, person: Student) -> list[str]:
    return sorted(one["title"] for one in open_candidate(user=user, public_id=person.public_id)["evidence"])


def test_partners_read_evidence_that_is_shared_where_they_may_read_evaluations(people: cast.Cast) -> None:
    both = ["On crispr", "On python"]
    for user, of_open, of_loyal in (
        (people.hanna, [], ["On crispr"]),
        (people.olga, both, both),
        (people.pavel, both, both),
    ):
        assert (titles(user, people.open), titles(user, people.loyal)) == (of_open, of_loyal)


def test_a_profile_says_whether_contact_details_are_released(people: cast.Cast) -> None:
    def released(user: User) -> bool:
        return bool(open_candidate(user=user, public_id=people.open.public_id)["contact_released"])

    assert [released(user) for user in (people.hanna, people.rolf, people.pavel)] == [False, False, True]
    cast.consent(people.open, people.rival, "contact")
    assert [released(user) for user in (people.hanna, people.rolf)] == [False, True]


def test_contact_details_are_released_without_the_profile_and_end_with_a_block(people: cast.Cast) -> None:
    cast.consent(people.silent, people.veresk, "contact")
    assert contact_details(user=people.hanna, public_id=people.silent.public_id)["email"] == people.silent.email
    for user, read in ((people.hanna, open_candidate), (people.rolf, contact_details)):
        with pytest.raises(Student.DoesNotExist):
            read(user=user, public_id=people.silent.public_id)
    cast.block(people.silent, people.veresk)
    with pytest.raises(Student.DoesNotExist):
        contact_details(user=people.hanna, public_id=people.silent.public_id)
