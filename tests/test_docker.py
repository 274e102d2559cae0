"""Facts of the production set, read from its files: no Docker engine is needed."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

DOCKER = Path(__file__).resolve().parent.parent / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
LONG_RUNNING = [name for name, service in SERVICES.items() if service.get("restart") != "no"]
JOBS = ("migrate", "web", "worker", "beat")
SERVERS = ("postgres", "redis", "elasticsearch")
# What Compose or the images read, not the settings.
NOT_SETTINGS = {
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "ELASTIC_PASSWORD",
    "ELASTIC_HEAP",
    "WEB_ADDRESS",
    "WEB_PORT",
}


def names_in_example() -> set[str]:
    text = (DOCKER / ".env.example").read_text(encoding="utf8")
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", text, re.M))


def test_the_production_set_is_complete() -> None:
    assert set(SERVICES) == {*JOBS, *SERVERS}


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_every_service_has_a_health_check_and_starts_again(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["deploy"]["resources"]["limits"]["memory"]


def test_only_the_web_server_is_published_and_on_this_machine_alone() -> None:
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["web"]
    assert SERVICES["web"]["ports"] == ["${WEB_ADDRESS:-127.0.0.1}:${WEB_PORT:-8000}:8000"]


@pytest.mark.parametrize("name", SERVERS)
def test_servers_are_reached_from_inside_alone(name: str) -> None:
    assert SERVICES[name]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize(
    ("name", "variable"),
    [("postgres", "POSTGRES_PASSWORD"), ("redis", "REDIS_PASSWORD"), ("elasticsearch", "ELASTIC_PASSWORD")],
)
def test_every_server_asks_for_a_password_that_must_be_given(name: str, variable: str) -> None:
    given = f"${{{variable}:?"
    assert any(str(value).startswith(given) for value in SERVICES[name]["environment"].values())
    addresses = [str(value) for value in SERVICES["web"]["environment"].values()]
    assert any(f":{given}" in value and f"@{name}:" in value for value in addresses)


def test_redis_and_elasticsearch_enforce_their_password() -> None:
    command = SERVICES["redis"]["command"]
    assert command[command.index("--requirepass") + 1].startswith("${REDIS_PASSWORD:?")
    assert SERVICES["elasticsearch"]["environment"]["xpack.security.enabled"] == "true"


def test_postgresql_does_not_quote_what_it_refuses() -> None:
    assert {"log_error_verbosity=terse", "log_min_error_statement=panic"} <= set(SERVICES["postgres"]["command"])


def test_no_secret_has_a_default() -> None:
    text = "".join((DOCKER / name).read_text(encoding="utf8") for name in ("compose.yaml", "Dockerfile"))
    assert not re.search(r"\$\{\w*(PASSWORD|SECRET|KEY)\w*(:?-|\})", text)
    example = (DOCKER / ".env.example").read_text(encoding="utf8")
    assert re.findall(r"^(\w*(?:PASSWORD|SECRET_KEY))=(.*)$", example, re.M) == [
        ("SECRET_KEY", ""),
        ("POSTGRES_PASSWORD", ""),
        ("REDIS_PASSWORD", ""),
        ("ELASTIC_PASSWORD", ""),
    ]


@pytest.mark.parametrize("name", SERVERS)
def test_images_are_pinned(name: str) -> None:
    assert re.fullmatch(r"[a-z]+:\d[\w.-]+", SERVICES[name]["image"])


def test_the_dockerfile_pins_installs_by_hash_and_drops_root() -> None:
    text = (DOCKER / "Dockerfile").read_text(encoding="utf8")
    assert all(re.match(r"python:3\.\d+-slim-\w+", image) for image in re.findall(r"^FROM (\S+)", text, re.M))
    assert "--require-hashes" in text
    assert text.index("\nUSER talent") < text.index("\nENTRYPOINT")


def test_elasticsearch_makes_no_index_by_itself() -> None:
    assert SERVICES["elasticsearch"]["environment"]["action.auto_create_index"] == "false"


def test_what_must_last_lies_in_named_volumes() -> None:
    mounted = {mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", [])}
    assert mounted == set(COMPOSE["volumes"]) == {"database", "index", "redis", "var"}


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_jobs_wait_for_the_migrations_and_the_servers(name: str) -> None:
    needs = SERVICES[name]["depends_on"]
    assert needs["migrate"] == {"condition": "service_completed_successfully"}
    assert needs["postgres"] == needs["redis"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", JOBS)
def test_jobs_run_without_privileges_on_a_read_only_system(name: str) -> None:
    assert SERVICES[name]["read_only"] is True
    assert SERVICES[name]["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_entrypoint_is_valid_shell_and_refuses_an_unknown_job(shell: str) -> None:
    entrypoint = str(DOCKER / "entrypoint.sh")
    assert subprocess.run([shell, "-n", entrypoint], check=False).returncode == 0
    refused = subprocess.run([shell, entrypoint, "nonsense"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "unknown job nonsense" in refused.stderr


@pytest.mark.parametrize("name", JOBS)
def test_the_entrypoint_knows_every_job_of_the_compose_file(name: str) -> None:
    (job,) = SERVICES[name]["command"]
    assert re.search(rf"^    {job}\)$", (DOCKER / "entrypoint.sh").read_text(encoding="utf8"), re.M)


def test_the_example_names_every_variable() -> None:
    config = DOCKER.parent / "config"
    settings = (config / "settings.py").read_text(encoding="utf8")
    settings += (config / "environment.py").read_text(encoding="utf8")
    called = r"(?:env(?:\.\w+)?|flag|mailbox|names|number|origin|rate|text|url|time_zone)\(\s*\"([A-Z][A-Z_]+)\""
    read = set(re.findall(called, settings))
    assert {"SECRET_KEY", "DATABASE_URL", "THROTTLE_USER", "HTTPS"} <= read
    passed = {name for service in SERVICES.values() for name in service.get("environment", {}) if name.isupper()}
    assert read | NOT_SETTINGS <= names_in_example()
    assert read <= names_in_example() & (passed | {"DEBUG", "DEMO", "VAR_DIR", "STATIC_ROOT"})
