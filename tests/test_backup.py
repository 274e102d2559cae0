"""Backup and restore as the README says: what came later is gone, whoever was erased later is erased again, search agrees."""

import json
import os
import re
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.bench.database import address_of, create_database, drop_database
from tests.server_programs import initdb
from tests.test_readme import README, ROOT

pytestmark = pytest.mark.slow
BLOCK = next(block for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "pg_restore" in block)
COPY = next(re.finditer(r'`(sqlite3 .*? "\.backup .*?")`', README))[1]
COMMANDS = """
import sys, django; django.setup()
from django.core.management import call_command
for command in sys.argv[1:]: call_command(*command.split())
"""
NUMBERS = """
import django; django.setup()
from crm.models import Student
print(*Student.objects.order_by("number").values_list("number", flat=True))
"""


class Installation:
    """One of its own, on the embedded engine."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        unset = {"REDIS_URL": "", "ELASTICSEARCH_URL": "", "ERASURE_LEDGER": ""}
        own = {"VAR_DIR": str(folder), "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        self.environment = {**os.environ, **unset, **own, "SECRET_KEY": "k" * 50, "PYTHONPATH": str(ROOT)}
        self.manage("migrate --verbosity 0", self.adding("S-1", "S-3"), "erase_student S-3")

    def shell(self, script: str) -> str:
        command = ["bash", "-e", "-c", script]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def manage(self, *commands: str) -> str:
        """Runs one after the other, in one process."""
        quoted = " ".join(f"'{command}'" for command in commands)
        return self.shell(f"{sys.executable} -c '{COMMANDS}' {quoted}")

    def adding(self, *numbers: str) -> str:
        """The command that imports students of these numbers."""
        rows = "".join(f"{number},Sanna,Vale\n" for number in numbers)
        (self.folder / "students.csv").write_text(f"Student No,First name,Last name\n{rows}", encoding="utf-8")
        return "import_students students.csv"

    def live_on(self) -> None:
        """After the backup: one is erased, one comes."""
        self.manage("erase_student S-2", self.adding("S-4"))

    def assert_restored(self) -> None:
        assert self.shell(f"{sys.executable} -c '{NUMBERS}'").split() == ["S-1"]
        compared = json.loads(self.manage("reindex --verify --json"))
        assert (compared["students"], compared["pending"], compared["differences"]) == (1, 0, [])


@pytest.mark.once
def test_sqlite_is_copied_while_it_is_used_and_restored(tmp_path: Path) -> None:
    here = Installation(tmp_path, "")
    database = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(database)) as server:
        # Held open, so that what was written last stands in the log alone.
        server.execute("SELECT count(*) FROM crm_student").fetchone()
        here.manage(here.adding("S-2"))
        assert Path(f"{database}-wal").stat().st_size > 0
        copy(here)
    here.live_on()
    for part in ("-wal", "-shm"):
        Path(f"{database}{part}").unlink(missing_ok=True)
    (tmp_path / "copy.sqlite3").rename(database)
    assert here.manage("replay_erasures", "reindex").split()[0] == "1"
    here.assert_restored()


def copy(here: Installation) -> None:
    """By the README's command; where there is none, by what it calls."""
    if shutil.which("sqlite3"):
        here.shell(COPY.replace("var/", f"{here.folder}/"))
        return
    with (
        closing(sqlite3.connect(here.folder / "db.sqlite3")) as source,
        closing(sqlite3.connect(here.folder / "copy.sqlite3")) as target,
    ):
        source.backup(target)


@pytest.fixture
def postgres() -> Iterator[str]:
    server, name = os.environ["DATABASE_URL"], f"backup_{secrets.token_hex(4)}"
    create_database(server, name)
    yield address_of(server, name)
    drop_database(server, name)


@pytest.mark.postgres
def test_postgresql_is_dumped_and_restored_by_the_commands_of_the_readme(tmp_path: Path, postgres: str) -> None:
    programs = initdb()
    if programs is None:
        pytest.skip("pg_dump and pg_restore lie beside initdb, which is not installed")
    here = Installation(tmp_path, postgres)
    here.manage(here.adding("S-2"))
    backup, restore = on_this_machine(here, postgres, Path(programs).parent).split("# Restore:")
    here.shell(backup)
    assert len((tmp_path / "erasures.ledger").read_text().splitlines()) == 1
    here.live_on()
    here.shell(f"# {restore}")
    here.assert_restored()


def on_this_machine(here: Installation, database: str, programs: Path) -> str:
    """The README's block without containers: each command is what runs in one, on the database of the test."""
    instead = {
        r"^compose\(\) .*\n": "",
        r"^compose exec -T postgres (\w+) -U talent ": rf"{programs}/\1 ",
        r"--dbname talent ": f"--dbname {database} ",
        r" talent > ": f" {database} > ",
        r"^compose exec -T web cat /var/lib/talent/erasures.ledger > erasures.ledger": "test -s erasures.ledger",
        r"^compose (stop|up) .*\n": "",
        r"^compose run --rm web manage ": f"{sys.executable} {ROOT}/manage.py ",
    }
    block = BLOCK
    for pattern, command in instead.items():
        block, found = re.subn(pattern, command, block, flags=re.MULTILINE)
        assert found, pattern
    assert "compose" not in block
    return block
