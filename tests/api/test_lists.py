"""Pages, filters and the number of queries."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from crm.actions.evidence import add_evidence
from crm.actions.outcomes import record_outcome
from crm.actions.reference import save_city, save_lab, save_professor, save_programme, save_skill
from crm.actions.seminars import add_attendance
from crm.actions.students import update_student
from crm.models import City, Lab, Professor, Programme, Skill, Student
from tests import cast
from tests.api.conftest import World, a_token
from tests.cast import BY

Client = Callable[[str], APIClient]

QUERIES = {
    "students": 3,
    "labs": 4,
    "programmes": 2,
    "professors": 3,
    "skills": 4,
    "cities": 2,
    "partners": 2,
    "representatives": 2,
    "consents": 3,
    "blocks": 3,
    "hires": 5,
    "outcomes": 3,
    "seminars": 3,
    "attendances": 3,
    "contacts": 5,
    "follow-ups": 2,
    "users": 3,
    "tokens": 2,
}
"""The token, the page, what is prefetched, and the disclosures."""


def more(world: World, n: int) -> None:
    partner = cast.partner(f"more-{n}")
    student = cast.student("Mora More", labs=[world.lab])
    cast.representative(partner, "Milo More")
    cast.consent(student, partner)
    cast.block(student, partner)
    add_evidence(claim=world.sonya.claims.get(), kind="publication", title=f"Paper {n}", by=BY)
    save_lab(lab=Lab(), by=BY, name=f"More {n}", collaborators=[world.lab])
    save_programme(programme=Programme(), by=BY, name=f"More {n}")
    memberships = [{"lab": world.lab}]
    save_professor(professor=Professor(), by=BY, family_name=f"More {n}", memberships=memberships)
    save_skill(skill=Skill(), by=BY, label=f"More {n}", aliases=[f"m{n}"], broader=[world.skill])
    save_city(city=City(), by=BY, name=f"More {n}", country="RU", latitude=1, longitude=1)
    cast.hire(student, partner)
    record_outcome(student=student, kind="seeking", source="A survey", by=BY)
    a_token(world.users["admin"])
    seminar = cast.seminar(f"More {n}", lab=world.lab, speakers=[world.professor])
    add_attendance(seminar=seminar, student=student, by=BY)
    contact = cast.contact(student, world.professor, world.lab, partner.representatives.get(), seminar=seminar)
    cast.follow_up(world.users["office"], contact=contact)


def count(client: APIClient, path: str) -> tuple[int, int]:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(path)
    assert response.status_code == 200, response.content
    return len(queries), len(response.json()["results"])


def queries_of(client: APIClient, path: str) -> int:
    """Of a second look: the first reads reference data anew where they changed, and counts an opened candidate."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def fill(student: Student, lab: Lab) -> None:
    """More of all that a record holds."""
    claims = [{"skill": cast.skill(slug), "level": 3} for slug in ("python", "crispr", "pcr")]
    kept = [{"skill": claim.skill, "level": claim.level} for claim in student.claims.all()]
    update_student(
        student=student,
        claims=[*kept, *claims],
        memberships=[{"lab": lab}, {"lab": cast.lab("Second")}, {"lab": cast.lab("Third")}],
        languages=[{"code": code, "level": "B2"} for code in ("en", "ru", "de")],
        publications=[{"title": f"Paper {n}"} for n in range(5)],
        links=[{"kind": "website", "url": f"https://example.org/{n}"} for n in range(5)],
        by=BY,
    )
    for claim in student.claims.all():
        add_evidence(claim=claim, kind="publication", title="Paper", by=BY)


@pytest.mark.once
def test_a_list_costs_the_same_whatever_its_length(client: Client, world: World) -> None:
    admin = client("admin")

    def counted() -> dict[str, tuple[int, int]]:
        return {name: count(admin, f"/api/v1/{name}/?page_size=100") for name in QUERIES}

    more(world, 0)
    before = counted()
    assert {name: queries for name, (queries, _) in before.items()} == QUERIES
    for n in (1, 2, 3):
        more(world, n)
    assert counted() == {name: (queries, min(length + 3, 100)) for name, (queries, length) in before.items()}


@pytest.mark.once
def test_a_student_record_costs_the_same_whatever_it_holds(client: Client, world: World) -> None:
    office = client("office")
    path = f"/api/v1/students/{world.sonya.public_id}/"
    before = queries_of(office, path)
    more(world, 1)
    assert queries_of(office, path) == before


@pytest.mark.once
def test_my_audience_costs_the_same_however_many_partners_there_are(client: Client, world: World) -> None:
    student = client("student")
    before = queries_of(student, "/api/v1/me/")
    cast.consent(world.sonya)
    for n in range(3):
        more(world, n)
    assert queries_of(student, "/api/v1/me/") == before


OWN = {"me/export/": 26, "me/disclosures/?page_size=100": 2}


@pytest.mark.once
@pytest.mark.parametrize("path", OWN)
def test_what_students_read_of_themselves_costs_the_same_however_much_it_is(
    client: Client, world: World, path: str
) -> None:
    student, office = client("student"), client("office")

    def happen(n: int) -> None:
        more(world, n)
        cast.consent(world.sonya, cast.partner(f"more-{n}"))
        cast.recommendation(world.sonya, world.users["professor"], skills={world.skill.slug: 4})
        office.get(f"/api/v1/students/{world.sonya.public_id}/")

    happen(0)
    before = queries_of(student, f"/api/v1/{path}")
    for n in (1, 2, 3):
        happen(n)
    fill(world.sonya, world.lab)
    assert (before, queries_of(student, f"/api/v1/{path}")) == (OWN[path], OWN[path])


