"""A partner's shortlists: its own working papers, of candidates whom it sees now."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.actions import shortlists
from crm.actions.consents import block_partner, grant_consent, withdraw_consent
from crm.actions.erasure import erase_student
from crm.models import Consent, Disclosure, Shortlist, ShortlistEntry, ShortlistTag, StageChange, Student
from tests import cast
from tests.api.conftest import World
from tests.api.listing import PATH, Client, add, entries, names
from tests.cast import BY
from tests.search.test_profiles import CARD

pytestmark = pytest.mark.once

pytest_plugins = ("tests.api.listing",)


def test_one_is_made_read_changed_and_deleted(client: Client, world: World) -> None:
    hanna = client("partner")
    made = hanna.post(PATH, {"name": "For the lab", "note": "Two places"}).json()
    assert (made["name"], made["note"], made["count"]) == ("For the lab", "Two places", 0)
    assert made["created_by"]["name"] == "Hanna Brook"
    path = f"{PATH}{made['id']}/"
    assert hanna.patch(path, {"name": "For the plant"}).json()["name"] == "For the plant"
    assert [row["name"] for row in hanna.get(f"{PATH}?search=plant").json()["results"]] == ["For the plant"]
    assert hanna.get(f"{PATH}?search=lab").json()["results"] == []
    assert hanna.delete(path).status_code == 204
    assert not Shortlist.objects.exists()


def test_an_entry_shows_the_card_and_whether_contact_details_are_released(
    client: Client, world: World, shortlist: Shortlist, oona: Student
) -> None:
    hanna = client("partner")
    made = add(hanna, shortlist, world.sonya.public_id, notes="Saw her talk", tags=["assays", "Summer  2027"])
    assert made.status_code == 201, made.content
    add(hanna, shortlist, oona.public_id, stage="contacted")
    second, first = hanna.get(entries(shortlist)).json()["results"]
    assert first == made.json()
    assert (first["stage"], first["notes"], first["tags"]) == ("new", "Saw her talk", ["assays", "Summer 2027"])
    assert first["added_by"]["name"] == "Hanna Brook"
    assert set(first["candidate"]) == CARD
    assert first["contact_released"] is True
    assert (second["candidate"]["name"], second["stage"], second["contact_released"]) == (
        "Oona Birch",
        "contacted",
        False,
    )


def test_stage_notes_and_tags_are_changed_freely_and_an_entry_is_taken_off(
    client: Client, shortlist: Shortlist, oona: Student
) -> None:
    hanna = client("partner")
    path = f"{entries(shortlist)}{add(hanna, shortlist, oona.public_id, tags=['a', 'b']).json()['id']}/"
    for stage in ("offer", "new", "rejected", "interviewing", "contacted"):
        assert hanna.patch(path, {"stage": stage}).json()["stage"] == stage
    changed = hanna.patch(path, {"notes": "Called", "tags": ["B", "c", "b"]}).json()
    assert (changed["stage"], changed["notes"], changed["tags"]) == ("contacted", "Called", ["B", "c"])
    assert hanna.patch(path, {"tags": []}).json()["tags"] == []
    for body in ({"candidate": str(oona.public_id)}, {"stage": "hired"}, {"tags": [""]}, {"tags": ["x" * 41]}):
        answer = hanna.patch(path, body)
        assert (answer.status_code, [f.split(".")[0] for f in answer.json()["error"]["fields"]]) == (400, list(body))
    assert hanna.delete(path).status_code == 204
    assert names(hanna, shortlist) == []
    assert not StageChange.objects.filter(kind__contains="shortlist").exists()


def test_entries_are_filtered_by_stage_and_tag(
    client: Client, world: World, shortlist: Shortlist, oona: Student
) -> None:
    hanna = client("partner")
    add(hanna, shortlist, world.sonya.public_id, tags=["Ёлка", "assays"])
    add(hanna, shortlist, oona.public_id, stage="offer", tags=["assays"])
    assert names(hanna, shortlist, "?stage=offer") == ["Oona Birch"]
    assert names(hanna, shortlist, "?tag=ASSAYS") == ["Oona Birch", "Sonya Sokolova"]
    assert names(hanna, shortlist, "?tag=елка") == ["Sonya Sokolova"]
    assert names(hanna, shortlist, "?tag=елка&stage=offer") == names(hanna, shortlist, "?tag=none") == []
    for wrong in ("stage=hired", "colour=red", "tag=a&tag=b"):
        assert client("partner").get(f"{entries(shortlist)}?{wrong}").status_code == 400


def test_whom_one_may_not_see_and_who_is_not_there_are_refused_alike(
    client: Client, world: World, shortlist: Shortlist
) -> None:
    for candidate in (world.nikita.public_id, world.vera.public_id, shortlist.public_id, "S-1", "nobody"):
        answer = add(client("partner"), shortlist, candidate)
        assert answer.status_code == 400
        assert answer.json()["error"]["fields"] == {"candidate": [f"Unknown: '{candidate}'."]}
    assert not ShortlistEntry.objects.exists()


def test_nobody_stands_on_a_list_twice(client: Client, shortlist: Shortlist, oona: Student) -> None:
    assert [add(client("partner"), shortlist, oona.public_id).status_code for _ in range(2)] == [201, 409]


def withdraw(person: Student, world: World) -> None:
    withdraw_consent(consent=person.consents.get(), by=BY)


def block(person: Student, world: World) -> None:
    block_partner(student=person, partner=world.partner, by=BY)


def expire(person: Student, world: World) -> None:
    Consent.objects.filter(student=person).update(expires=timezone.now() - timedelta(seconds=1))


def narrow(person: Student, world: World) -> None:
    withdraw(person, world)
    cast.consent(person, world.partner, "contact")
    cast.consent(person, world.rival_partner)


@pytest.mark.parametrize("hide", [withdraw, block, expire, narrow])
def test_who_is_seen_no_more_is_gone_from_lists_and_counts_at_once(
    client: Client, world: World, shortlist: Shortlist, oona: Student, hide: Any
) -> None:
    hanna = client("partner")
    made = add(hanna, shortlist, oona.public_id, notes="Call again", tags=["assays"]).json()
    add(hanna, shortlist, world.sonya.public_id)
    hide(oona, world)
    assert names(hanna, shortlist) == ["Sonya Sokolova"]
    assert names(hanna, shortlist, "?tag=assays") == []
    assert hanna.get(f"{PATH}{shortlist.public_id}/").json()["count"] == 1
    assert hanna.get(PATH).json()["results"][0]["count"] == 1
    assert b"Oona" not in hanna.get(f"{PATH}{shortlist.public_id}/export/").content
    path = f"{entries(shortlist)}{made['id']}/"
    missing = hanna.delete(f"{entries(shortlist)}{world.sonya.public_id}/")
    for answer in (hanna.patch(path, {"stage": "offer"}), hanna.delete(path)):
        assert (answer.status_code, answer.content) == (404, missing.content)
    assert add(hanna, shortlist, oona.public_id).status_code == 400


def test_who_consents_again_is_back_as_they_were(
    client: Client, world: World, shortlist: Shortlist, oona: Student
) -> None:
    hanna = client("partner")
    add(hanna, shortlist, oona.public_id, stage="offer", notes="Call again")
    withdraw(oona, world)
    assert names(hanna, shortlist) == []
    grant_consent(student=oona, partner=world.partner, scopes=["profile"], source="a form", by=BY)
    (row,) = hanna.get(entries(shortlist)).json()["results"]
    assert (row["stage"], row["notes"]) == ("offer", "Call again")


def test_who_is_erased_is_gone_for_good(client: Client, shortlist: Shortlist, oona: Student) -> None:
    add(client("partner"), shortlist, oona.public_id, tags=["assays"])
    erase_student(student=oona, by=BY)
    assert names(client("partner"), shortlist) == []
    assert (ShortlistEntry.objects.count(), ShortlistTag.objects.count()) == (0, 0)


def test_contact_details_end_with_their_consent(client: Client, world: World, shortlist: Shortlist) -> None:
    hanna = client("partner")
    add(hanna, shortlist, world.sonya.public_id)
    withdraw_consent(consent=world.consent, by=BY)
    cast.consent(world.sonya, world.partner)
    (row,) = hanna.get(entries(shortlist)).json()["results"]
    assert row["contact_released"] is False


def test_a_list_is_the_partner_s_and_of_nobody_else(
    client: Client, world: World, shortlist: Shortlist, oona: Student
) -> None:
    add(client("partner"), shortlist, oona.public_id, notes="Canary", tags=["canary"])
    world.users["colleague"] = cast.representative(world.partner, "Helga Brand")
    assert names(client("colleague"), shortlist) == ["Oona Birch"]
    for role in ("admin", "office", "professor", "rival", "student"):
        answers = [
            client(role).get(f"{PATH}{more}") for more in ("", *(f"{shortlist.public_id}/{end}" for end in ENDS))
        ]
        assert {answer.status_code for answer in answers[1:]} == {404}
        assert answers[0].status_code == (200 if role == "rival" else 403)
        assert all(b"anary" not in answer.content for answer in answers)
    assert client("rival").get(PATH).json()["results"] == []


ENDS = ("", "entries/", "export/")


def test_the_student_learns_of_it_by_the_disclosures_alone(
    client: Client, world: World, shortlist: Shortlist, oona: Student
) -> None:
    world.users["oona"] = cast.student_account(oona)
    add(client("partner"), shortlist, oona.public_id, notes="Canary")
    names(client("partner"), shortlist)
    kinds = [row["kind"] for row in client("oona").get("/api/v1/me/disclosures/").json()["results"]]
    assert Counter(kinds) == {"candidate": 1, "search_page": 2}
    assert "Canary" not in client("oona").get("/api/v1/me/export/").content.decode()


def test_each_on_a_page_reads_of_it_and_a_page_opens_nobody(
    client: Client, world: World, shortlist: Shortlist, settings: Any
) -> None:
    hanna = client("partner")
    entry = add(hanna, shortlist, world.sonya.public_id).json()["id"]
    settings.PARTNER_DAILY_CANDIDATES = 1
    before = Disclosure.objects.count()
    names(hanna, shortlist)
    hanna.patch(f"{entries(shortlist)}{entry}/", {"notes": "Called"})
    rows = Disclosure.objects.order_by("pk")[before:]
    assert [(row.student, row.kind, row.partner) for row in rows] == 2 * [(world.sonya, "search_page", world.partner)]


def test_adding_counts_for_the_daily_quota(
    client: Client, world: World, shortlist: Shortlist, oona: Student, settings: Any
) -> None:
    settings.PARTNER_DAILY_CANDIDATES = 1
    hanna = client("partner")
    assert add(hanna, shortlist, oona.public_id).status_code == 201
    refused = add(hanna, shortlist, world.sonya.public_id)
    assert (refused.status_code, int(refused["Retry-After"]) > 0) == (429, True)
    assert names(hanna, shortlist) == ["Oona Birch"]
    assert hanna.get(f"/api/v1/candidates/{oona.public_id}/").status_code == 200


def test_lists_and_entries_have_an_end(
    client: Client, world: World, shortlist: Shortlist, oona: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortlists, "MOST_LISTS", 1)
    monkeypatch.setattr(shortlists, "MOST_ENTRIES", 1)
    hanna = client("partner")
    assert hanna.post(PATH, {"name": "One more"}).status_code == 409
    assert add(hanna, shortlist, oona.public_id).status_code == 201
    assert add(hanna, shortlist, world.sonya.public_id).status_code == 409
    assert add(hanna, shortlist, world.sonya.public_id, tags=["x"] * 21).status_code == 400


def test_a_page_costs_the_same_whatever_its_length(client: Client, world: World, shortlist: Shortlist) -> None:
    hanna = client("partner")
    add(hanna, shortlist, world.sonya.public_id, tags=["assays"])

    def cost(path: str) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as captured:
            answer = hanna.get(path)
        return len(captured), len(answer.json()["results"])

    before = {path: cost(path)[0] for path in (PATH, entries(shortlist))}
    assert before == {PATH: 2, entries(shortlist): 10}
    for number in range(8):
        person = cast.student(f"Mora More{number}", skills={"python": 2}, labs=[world.lab])
        cast.consent(person, None, "profile", "contact")
        add(hanna, shortlist, person.public_id, tags=["assays", "more"])
    assert cost(entries(shortlist)) == (before[entries(shortlist)], 9)
    assert cost(PATH) == (before[PATH], 1)


def test_cursors_visit_every_entry_once(client: Client, world: World, shortlist: Shortlist) -> None:
    for number in range(5):
        person = cast.student(f"Mora More{number}")
        cast.consent(person)
        add(client("partner"), shortlist, person.public_id)
    seen, address = [], f"{entries(shortlist)}?page_size=2"
    while address:
        page = client("partner").get(address).json()
        seen, address = [*seen, *(row["candidate"]["name"] for row in page["results"])], page["next"]
    assert seen == [f"Mora More{number}" for number in reversed(range(5))]
