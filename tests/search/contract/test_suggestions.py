"""Suggestions on both engines, through the database: names, skills and labs of those whom the viewer sees."""

import pytest

from crm.models import Disclosure, User
from search import outbox
from search.engines.contract import Engine
from search.suggestions import suggest
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(configured: Engine) -> cast.Cast:
    made = cast.Cast()
    outbox.drain_all()
    return made


def labels(user: User, prefix: str, kind: str) -> list[str]:
    return [found["label"] for found in suggest(user=user, prefix=prefix) if found["kind"] == kind]


def test_names_come_from_one_letter_on_and_in_order(people: cast.Cast) -> None:
    assert labels(people.olga, "g", "candidate") == ["Goran Ash"]
    assert labels(people.olga, "S", "candidate") == ["Silvia Reed"]
    assert labels(people.olga, "re", "candidate") == ["Silvia Reed"]
    assert labels(people.olga, "silvia r", "candidate") == ["Silvia Reed"]
    assert labels(people.olga, "ilvia", "candidate") == []


def test_a_partner_is_suggested_only_those_who_consented(people: cast.Cast) -> None:
    assert labels(people.hanna, "o", "candidate") == ["Oona Birch"]
    assert labels(people.hanna, "w", "candidate") == []
    assert labels(people.rolf, "w", "candidate") == ["Wera Fern"]
    for hidden in ("silvia", "goran"):
        assert suggest(user=people.hanna, prefix=hidden) == []


def test_skills_and_labs_are_counted_among_those_seen(people: cast.Cast) -> None:
    expected = {people.olga: 5, people.pavel: 5, people.hanna: 2, people.rolf: 2}
    for user, count in expected.items():
        skills = [found for found in suggest(user=user, prefix="cri") if found["kind"] == "skill"]
        assert [(found["value"], found["count"]) for found in skills] == [("crispr", count)]
        labs = [found for found in suggest(user=user, prefix="genome") if found["kind"] == "lab"]
        assert [(found["value"], found["count"]) for found in labs] == [("genome-editing", count)]


def test_a_skill_that_nobody_seen_has_is_not_suggested(people: cast.Cast) -> None:
    cast.student("Ida Secret", skills={"machine-learning": 3})
    outbox.drain_all()
    assert labels(people.hanna, "machine", "skill") == []
    assert len(labels(people.olga, "machine", "skill")) == 1


def test_names_shown_are_disclosed_and_a_withdrawn_one_is_not_shown(people: cast.Cast) -> None:
    assert labels(people.hanna, "oona", "candidate") == ["Oona Birch"]
    assert set(Disclosure.objects.values_list("student_id", flat=True)) == {people.open.pk}
    cast.block(people.open, people.veresk)
    assert suggest(user=people.hanna, prefix="oona") == []


def test_a_prefix_without_a_word_suggests_nothing(people: cast.Cast) -> None:
    for prefix in ("", " ", "-", "***", "\0", '"', "ͺ"):
        assert suggest(user=people.olga, prefix=prefix) == []
