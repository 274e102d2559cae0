"""`rebuild_touchpoints` proves that touchpoints say what their records say, or makes them say it."""

import json
import uuid
from collections.abc import Callable
from datetime import date

import pytest

from crm.models import Contact, Touchpoint
from tests import cast
from tests.crm.test_commands import run

pytestmark = pytest.mark.django_db


def verified() -> int:
    return int(json.loads(run("rebuild_touchpoints", "--verify", "--json"))["differences"])


def other_day(contact: Contact) -> None:
    Touchpoint.objects.filter(lab__isnull=False).update(date=date(2020, 1, 1))


def gone(contact: Contact) -> None:
    Touchpoint.objects.filter(student__isnull=False).delete()


def of_nothing(contact: Contact) -> None:
    Touchpoint.objects.filter(professor__isnull=False).update(record=uuid.uuid4())


def doubled(contact: Contact) -> None:
    Touchpoint.objects.create(
        kind="contact", record=contact.public_id, date=contact.day, partner=contact.partner, lab=cast.lab("Robotics")
    )


@pytest.mark.parametrize("plant", [other_day, gone, of_nothing, doubled])
def test_a_difference_is_found_and_mended(plant: Callable[[Contact], None]) -> None:
    lab, hanna = cast.lab(), cast.representative(cast.partner())
    contact = cast.contact(cast.student(), cast.professor().professor, lab, hanna.representative)
    stood = set(Touchpoint.objects.values_list("kind", "record", "date", "partner", "lab", "professor", "student"))
    assert (len(stood), verified()) == (3, 0)
    plant(contact)
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            verified()
        assert ended.value.code == 1
    assert json.loads(run("rebuild_touchpoints", "--json"))["differences"] > 0
    assert verified() == 0
    now = set(Touchpoint.objects.values_list("kind", "record", "date", "partner", "lab", "professor", "student"))
    assert now == stood
