"""One-time links that are used at once, on a server where that truly happens."""

from typing import Any

import pytest

from crm.actions.introductions import decline_introduction
from tests.api.test_links import ANSWERS, make_links, post
from tests.processes import together

pytest_plugins = ("tests.committed",)


@pytest.mark.postgres
@pytest.mark.parametrize("purpose", ANSWERS)
def test_of_two_who_answer_at_once_one_is_heard(committed: Any, purpose: str) -> None:
    token = make_links().tokens[purpose]
    answers = together(*[lambda: post(token, ANSWERS[purpose])] * 3)
    assert sorted(answer.status_code for answer in answers) == [200, 410, 410]


@pytest.mark.postgres
def test_a_link_and_an_account_that_answer_at_once_do_not_lock_each_other_out(committed: Any) -> None:
    links = make_links()
    token = links.tokens["introduction"]

    def decline() -> str:
        return decline_introduction(introduction=links.introduction, by=links.account).state

    by_link, by_account = together(lambda: post(token, {"accept": True}), decline)
    links.introduction.refresh_from_db()
    if by_link.status_code == 200:
        assert (links.introduction.state, type(by_account).__name__) == ("accepted", "InvalidMove")
    else:
        assert (by_link.status_code, links.introduction.state) == (410, "declined")
