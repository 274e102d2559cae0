"""The admin site: everything can be looked at, only reference data changes, and it changes through the actions."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.admin import READ_ONLY, REFERENCE, StudentAdmin, site
from crm.models import Disclosure, Lab, ReferenceVersion, Skill
from tests.api.conftest import World


@pytest.fixture
def admin(world: World) -> Client:
    client = Client()
    client.force_login(world.users["admin"])
    return client


def address(model: type, page: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)  # type: ignore[attr-defined] # a model


@pytest.mark.parametrize("model", list(site._registry), ids=lambda model: model.__name__)
def test_every_list_opens_and_nothing_can_be_deleted(admin: Client, model: type) -> None:
    assert admin.get(address(model, "changelist")).status_code == 200
    record = model._default_manager.first()  # type: ignore[attr-defined] # a model
    if record is not None:
        assert admin.get(address(model, "change", record.pk)).status_code == 200
        assert admin.post(address(model, "delete", record.pk), {"post": "yes"}).status_code == 403


def test_only_reference_data_can_be_changed(admin: Client, world: World) -> None:
    assert set(site._registry) == {*READ_ONLY, *REFERENCE, type(world.sonya)}
    assert isinstance(site._registry[type(world.sonya)], StudentAdmin)
    for model in READ_ONLY:
        assert admin.get(address(model, "add")).status_code == 403
    assert admin.post(address(type(world.sonya), "change", world.sonya.pk), {"number": "X"}).status_code == 403


def test_whose_record_is_opened_is_disclosed(admin: Client, world: World) -> None:
    admin.get(address(type(world.sonya), "change", world.sonya.pk))
    assert Disclosure.objects.get().student == world.sonya


def test_a_lab_is_saved_by_the_action(admin: Client, world: World) -> None:
    before = ReferenceVersion.objects.get().stamp
    response = admin.post(address(Lab, "add"), {"slug": "", "name": "Laboratory of New Things", "description": ""})
    assert response.status_code == 302
    assert Lab.objects.get(name_key="new things").slug == "laboratory-of-new-things"
    assert ReferenceVersion.objects.get().stamp != before


def test_what_the_action_refuses_is_said(admin: Client, world: World) -> None:
    body = {"slug": "", "name": "Laboratory of Test Enzymes", "description": ""}
    page = admin.post(address(Lab, "add"), body, follow=True)
    assert "another spelling" in page.content.decode()
    assert Lab.objects.filter(name_key="test enzymes").count() == 1


def test_a_skill_keeps_its_aliases_and_broader_skills(admin: Client, world: World) -> None:
    broader = Skill.objects.exclude(pk=world.skill.pk)[0]
    body = {"label": "Test pipetting", "label_ru": "", "aliases": "one\ntwo", "broader": [broader.pk]}
    assert admin.post(address(Skill, "change", world.skill.pk), body).status_code == 302
    assert [alias.name for alias in world.skill.aliases.all()] == ["one", "two"]
    assert world.skill.broader.count() == 1


@pytest.mark.parametrize("field", ["aliases", "ambiguous"])
def test_a_name_longer_than_its_column_is_refused_by_its_line(admin: Client, world: World, field: str) -> None:
    before = list(world.skill.aliases.values_list("name", "ambiguous"))
    body = {"label": "Test pipetting", "label_ru": "", field: "\none\n" + "x" * 3000}
    page = admin.post(address(Skill, "change", world.skill.pk), body)
    assert page.status_code == 200
    assert "has 3000 characters, 120 are allowed" in page.content.decode()
    assert page.context["errors"][0][0].startswith("Line 3 (“xxx")
    assert list(world.skill.aliases.values_list("name", "ambiguous")) == before
    assert admin.post(address(Skill, "change", world.skill.pk), {**body, field: "x" * 120}).status_code == 302
