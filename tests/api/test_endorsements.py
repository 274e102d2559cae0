"""What a general recommendation endorses becomes evidence when the student shares it, and ceases to be."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from crm.access import Audience
from crm.actions.recommendations import move_recommendation
from crm.models import Evidence, SkillClaim
from crm.signals import students_changed
from search.candidates import find_candidates
from search.query import parse_query
from tests.api.conftest import World
from tests.api.recommending import shared, written

Client = Callable[[str], APIClient]


@pytest.fixture
def narrowed() -> Any:
    seen: list[Any] = []

    def listen(sender: Any, student_ids: list[int], narrows: Any, **_: Any) -> None:
        seen.append(narrows)

    students_changed.connect(listen)
    yield seen
    students_changed.disconnect(listen)


def test_a_shared_general_one_becomes_evidence_up_to_the_level_endorsed(world: World, narrowed: list[Any]) -> None:
    record = written(world, levels={world.skill.slug: 2, "python": 3})
    assert not Evidence.objects.filter(recommendation=record).exists()
    move_recommendation(recommendation=record, to="shared", by=world.users["student"])
    claims = {claim.skill.slug: claim for claim in world.sonya.claims.all()}
    assert {slug: claim.level for slug, claim in claims.items()} == {world.skill.slug: 4, "python": 3}
    backed = dict(world.sonya.claims.with_backing().values_list("skill__slug", "backed_by_shared"))
    assert backed == {world.skill.slug: 2, "python": 3}
    evidence = Evidence.objects.filter(recommendation=record).first()
    assert evidence is not None
    assert (evidence.kind, evidence.title) == ("recommendation", "Recommendation by Pavel Lesnoy")
    assert (evidence.shared, evidence.date) == (True, timezone.localdate())
    assert narrowed == [None]


@pytest.mark.parametrize("by", ["professor", "student"])
def test_withdrawn_it_ceases_to_be_evidence_and_the_claim_stays(world: World, narrowed: list[Any], by: str) -> None:
    record = shared(world, levels={"python": 3})
    del narrowed[:]
    move_recommendation(recommendation=record, to="withdrawn", by=world.users[by])
    assert not Evidence.objects.filter(kind="recommendation").exists()
    assert narrowed == [Audience.PARTNERS]
    assert SkillClaim.objects.get(student=world.sonya, skill__slug="python").level == 3


def find(world: World, role: str, **params: str) -> Any:
    return find_candidates(user=world.users[role], query=parse_query({k: [v] for k, v in params.items()}))


def test_search_finds_the_evidence_up_to_its_level_and_no_longer_after_withdrawal(index: None, world: World) -> None:
    from search import outbox

    slug = world.skill.slug
    record = shared(world, levels={slug: 2})
    outbox.drain_all()
    for role in ("partner", "office"):
        found = {level: find(world, role, skill=f"{slug}:{level}", evidenced="true").count for level in (1, 2)}
        assert found == {1: 1, 2: 1}
    # The office reads the thesis that the student did not share, which backs whatever is claimed.
    higher = {role: find(world, role, skill=f"{slug}:3", evidenced="true").count for role in ("partner", "office")}
    assert higher == {"partner": 0, "office": 1}
    asked = find(world, "partner", skill=f"{slug}:4").results[0]["match"]["skills"][0]
    assert (asked["level"], asked["evidenced"]) == (4, False)
    assert find(world, "partner", skill=f"{slug}:2").results[0]["match"]["skills"][0]["evidenced"] is True
    move_recommendation(recommendation=record, to="withdrawn", by=world.users["student"])
    assert find(world, "partner", skill=slug, evidenced="true").count == 0
    outbox.drain_all()
    assert find(world, "partner", skill=slug, evidenced="true").count == 0


def test_the_opened_candidate_shows_the_evidence_and_never_the_text(client: Client, world: World) -> None:
    shared(world, levels={"python": 3})
    shared(world, partner=world.rival_partner, levels={"crispr": 5})
    opened = client("partner").get(f"/api/v1/candidates/{world.sonya.public_id}/")
    (shown,) = opened.json()["evidence"]
    assert (shown["skill"]["slug"], shown["kind"], shown["level"]) == ("python", "recommendation", 3)
    assert "Canary" not in opened.content.decode()


@pytest.mark.parametrize(
    ("claims", "status"),
    [([("test-pipetting", 4)], 400), *(([("test-pipetting", 4), ("python", level)], 200) for level in (1, 3, 5))],
)
def test_the_student_does_not_drop_what_it_backs_but_may_claim_more(
    client: Client, world: World, claims: list[tuple[str, int]], status: int
) -> None:
    shared(world, levels={"python": 3})
    body = {"claims": [{"skill": slug, "level": level} for slug, level in claims]}
    assert client("student").patch("/api/v1/me/", body).status_code == status
    claim = SkillClaim.objects.with_backing().get(student=world.sonya, skill__slug="python")
    assert claim.backed == min(claim.level, 3)
