"""What partners, professors and students read of hires: names, filters, and never the salary band."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.actions.consents import withdraw_consent
from crm.models import Disclosure, Hire, Mail
from crm.notices.letters import draft, write
from tests import cast
from tests.api.conftest import World, client_of
from tests.api.hiring import CANARY, CANDIDATE, HIRES, Client, day, fields_of, move, offer
from tests.api.test_permissions import TABLE, ids_of
from tests.cast import BY

pytestmark = pytest.mark.once

# What partners read -------------------------------------------------------------------------------------------------


def test_an_offer_names_the_candidate_as_long_as_a_consent_holds_and_an_accepted_hire_for_ever(
    client: Client, world: World
) -> None:
    hanna, hire = client("partner"), cast.hire(world.sonya, world.partner)
    path = f"{HIRES}{hire.public_id}/"
    assert hanna.get(path).json()["student"] == {"id": str(world.sonya.public_id), "name": "Sonya Sokolova"}
    withdraw_consent(consent=world.consent, by=BY)
    assert hanna.get(path).json()["student"] == CANDIDATE
    for to, body in (("accepted", {}), ("started", {}), ("left", {"left_on": day(0)})):
        move(client("office"), hire, to, **body)
        assert hanna.get(path).json()["student"]["name"] == "Sonya Sokolova"


def test_a_declined_offer_shows_a_candidate_after_withdrawal(client: Client, world: World) -> None:
    hire = cast.hire(world.sonya, world.partner)
    move(client("student"), hire, "declined")
    withdraw_consent(consent=world.consent, by=BY)
    page = client("partner").get(HIRES).json()["results"]
    assert [row["student"] for row in page] == [CANDIDATE]


def test_filters_tell_a_partner_no_more_than_the_record(client: Client, world: World) -> None:
    hanna, hire = client("partner"), cast.hire(world.sonya, world.partner)
    asked = [f"student={world.sonya.public_id}", "lab=test-enzymes-lab", "programme=test-life-sciences"]
    for query in asked:
        assert len(hanna.get(f"{HIRES}?{query}").json()["results"]) == 1
    assert hanna.get(f"{HIRES}?student=S-1").status_code == 400
    withdraw_consent(consent=world.consent, by=BY)
    for query in asked[1:]:
        assert hanna.get(f"{HIRES}?{query}").json()["results"] == []
    assert hanna.get(f"{HIRES}?{asked[0]}").status_code == 400
    move(client("student"), hire, "accepted")
    for query, count in zip(asked, (1, 0, 0), strict=True):
        assert len(hanna.get(f"{HIRES}?{query}").json()["results"]) == count, query


def test_no_other_partner_sees_an_offer(client: Client, world: World) -> None:
    hire = cast.hire(world.nikita, world.partner, "accepted")
    rolf = client("rival")
    assert rolf.get(HIRES).json()["results"] == []
    assert rolf.get(f"{HIRES}{hire.public_id}/").status_code == 404


def test_whoever_reads_the_name_stands_in_the_disclosures(client: Client, world: World) -> None:
    hire, hanna = cast.hire(world.sonya, world.partner), client("partner")

    def told() -> list[tuple[str, int]]:
        rows = Disclosure.objects.filter(viewer=world.users["partner"])
        return list(rows.order_by("id").values_list("kind", "student_id"))

    hanna.get(HIRES)
    hanna.get(f"{HIRES}{hire.public_id}/")
    assert told() == [("search_page", world.sonya.pk), ("record", world.sonya.pk)]
    withdraw_consent(consent=world.consent, by=BY)
    hanna.get(HIRES)
    assert len(told()) == 2


def test_a_list_costs_the_same_whatever_its_length(client: Client, world: World) -> None:
    hanna = client("partner")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert hanna.get(HIRES).status_code == 200
        return len(captured)

    cast.hire(world.sonya, world.partner)
    before = queries()
    for _ in range(3):
        person = cast.student("Mora More")
        cast.consent(person, world.partner)
        cast.hire(person, world.partner)
    assert queries() == before


def test_hires_are_filtered(client: Client, world: World) -> None:
    office = client("office")
    cast.hire(world.sonya, world.partner, "started", offered_on=date(2024, 3, 1), starts=date(2024, 4, 1))
    cast.hire(world.nikita, world.rival_partner)

    def found(query: str) -> list[str]:
        return [row["student"]["number"] for row in office.get(f"{HIRES}?{query}").json()["results"]]

    assert found("partner=biofirm") == found("student=S-1") == found("lab=test-enzymes-lab") == ["S-1"]
    assert found("year=2024") == found("state=started,left") == found("check_due=true") == ["S-1"]
    assert found("state=offered") == found("check_due=false") == ["S-2"]
    assert found("state=offered,started") == ["S-2", "S-1"]
    for wrong in ("state=hired", "state=started,hired", "year=x", "partner=nobody", "colour=red"):
        response = office.get(f"{HIRES}?{wrong}")
        assert (response.status_code, fields_of(response)) == (400, [wrong.partition("=")[0]])


# The salary band ----------------------------------------------------------------------------------------------------


def test_only_office_and_admin_read_the_salary_band_and_only_the_office_writes_it(client: Client, world: World) -> None:
    hire = cast.hire(world.sonya, world.partner, salary_band=CANARY)
    path = f"{HIRES}{hire.public_id}/"
    for role in ("office", "admin"):
        assert client(role).get(path).json()["salary_band"] == CANARY
    for role in ("professor", "partner", "student"):
        assert "salary_band" not in client(role).get(path).json()
        assert "salary_band" not in client(role).get(HIRES).json()["results"][0]
    wrote = offer(client("partner"), student=str(world.sonya.public_id), salary_band="mine")
    assert wrote.status_code == 403
    assert client("office").patch(path, {"salary_band": "C"}).json()["salary_band"] == "C"


PATHS = [path for method, path, *_ in TABLE if method == "GET"]


@pytest.mark.parametrize("role", ["professor", "partner", "rival", "student", "stranger", "anonymous"])
def test_no_route_shows_the_salary_band_to_others(world: World, index: None, role: str) -> None:
    client_of(world.users["partner"])
    ids = ids_of(world)
    Hire.objects.update(salary_band=CANARY)
    client = client_of(world.users.get(role))
    answers = {path: client.get(f"/api/v1/{path.format(**ids)}").getvalue() for path in PATHS}
    assert [path for path, content in answers.items() if b"canary band" in content or b"salary" in content] == []


def test_no_mail_and_no_report_tells_the_salary_band(client: Client, world: World) -> None:
    cast.hire(world.sonya, world.partner, "started", salary_band=CANARY)
    Hire.objects.update(state="accepted")
    told = Mail.objects.filter(template__in=["hire_offered", "hire_to_confirm", "hire_check_due"])
    letters = [write(found, token="x") for mail in told if (found := draft(mail))]
    assert len(letters) >= 4
    assert not [letter for letter in letters if CANARY in f"{letter.subject}{letter.text}{letter.html}"]
    for path in ("reports/funnel/?format=csv", "reports/funnel/?by=partner", "reports/outcomes/"):
        assert CANARY not in client("office").get(f"/api/v1/{path}").content.decode()


def test_the_export_of_a_student_holds_the_hires_without_the_salary(client: Client, world: World) -> None:
    cast.hire(world.sonya, world.partner, salary_band=CANARY)
    export = client("student").get("/api/v1/me/export/")
    assert [hire["position"] for hire in export.json()["hires"]] == ["Analyst"]
    assert CANARY not in export.content.decode()


def test_a_professor_reads_the_hires_of_own_students_alone(client: Client, world: World) -> None:
    cast.hire(world.sonya, world.partner)
    cast.hire(world.nikita, world.partner)
    numbers = [row["student"]["number"] for row in client("professor").get(HIRES).json()["results"]]
    assert numbers == ["S-1"]
    assert client_of(world.users["stranger"]).get(HIRES).json()["results"][0]["student"]["number"] == "S-2"
