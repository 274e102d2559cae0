"""The demo's story, played in a small world: its records carry the days on which they happen in it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from crm.demo.story import Story
from crm.models import (
    Consent,
    Evaluation,
    Hire,
    Immersion,
    Introduction,
    LabHeadship,
    LabMembership,
    Recommendation,
    StageChange,
    Touchpoint,
)
from crm.pathway import pathway_of
from crm.touchpoints import rebuild_touchpoints
from tests import cast

TODAY = date(2026, 11, 20)
SUMMER = date(2025, 7, 1)


@pytest.fixture
def story(db: None) -> Story:
    lab, partner = cast.lab(), cast.partner()
    cast.office()
    cast.professor(heads=lab)
    cast.representative(partner)
    students = [cast.student(f"Sanna{n} Vale", labs=[lab], skills={"crispr": 4}) for n in range(6)]
    for person in students:
        cast.consent(person, None, "evaluations")
    cast.student_account(students[0])
    for model in (LabHeadship, LabMembership):
        model.objects.update(starts=None)
    told = Story(today=TODAY, by=cast.BY)
    told.play()
    return told


def days(model: type, field: str, **only: object) -> set[int]:
    """Of the records' moments, counted from the first day of the summer."""
    found = model.objects.filter(**only).values_list(field, flat=True)
    return {(timezone.localdate(moment) - SUMMER).days for moment in found}


def test_what_happened_carries_the_day_on_which_it_happened(story: Story) -> None:
    assert days(Evaluation, "given_at") == {30, 60, 120, 150}
    assert days(Recommendation, "created_at", state="shared") == {-75}
    assert days(Introduction, "asked_at", stored_state="accepted") == {-60}
    assert days(Consent, "granted_at", source__startswith="introduction") == {-60}
    assert days(Immersion, "created_at") == {-30, 45}
    assert days(Hire, "created_at") == {155, 100}
    assert days(StageChange, "at", kind="immersion", to_state="completed") == {60, 150}
    assert days(StageChange, "at", kind="hire") == {100, 105, 120, 155, 160, 175}
    assert rebuild_touchpoints(verify=True) == 0


def test_the_path_of_a_hire_goes_from_the_seminar_over_an_evaluation(story: Story) -> None:
    for hire in Hire.objects.all():
        path = pathway_of(hire, by=story.office)
        assert path.first is not None
        assert (path.first.kind, path.first.date) == ("seminar", SUMMER - timedelta(days=100))
        assert "evaluation" in {entry.kind for entry in [*path.assisting, path.last] if entry}
        assert {student for entry in path.assisting for student in entry.students} == {hire.student}
    assert Touchpoint.objects.filter(kind="evaluation").values("date").distinct().count() == 4
