"""What is open to everybody: health, schema and docs."""

import re
import threading
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings


@pytest.mark.parametrize("path", ["/health/live", "/health/live/"])
def test_live_is_always_200(path: str) -> None:
    assert Client().get(path).json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/health/ready", "/health/ready/"])
def test_ready_says_how_the_parts_are(db: None, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr("api.health.engine_problem", lambda: None)
    response = Client().get(path)
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "ok", "engine": "ok", "outbox_lag_seconds": 0.0}


def test_a_lost_engine_and_a_lagging_outbox_degrade(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.health.engine_problem", lambda: "refused by secret-host")
    monkeypatch.setattr("api.health.lag_seconds", lambda: 100.0)
    response = Client().get("/health/ready")
    assert response.status_code == 200
    assert (response.json()["status"], response.json()["engine"]) == ("degraded", "down")
    assert "secret-host" not in response.content.decode()


def test_a_stalled_engine_does_not_hold_up_the_answer(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waited for, this one would be well."""
    answer = threading.Event()
    monkeypatch.setattr("api.health.ENGINE_SECONDS", 0.05)
    monkeypatch.setattr("api.health.engine_problem", lambda: answer.wait(30) and None)
    try:
        assert Client().get("/health/ready").json()["engine"] == "down"
    finally:
        answer.set()


def test_without_the_database_it_is_not_ready(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("secret-host")

    monkeypatch.setattr("api.health.lag_seconds", fail)
    response = Client().get("/health/ready")
    assert response.status_code == 503
    assert "secret-host" not in response.content.decode()


def test_the_description_is_complete_and_valid(tmp_path: Any) -> None:
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"), stderr=StringIO()
    )
    description = (tmp_path / "schema.yml").read_text()
    assert "'503'" in description
    assert "Roles: " in description


def test_the_docs_open_for_everybody_and_ask_no_other_host(db: None) -> None:
    client = Client()
    assert client.get("/")["Location"] == "/api/docs/"
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert not re.search(r'(src|href)="(https?:)?//', page.content.decode())
    assert '"validatorUrl": null' in page.content.decode()
    assert client.get("/api/schema/").status_code == 200
    assert client.get("/api/schema/", headers={"Accept": "application/json"}).json()["openapi"].startswith("3.")


def test_every_asset_of_the_docs_is_served_from_here(db: None, settings: Settings) -> None:
    settings.WHITENOISE_USE_FINDERS = True
    client = Client()
    assets = re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get("/api/docs/").content.decode())
    assert assets
    for asset in assets:
        assert client.get(asset).status_code == 200, asset
