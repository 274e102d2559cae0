"""A change and its outbox row are one: where the row cannot be written, nothing of the change stays."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from crm.actions.consents import block_partner, grant_consent, unblock_partner, withdraw_consent
from crm.actions.erasure import erase_student
from crm.actions.evidence import add_evidence, share_evidence
from crm.actions.reference import save_lab, save_programme, save_skill
from crm.actions.students import update_student
from crm.models import Block, Consent, Evidence, Lab, Partner, Programme, Student
from search import outbox
from tests import cast
from tests.crm.importing import NAMED, run, write_csv

pytestmark = pytest.mark.django_db

CHANGES: dict[str, Callable[[Student], object]] = {
    "a new student": lambda one: cast.student("Nova Birch", skills={"pcr": 2}),
    "a text": lambda one: update_student(student=one, by=cast.BY, headline="New"),
    "places and skills": lambda one: update_student(student=one, by=cast.BY, memberships=[], claims=[]),
    "a grant": lambda one: grant_consent(student=one, partner=None, scopes=["profile"], source="form", by=cast.BY),
    "a withdrawal": lambda one: withdraw_consent(consent=Consent.objects.get(), by=cast.BY),
    "a block": lambda one: block_partner(student=one, partner=Partner.objects.get(slug="veresk"), by=cast.BY),
    "the end of a block": lambda one: unblock_partner(block=Block.objects.get(), by=cast.BY),
    "evidence": lambda one: add_evidence(claim=one.claims.get(), kind="defence", title="New", by=cast.BY),
    "shared evidence": lambda one: share_evidence(evidence=Evidence.objects.get(), shared=True, by=cast.BY),
    "an erasure": lambda one: erase_student(student=one, by=cast.BY),
    "a lab's name": lambda one: save_lab(lab=Lab.objects.get(), by=cast.BY, name="Renamed"),
    "a programme's name": lambda one: save_programme(programme=Programme.objects.get(), by=cast.BY, name="Renamed"),
    "a skill's aliases": lambda one: save_skill(skill=cast.skill("crispr"), by=cast.BY, aliases=["brand new alias"]),
}


@pytest.fixture
def person() -> Student:
    """With something of everything that can change."""
    made = cast.student(skills={"crispr": 3}, labs=[cast.lab()], programme=cast.programme())
    cast.consent(made)
    cast.partner("veresk")
    cast.block(made, cast.partner("quillwave"))
    add_evidence(claim=made.claims.get(), kind="defence", title="Thesis", by=cast.BY)
    return made


def everything() -> dict[str, list[dict[str, Any]]]:
    models = apps.get_app_config("crm").get_models(include_auto_created=True)
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


@pytest.fixture
def _no_row_can_be_written(person: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(outbox, "record", refuse)


@pytest.mark.usefixtures("_no_row_can_be_written")
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_whose_row_cannot_be_written_is_not_made(person: Student, change: str) -> None:
    before = everything()
    with pytest.raises(RuntimeError, match="disk"):
        CHANGES[change](person)
    assert everything() == before


@pytest.mark.usefixtures("_no_row_can_be_written")
def test_a_batch_of_an_import_whose_rows_cannot_be_written_is_not_made(tmp_path: Path) -> None:
    before = everything()
    with pytest.raises(RuntimeError, match="disk"):
        run(write_csv(tmp_path / "f.csv", NAMED, {**NAMED, "Student No": "S-2", "Lab": "Optics"}), "--create-labs")
    assert everything() == before
