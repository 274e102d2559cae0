"""The environment: good values are taken, a bad one stops the start with one sentence that names it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
BAD = [
    ("DATABASE_URL", "mysql://a/b", "DATABASE_URL is not an address"),
    ("DATABASE_URL", "postgres://a:b@host:abc/x", "DATABASE_URL is not an address"),
    ("ELASTICSEARCH_URL", "http://[bad", "ELASTICSEARCH_URL is not an address"),
    ("REDIS_URL", "http://here", "REDIS_URL is not an address"),
    ("TIME_ZONE", "Europe/Nowhere", "TIME_ZONE='Europe/Nowhere' is not a time zone"),
    ("TIME_ZONE", "Europe", "TIME_ZONE='Europe' is not a time zone"),
    ("THROTTLE_USER", "many", "THROTTLE_USER='many' is not a rate"),
    ("PARTNER_DAILY_CANDIDATES", "0", "PARTNER_DAILY_CANDIDATES='0' is not a whole number of 1 or more"),
    ("STATIC_ROOT", "/", "STATIC_ROOT='/' holds VAR_DIR"),
    ("BASE_URL", "talent.example.edu", "BASE_URL is not an address like https://"),
    ("BASE_URL", "https://talent.example.edu/path", "BASE_URL is not an address"),
    ("BASE_URL", "https://user:secret@host", "no password"),
    ("MAIL_FROM", "nobody", "MAIL_FROM='nobody' is not like"),
    ("MAIL_FROM", "A <a@b>\nBcc: c@d", "is not like"),
    ("EMAIL_URL", "http://host", "Invalid email schema"),
    ("THROTTLE_LINK", "never", "THROTTLE_LINK='never' is not a rate"),
    ("DEBUG", "perhaps", "DEBUG='perhaps' is neither yes nor no"),
]


def start(folder: Path, **variables: str) -> str:
    """Reads the settings in a fresh process; returns the last line of what it complained about."""
    command = [sys.executable, "-c", "import config.settings"]
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(folder), **variables}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


@pytest.mark.parametrize(("name", "value", "sentence"), BAD)
def test_a_bad_value_stops_the_start(name: str, value: str, sentence: str, tmp_path: Path) -> None:
    assert sentence in start(tmp_path, **{"SECRET_KEY": "k" * 40, name: value})


def test_blank_values_count_as_absent(tmp_path: Path) -> None:
    names = (
        "BASE_URL",
        "MAIL_FROM",
        "THROTTLE_LINK",
        "DATABASE_URL",
        "REDIS_URL",
        "ELASTICSEARCH_URL",
        "TIME_ZONE",
        "EMAIL_URL",
        "SECRET_KEY",
        "THROTTLE_USER",
    )
    assert start(tmp_path, **dict.fromkeys(names, "")) == ""
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_servers_that_share_a_database_must_be_given_the_key(tmp_path: Path) -> None:
    assert "SECRET_KEY is not set" in start(tmp_path, DATABASE_URL="postgres://a:b@host/x")


def test_a_key_that_is_too_short_is_refused_where_servers_share_a_database(tmp_path: Path) -> None:
    assert "shorter than 32" in start(tmp_path, DATABASE_URL="postgres://a:b@host/x", SECRET_KEY="short")


def test_a_machine_of_its_own_takes_its_own_key_in_place_of_one_that_is_too_short(tmp_path: Path) -> None:
    assert start(tmp_path, SECRET_KEY="short") == ""
    assert len((tmp_path / "secret-key").read_text()) >= 32


SQLITE = """
import sqlite3, django
django.setup()
from django.db import connection, transaction
with connection.cursor() as cursor:
    cursor.execute("PRAGMA journal_mode")
    print(cursor.fetchone()[0])
with transaction.atomic():
    try:
        sqlite3.connect(connection.settings_dict["NAME"], timeout=0).execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        print(error)
"""


def test_on_sqlite_readers_wait_for_nobody_and_writers_from_their_first_statement_on(tmp_path: Path) -> None:
    """A writer that began as a reader would be refused at once where another one was quicker."""
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, "-c", SQLITE], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    assert done.stdout.decode().splitlines() == ["wal", "database is locked"]


def test_beat_sends_only_tasks_that_exist() -> None:
    current_app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= current_app.tasks.keys()