def test_cursors_visit_every_record_once_and_back(client: Client, world: World) -> None:
    for n in range(3):
        more(world, n)
    client("office").get(f"/api/v1/students/{world.sonya.public_id}/")
    for name in (*QUERIES, "me/disclosures", "me/evidence"):
        one = client("student" if name.startswith("me/") else "admin")
        everything = one.get(f"/api/v1/{name}/?page_size=100").json()["results"]
        seen, address = [], f"/api/v1/{name}/?page_size=2"
        while address and len(seen) < 100:
            page = one.get(address).json()
            seen, last, address = [*seen, *page["results"]], address, page["next"]
        assert [record["id"] for record in seen[:100]] == [record["id"] for record in everything], name
        assert page["previous"] is None or one.get(page["previous"]).json()["next"] is not None or last == address, name


@pytest.mark.parametrize(
    "parameter", ["page_size=0", "page_size=101", "page_size=x", "page_size=%C2%B2", "cursor=x", "colour=red"]
)
def test_bad_parameters_are_named(client: Client, parameter: str) -> None:
    response = client("admin").get(f"/api/v1/consents/?{parameter}")
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == [parameter.partition("=")[0]]


def test_a_cursor_of_another_list_is_400(client: Client, world: World) -> None:
    admin = client("admin")
    cursor = admin.get("/api/v1/labs/?page_size=1").json()["next"].partition("cursor=")[2].partition("&")[0]
    assert admin.get(f"/api/v1/consents/?cursor={cursor}").status_code == 400


def test_a_parameter_comes_once(client: Client) -> None:
    response = client("admin").get("/api/v1/students/?number=S-1&number=S-2")
    assert response.json()["error"]["fields"] == {"number": ["Give this parameter once."]}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("number=S-2", ["S-2"]),
        ("search=sok", ["S-1"]),
        ("search=sonya+s-1", ["S-1"]),
        ("lab=test-enzymes-lab", ["S-1"]),
        ("programme=test-life-sciences", ["S-1"]),
        ("degree=master", ["S-1"]),
        ("graduation_year=2026", ["S-1"]),
        ("graduation_from=2027", []),
        ("skill=test-pipetting", ["S-1"]),
        ("placed=false", ["S-1", "S-2", "S-3"]),
    ],
)
def test_students_are_filtered(client: Client, query: str, numbers: list[str]) -> None:
    results = client("office").get(f"/api/v1/students/?{query}").json()["results"]
    assert [row["number"] for row in results] == numbers


@pytest.mark.parametrize(
    "query", ["lab=nowhere", "skill=x", "degree=duke", "graduation_year=10000000000", "placed=perhaps"]
)
def test_unknown_filter_values_are_400(client: Client, query: str) -> None:
    response: Any = client("office").get(f"/api/v1/students/?{query}")
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == [query.partition("=")[0]]


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("students/?degree=", "bachelor, master, phd"),
        ("partners/?state=", "prospect, active"),
        ("users/?role=", "admin, office, professor, partner, student"),
        ("hires/?state=offered,", "offered, accepted, declined, rescinded, started, left"),
        ("hires/?check_due=", "true, false"),
        ("follow-ups/?overdue=", "true, false"),
        ("follow-ups/?state=", "open, done, dropped, any"),
        ("reports/funnel/?by=", "partner, lab, programme, year"),
        ("reports/funnel/?format=", "json, csv"),
    ],
)
def test_an_unknown_word_is_answered_with_those_that_are_allowed(client: Client, query: str, allowed: str) -> None:
    response: Any = client("admin").get(f"/api/v1/{query}foo")
    name = query.partition("?")[2].partition("=")[0]
    assert response.json()["error"]["fields"] == {name: [f"Unknown: foo. Allowed: {allowed}."]}


def test_the_stages_of_a_shortlist_are_named_too(client: Client) -> None:
    hanna = client("partner")
    made = hanna.post("/api/v1/shortlists/", {"name": "Summer"}).json()
    response: Any = hanna.get(f"/api/v1/shortlists/{made['id']}/entries/?stage=foo")
    assert response.json()["error"]["fields"]["stage"][0].startswith("Unknown: foo. Allowed: ")


@pytest.mark.parametrize(
    ("role", "path", "hidden"),
    [
        ("stranger", "consents/?student=", "S-1"),
        ("stranger", "blocks/?student=", "S-1"),
        ("partner", "representatives/?partner=", "rivalfirm"),
    ],
)
def test_a_filter_does_not_tell_a_hidden_record_from_a_missing_one(
    client: Client, role: str, path: str, hidden: str
) -> None:
    answers = [client(role).get(f"/api/v1/{path}{name}") for name in (hidden, "none-such")]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].content.replace(hidden.encode(), b"none-such") == answers[1].content


def test_a_search_finds_cyrillic_in_any_case(client: Client, world: World) -> None:
    cast.student("Anna Ivanova", number="S-7", native_name="Анна Иванова")
    results = client("office").get("/api/v1/students/?search=иванова").json()["results"]
    assert [row["number"] for row in results] == ["S-7"]
