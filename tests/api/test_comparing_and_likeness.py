"""Candidates beside each other: compared, and like one another."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from crm.actions.evidence import add_evidence, share_evidence
from crm.models import Disclosure, Student
from search import outbox
from search.rebuild import rebuild
from tests import cast
from tests.api.conftest import client_of
from tests.cast import BY, Cast

PATH = "/api/v1/candidates/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def people(index: Any) -> Cast:
    return Cast()


@pytest.fixture
def index() -> Callable[[], None]:
    """Not that of the world: these people are the only ones."""
    rebuild()
    return lambda: outbox.drain_all() and None


@pytest.fixture
def hanna(people: Cast) -> APIClient:
    return client_of(people.hanna)


def compare(client: APIClient, *people: Student) -> Any:
    return client.get(f"{PATH}compare/", {"id": [str(person.public_id) for person in people]})


class TestCompare:
    def test_each_is_as_opened_and_the_skills_are_a_table(self, people: Cast, hanna: APIClient) -> None:
        third = cast.student("Third Wheel", skills={"python": 5})
        cast.consent(third)
        answer = compare(hanna, people.loyal, third, people.open)
        body = answer.json()
        alone = [hanna.get(f"{PATH}{p.public_id}/").json() for p in (people.loyal, third, people.open)]
        assert body["candidates"] == alone
        table = {row["slug"]: [one and one["level"] for one in row["candidates"]] for row in body["skills"]}
        assert table == {"python": [2, 5, 2], "crispr": [4, None, 4]}
        assert list(table) == ["python", "crispr"]

    def test_evidence_is_told_no_further_than_the_viewer_may_read(self, people: Cast, hanna: APIClient) -> None:
        for person in (people.open, people.loyal):
            claim = person.claims.get(skill__slug="crispr")
            evidence = add_evidence(claim=claim, kind="defence", title="Thesis", by=BY)
            share_evidence(evidence=evidence, shared=True, by=BY)
        for client, told in ((hanna, [False, True]), (client_of(people.olga), [True, True])):
            rows = compare(client, people.open, people.loyal).json()["skills"]
            crispr = next(row["candidates"] for row in rows if row["slug"] == "crispr")
            assert [one["evidenced"] for one in crispr] == told
            assert [one["evidenced_level"] for one in crispr] == [4 * one for one in told]

    @pytest.mark.once
    @pytest.mark.parametrize("ids", [[], ["{open}"], ["{open}", "{open}"], ["{open}", "{OPEN}"], ["x"] * 6, ["x", "x"]])
    def test_too_few_too_many_and_doubles_are_refused(self, people: Cast, hanna: APIClient, ids: list[str]) -> None:
        key = str(people.open.public_id)
        answer = hanna.get(f"{PATH}compare/", {"id": [one.format(open=key, OPEN=key.upper()) for one in ids]})
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["id"])

    def test_an_unknown_parameter_is_named(self, people: Cast, hanna: APIClient) -> None:
        answer = hanna.get(f"{PATH}compare/?ids=1")
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["ids"])

    def test_where_one_is_not_seen_nobody_is_shown(self, people: Cast, hanna: APIClient) -> None:
        for hidden in (people.silent, people.wary):
            answers = [
                compare(hanna, people.open, hidden),
                hanna.get(f"{PATH}compare/?id={people.open.public_id}&id=x"),
            ]
            assert {answer.status_code for answer in answers} == {404}
            assert len({answer.content for answer in answers}) == 1
        assert not Disclosure.objects.exists()

    def test_each_counts_as_opened(self, people: Cast, hanna: APIClient, settings: Any) -> None:
        settings.PARTNER_DAILY_CANDIDATES = 2
        third = cast.student("Third Wheel")
        cast.consent(third)
        refused = compare(hanna, people.open, people.loyal, third)
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "throttled")
        assert not Disclosure.objects.exists()
        for _ in range(2):
            assert compare(hanna, people.open, people.loyal).status_code == 200
        assert list(Disclosure.objects.values_list("kind", flat=True)) == ["candidate"] * 4
        assert hanna.get(f"{PATH}{third.public_id}/").status_code == 429

    def test_it_costs_the_same_for_two_and_for_five(self, people: Cast, hanna: APIClient) -> None:
        more = [cast.student(f"Mora More{n}", skills={"python": 2}, labs=[people.lab]) for n in range(3)]
        for person in more:
            cast.consent(person)

        def cost(*chosen: Student) -> int:
            with CaptureQueriesContext(connection) as captured:
                assert compare(hanna, *chosen).status_code == 200
            return len(captured)

        hanna.get(f"{PATH}{people.open.public_id}/")  # Reads the reference data for all.
        assert cost(people.open, people.loyal) == cost(people.open, people.loyal, *more) == 24


class TestSimilar:
    def similar(self, client: APIClient, person: Student, query: str = "") -> Any:
        return client.get(f"{PATH}{person.public_id}/similar/{query}")

    def names(self, client: APIClient, person: Student, query: str = "") -> list[str]:
        answer = self.similar(client, person, query)
        assert answer.status_code == 200, answer.content
        return [row["name"] for row in answer.json()["results"]]

    @pytest.fixture
    def crowd(self, db: None, index: Callable[[], None]) -> dict[str, Student]:
        made = {
            "one": cast.student("One Self", skills={"crispr": 4, "python": 3}, thesis_title="Editing genomes of yeast"),
            "both": cast.student("Both Skills", skills={"crispr": 2, "python": 2}),
            "single": cast.student("Single Skill", skills={"crispr": 5}),
            "text": cast.student("Text Only", summary="Worked with CRISPR on tomatoes."),
            "title": cast.student("Title Words", thesis_title="Of yeast and bread"),
            "other": cast.student("Other Person", skills={"hplc": 4}, thesis_title="Columns"),
            "silent": cast.student("Silent Twin", skills={"crispr": 4, "python": 3}),
            "hired": cast.student("Hired Twin", skills={"crispr": 4, "python": 3}, placed=True),
        }
        for name, person in made.items():
            if name != "silent":
                cast.consent(person)
        index()
        return made

    @pytest.fixture
    def hanna(self, crowd: dict[str, Student]) -> APIClient:
        return client_of(cast.representative(cast.partner()))

    def test_the_more_is_alike_the_higher_and_oneself_is_left_out(
        self, crowd: dict[str, Student], hanna: APIClient
    ) -> None:
        found = self.names(hanna, crowd["one"])
        assert found[:2] == ["Both Skills", "Single Skill"]
        assert sorted(found[2:]) == ["Text Only", "Title Words"]
        office = self.names(client_of(cast.office()), crowd["one"])
        assert office[0] == "Silent Twin"
        assert len(office) == 5

    def test_it_answers_as_candidate_search_does_and_says_why(
        self, crowd: dict[str, Student], hanna: APIClient
    ) -> None:
        body = self.similar(hanna, crowd["one"], "?page_size=1").json()
        plain = hanna.get(f"{PATH}?page_size=1&q=crispr").json()
        assert (body.keys(), body["results"][0].keys()) == (plain.keys(), plain["results"][0].keys())
        assert (body["count"], body["understood"], body["facets"]) == (4, None, {})
        match = body["results"][0]["match"]
        assert [skill["slug"] for skill in match["skills"]] == ["crispr", "python"]
        assert sum(part["share"] for part in (*match["skills"], *match["words"])) == 100
        second = hanna.get(body["next"]).json()
        assert [row["name"] for row in second["results"]] == ["Single Skill"]
        assert second["previous"]

    def test_skills_that_only_texts_name_count_too(self, crowd: dict[str, Student], hanna: APIClient) -> None:
        assert "Single Skill" in self.names(hanna, crowd["text"])

    def test_who_speaks_a_language_is_not_like_somebody_who_writes_of_it(
        self, hanna: APIClient, index: Callable[[], None]
    ) -> None:
        writer = cast.student("Vera Quill", thesis_title="Dialects of German")
        speaker = cast.student("Uwe Rook", languages=[{"code": "de", "level": "C2"}])
        for person in (writer, speaker):
            cast.consent(person)
        index()
        assert self.names(hanna, writer) == []

    def test_whom_nothing_is_known_of_nobody_is_like(
        self, crowd: dict[str, Student], hanna: APIClient, index: Callable[[], None]
    ) -> None:
        blank = cast.student("Blank Page")
        cast.consent(blank)
        index()
        assert self.similar(hanna, blank).json() == {
            "count": 0,
            "next": None,
            "previous": None,
            "understood": None,
            "did_you_mean": None,
            "results": [],
            "facets": {},
        }

    def test_who_is_not_seen_is_404(self, crowd: dict[str, Student], hanna: APIClient) -> None:
        answers = [self.similar(hanna, crowd["silent"]), hanna.get(f"{PATH}x/similar/")]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content

    @pytest.mark.once
    @pytest.mark.parametrize("wrong", ["q=x", "skill=crispr", "page_size=0", "page=x", "cursor=x", "facets=all"])
    def test_other_parameters_are_named(self, crowd: dict[str, Student], hanna: APIClient, wrong: str) -> None:
        answer = self.similar(hanna, crowd["one"], f"?{wrong}")
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [wrong.partition("=")[0]])

    def test_who_is_shown_reads_of_it_and_so_does_whom_they_are_like(
        self, crowd: dict[str, Student], hanna: APIClient
    ) -> None:
        self.names(hanna, crowd["one"], "?page_size=1")
        rows = Disclosure.objects.values_list("student", "kind")
        assert sorted(rows) == sorted((crowd[name].pk, "search_page") for name in ("one", "both"))

    def test_it_costs_the_same_whatever_the_size_of_its_page(self, crowd: dict[str, Student], hanna: APIClient) -> None:
        def cost(size: int) -> int:
            with CaptureQueriesContext(connection) as captured:
                assert len(self.names(hanna, crowd["one"], f"?page_size={size}")) == size
            return len(captured)

        assert cost(1) == cost(4) == 17
