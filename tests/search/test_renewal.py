"""A changed vocabulary reaches the documents of those whose texts it reads another way."""

import pytest

from crm.actions.reference import save_skill
from crm.models import Skill
from search import outbox, renewal
from search.rebuild import verify
from tests import cast
from tests.conftest import Index
from tests.visibility.searching import search

pytestmark = pytest.mark.django_db


def test_a_new_name_finds_who_writes_it_in_a_text(index: Index) -> None:
    office = cast.office()
    cast.student("Sonya Vale", summary="Two years of zymurgology.")
    index.catch_up()
    assert search(office, q="kumis tasting").count == 0
    save_skill(skill=Skill(), by=cast.BY, label="Kumis tasting", aliases=["zymurgology"])
    assert renewal.renew() == 1
    index.catch_up()
    found = search(office, q="kumis tasting")
    assert found.count == 1
    assert [(skill["name"], skill["how"]) for skill in found.results[0]["match"]["skills"]] == [("zymurgology", "text")]


def test_nothing_is_written_again_while_the_vocabulary_stays(index: Index) -> None:
    cast.student()
    index.catch_up()
    assert renewal.renew() == 0
    cast.lab("Another lab")
    assert renewal.renew() == 0
    assert outbox.pending() == 0


def test_verify_takes_a_change_in_before_it_compares(index: Index) -> None:
    cast.student(summary="Two years of zymurgology.")
    save_skill(skill=Skill(), by=cast.BY, label="Kumis tasting", aliases=["zymurgology"])
    assert verify() == []
