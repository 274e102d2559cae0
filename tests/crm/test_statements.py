"""Reads that are written once: they follow the values of each run, and keep none of the moment."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from crm.access import Reach, Role
from crm.models import Consent, Student, User
from crm.statements import later, later_each, prepare
from tests import cast

pytestmark = pytest.mark.django_db


def test_a_kept_read_shows_each_partner_what_visible_to_shows_now() -> None:
    world, now = cast.Cast(), timezone.now()
    ends = cast.consent(world.silent, world.rival, expires=now + timedelta(hours=1))
    people = list(Student.objects.values_list("pk", flat=True))
    reach = Reach(Role.PARTNER, partner_id=later("partner"), at=later("now"))
    students = Student.objects.within(reach).filter(pk__in=later_each("ids", len(people))).order_by()
    kept = prepare(students.values_list("pk", "public_id"))
    for user in (world.hanna, world.rolf, world.hanna):
        expected = set(Student.objects.visible_to(user).values_list("pk", "public_id"))
        assert set(kept.rows(partner=[user.representative.partner_id], now=[now], ids=people)) == expected
    last = kept.rows(partner=[world.rival.pk], now=[ends.expires - timedelta(seconds=1)], ids=people)
    over = kept.rows(partner=[world.rival.pk], now=[ends.expires], ids=people)
    assert {pk for pk, _ in last} - {pk for pk, _ in over} == {world.silent.pk}


def test_kept_records_are_those_of_the_queryset_with_what_hangs_on_them(django_assert_num_queries: Any) -> None:
    world = cast.Cast()
    users = User.objects.select_related("representative__partner").order_by()
    kept = prepare(users.filter(email=later("email")))
    for user in (world.hanna, world.olga, world.rolf):
        with django_assert_num_queries(1):
            [found] = kept.records(email=[user.email])
            assert found == user
            assert found.representative == user.representative
            assert not found.representative or found.representative.partner == user.representative.partner
    assert kept.records(email=["nobody@example.org"]) == []


@pytest.mark.postgres
def test_postgresql_plans_a_kept_read_once_whatever_its_values() -> None:
    kept = prepare(Student.objects.filter(pk__in=later_each("ids", 2)).order_by().values_list("pk"))
    for ids in ([1, 2], [3, 70_000], [2**40, 5]):
        kept.rows(ids=ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE '%($1, $2)'"
        )
        assert cursor.fetchall() == [(3,)]


@pytest.mark.parametrize("value", [timezone.now(), 17, None])
def test_a_value_of_the_moment_cannot_be_kept(value: object) -> None:
    conditions = {None: {"partner_id": 23}, 17: {"pk": 17}}.get(value, {"expires__gt": value})
    with pytest.raises(ValueError, match="must not hold"):
        prepare(Consent.objects.filter(**conditions).values_list("pk"))


def test_a_value_that_is_missing_is_an_error_not_everything() -> None:
    kept = prepare(Student.objects.filter(pk__in=later_each("ids", 2)).values_list("pk"))
    with pytest.raises(KeyError):
        kept.rows()
    with pytest.raises(IndexError):
        kept.rows(ids=[1])
