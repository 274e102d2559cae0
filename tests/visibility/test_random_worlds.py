"""For every role: who is found through the engine is exactly who `visible_to` shows."""

from datetime import timedelta

import pytest
from django.db.models import Count
from django.utils import timezone

from crm.actions.consents import block_partner, grant_consent, unblock_partner, withdraw_consent
from crm.actions.erasure import erase_student
from crm.actions.students import update_student
from crm.errors import NotAllowed
from crm.models import Block, Consent, Student
from search import outbox
from tests import cast
from tests.visibility.random_world import RandomWorld
from tests.visibility.searching import counted, found, search, visible

pytestmark = pytest.mark.django_db
SEEDS = (1, 2)


@pytest.fixture(params=SEEDS)
def world(request, index) -> RandomWorld:
    made = RandomWorld(request.param)
    index.catch_up()
    return made


def assert_engine_agrees(world: RandomWorld) -> None:
    for name, user in world.searchers.items():
        assert found(user) == visible(user), name


def assert_engine_shows_no_more(world: RandomWorld) -> None:
    for name, user in world.searchers.items():
        assert found(user) <= visible(user), name


def test_each_role_finds_exactly_whom_it_may_see(world):
    assert_engine_agrees(world)
    sizes = {name: len(visible(user)) for name, user in world.searchers.items()}
    assert sizes["office"] == sizes["admin"] == Student.objects.count()
    assert all(0 < size < sizes["office"] for name, size in sizes.items() if name not in ("office", "admin")), sizes


def test_every_order_and_paging_finds_the_same(world):
    for name, user in world.searchers.items():
        for parameters in ({"sort": "name"}, {"sort": "graduation"}, {"sort": "updated", "page_size": "11"}):
            assert found(user, **parameters) == visible(user), (name, parameters)


def test_facets_count_only_whom_the_viewer_may_see(world):
    for name, user in world.searchers.items():
        seen = Student.objects.visible_to(user)
        labs = seen.values("memberships__lab__slug").annotate(n=Count("pk", distinct=True))
        skills = Student.objects.filter(pk__in=seen.values("pk"), claims__skill__slug__in=["python", "pcr"])
        page = search(user, placed="any", page_size="1", facets=["lab", "skill"])
        assert counted(page, "lab") == {
            row["memberships__lab__slug"]: row["n"] for row in labs if row["n"] and row["memberships__lab__slug"]
        }, name
        expected = dict(skills.values_list("claims__skill__slug").annotate(n=Count("pk", distinct=True)))
        assert {slug: n for slug, n in counted(page, "skill").items() if slug in expected} == expected, name


def test_accounts_without_reach_find_and_see_nobody(world):
    for name, user in world.others.items():
        if user is not None:
            with pytest.raises(NotAllowed):
                search(user)
        own = {str(user.student.public_id)} if name == "student" else set()
        assert visible(user) == own, name


def test_random_changes_are_never_shown_too_much_and_soon_exactly(world, index):
    for _ in range(3):
        for _ in range(15):
            change(world)
        assert_engine_shows_no_more(world)
        index.catch_up()
        assert_engine_agrees(world)


def change(world: RandomWorld) -> None:
    """One random action on one random student."""
    student = world.random.choice(Student.objects.filter(number__startswith="R-").order_by("pk"))
    partner = world.random.choice(world.partners)
    kind = world.random.choice(("grant", "withdraw", "withdraw", "block", "unblock", "labs", "supervisors", "erase"))
    if kind == "grant":
        to = world.random.choice((None, partner))
        grant_consent(student=student, partner=to, scopes=["profile"], source="form", by=cast.BY)
    elif kind == "withdraw":
        for consent in student.consents.active():
            withdraw_consent(consent=consent, by=cast.BY)
    elif kind == "block":
        block_partner(student=student, partner=partner, by=cast.BY)
    elif kind == "unblock":
        for block in Block.objects.filter(student=student):
            unblock_partner(block=block, by=cast.BY)
    elif kind == "labs":
        rows = [{"lab": lab, **world.period()} for lab in world.labs if world.chance(0.4)]
        update_student(student=student, by=cast.BY, memberships=rows)
    elif kind == "supervisors":
        rows = [{"professor": u.professor, **world.period()} for u in world.professors if world.chance(0.3)]
        update_student(student=student, by=cast.BY, supervisions=rows)
    elif kind == "erase" and world.chance(0.3):
        erase_student(student=student, by=cast.BY)


def test_time_alone_never_shows_too_much_and_the_sweep_makes_it_exact(world, index, monkeypatch):
    start = timezone.now()
    for later in (timedelta(seconds=61), timedelta(hours=2), timedelta(days=1, hours=1), timedelta(days=65)):
        monkeypatch.setattr(timezone, "now", lambda later=later: start + later)
        assert_engine_shows_no_more(world)
        outbox.sweep()
        index.catch_up()
        assert_engine_agrees(world)
    assert Consent.objects.filter(expires__lt=timezone.now(), stored_state="active").exists()
