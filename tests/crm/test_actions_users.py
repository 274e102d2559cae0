"""Accounts are made by invitation and ended at once; so are those of people who leave a partner."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from api.models import Token
from crm.actions.partners import add_representative, create_partner, update_partner, update_representative
from crm.actions.users import create_user, set_active, set_password
from crm.errors import Conflict, Invalid, NotAllowed
from crm.models import Partner, PartnerState, User
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "person", "named"),
    [
        ("king", None, "role"),
        ("student", None, "student"),
        ("partner", None, "representative"),
        ("professor", None, "professor"),
        ("admin", "student", "student"),
        ("partner", "student", "representative"),
        ("student", "professor", "student"),
    ],
)
def test_a_role_goes_with_the_person_it_stands_for(role, person, named):
    people = {"student": cast.student, "professor": lambda: cast.professor().professor, None: lambda: None}
    with pytest.raises(Invalid) as refused:
        create_user(email="new@example.org", role=role, person=people[person](), by=cast.BY)
    assert refused.value.fields.keys() == {named}
    assert not User.objects.filter(email="new@example.org").exists()


def test_an_address_and_a_person_have_one_account_each():
    user, person = cast.admin(), cast.student()
    cast.student_account(person)
    with pytest.raises(Conflict):
        create_user(email=user.email.upper(), role="office", by=cast.BY)
    with pytest.raises(Conflict):
        create_user(email="second@example.org", role="student", person=person, by=cast.BY)


def test_only_admins_make_and_change_accounts():
    target = cast.office()
    for by in (target, cast.professor(), cast.representative(cast.partner()), cast.student_account(cast.student())):
        for change in (
            lambda by=by: create_user(email="new@example.org", role="admin", by=by),
            lambda by=by: set_active(user=target, active=False, by=by),
            lambda by=by: set_password(user=target, password="secret-12345", by=by),
        ):
            with pytest.raises(NotAllowed):
                change()


def test_an_account_without_a_password_cannot_log_in():
    assert not cast.office().has_usable_password()


class Doors:
    """A session and a token of one account."""

    def __init__(self, user: User) -> None:
        _, token = Token.objects.create(user, expiry=timedelta(days=1))
        self.browser, self.program = Client(), Client(headers={"Authorization": f"Token {token}"})
        self.browser.force_login(user)

    def open(self) -> list[bool]:
        return [client.get("/api/v1/me/").status_code == 200 for client in (self.browser, self.program)]


def yesterday():
    return timezone.localdate() - timedelta(days=1)


ENDINGS = {
    "deactivated": lambda user: set_active(user=user, active=False, by=cast.BY),
    "a new password": lambda user: set_password(user=user, password="a-new-secret-1", by=cast.BY),
    "left the partner": lambda user: update_representative(
        representative=user.representative, by=cast.BY, ends=yesterday()
    ),
    "partner no longer active": lambda user: update_partner(
        partner=user.representative.partner, by=cast.BY, state=PartnerState.PROSPECT
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_sessions_and_tokens_end_with_the_next_request(ending):
    user = cast.representative(cast.partner())
    doors = Doors(user)
    assert doors.open() == [True, True]
    ENDINGS[ending](user)
    assert doors.open() == [False, False]


def test_a_new_password_takes_the_place_of_the_old():
    olga = create_user(email="olga@university.example", role="office", password="the-first-secret", by=cast.BY)
    set_password(user=olga, password="a-new-secret-1", by=cast.admin())
    fresh = User.objects.get(pk=olga.pk)
    assert [fresh.check_password(text) for text in ("the-first-secret", "a-new-secret-1")] == [False, True]


def test_activating_who_is_active_ends_nothing():
    olga = cast.office()
    doors = Doors(olga)
    set_active(user=olga, active=True, by=cast.BY)
    assert doors.open() == [True, True]


@pytest.mark.parametrize("ending", ["deactivated", "left the partner", "partner no longer active"])
def test_old_tokens_stay_void_when_the_account_comes_back(ending):
    user = cast.representative(cast.partner())
    doors = Doors(user)
    ENDINGS[ending](user)
    set_active(user=user, active=True, by=cast.BY)
    update_representative(representative=user.representative, by=cast.BY, ends=None)
    update_partner(partner=user.representative.partner, by=cast.BY, state=PartnerState.ACTIVE)
    assert doors.open() == [False, False]
    assert Doors(User.objects.get(pk=user.pk)).open() == [True, True]


def test_whose_time_ended_by_itself_begins_anew_when_employed_again(monkeypatch):
    user = cast.representative(cast.partner())
    update_representative(representative=user.representative, by=cast.BY, ends=timezone.localdate())
    doors = Doors(user)
    in_two_days = timezone.now() + timedelta(days=2)
    Token.objects.update(expiry=in_two_days + timedelta(days=1))
    Session.objects.update(expire_date=in_two_days + timedelta(days=1))
    monkeypatch.setattr(timezone, "now", lambda: in_two_days)
    assert doors.open() == [False, False]
    update_representative(representative=user.representative, by=cast.BY, ends=None)
    assert doors.open() == [False, False]
    assert Doors(User.objects.get(pk=user.pk)).open() == [True, True]


def test_a_partner_brought_back_by_other_means_revives_nobody():
    user = cast.representative(cast.partner())
    doors = Doors(user)
    Partner.objects.update(state=PartnerState.PROSPECT)
    update_partner(partner=user.representative.partner, by=cast.BY, state=PartnerState.ACTIVE)
    assert doors.open() == [False, False]


def test_other_changes_of_partner_and_representative_end_nothing():
    user = cast.representative(cast.partner())
    doors = Doors(user)
    update_partner(partner=user.representative.partner, by=cast.BY, name="Renamed")
    update_representative(representative=user.representative, by=cast.BY, position="Chief")
    assert doors.open() == [True, True]


def test_who_leaves_tonight_is_out_tomorrow_without_anybody_doing_anything(monkeypatch):
    user = cast.representative(cast.partner())
    update_representative(representative=user.representative, by=cast.BY, ends=timezone.localdate())
    doors = Doors(user)
    assert doors.open() == [True, True]
    tomorrow = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    assert doors.open() == [False, False]


def test_admins_do_not_lock_themselves_out():
    ada = cast.admin()
    with pytest.raises(Invalid):
        set_active(user=ada, active=False, by=ada)
    assert User.objects.get(pk=ada.pk).is_active


def test_partners_and_their_people_are_the_universitys_to_change():
    veresk = cast.partner()
    hanna = cast.representative(veresk)
    for by in (hanna, cast.professor(), cast.student_account(cast.student())):
        for change in (
            lambda by=by: create_partner(slug="new", name="New", by=by),
            lambda by=by: update_partner(partner=veresk, by=by, name="New"),
            lambda by=by: add_representative(partner=veresk, by=by, given_name="A", family_name="B"),
            lambda by=by: update_representative(representative=hanna.representative, by=by, position="Chief"),
        ):
            with pytest.raises(NotAllowed):
                change()
    olga = cast.office()
    assert update_partner(partner=veresk, by=olga, name="Renamed").name == "Renamed"
    for wrong, error in (
        ({"slug": "veresk"}, Conflict),
        ({"name": "Renamed"}, Conflict),
        ({"slug": "no slug"}, Invalid),
    ):
        with pytest.raises(error):
            create_partner(**{"slug": "new", "name": "New", "by": olga, **wrong})


def test_a_time_of_employment_does_not_end_before_it_begins():
    person = cast.representative(cast.partner()).representative
    with pytest.raises(Invalid):
        update_representative(representative=person, by=cast.BY, starts=timezone.localdate(), ends=yesterday())
