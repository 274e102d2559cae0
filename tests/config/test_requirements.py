"""A server, a worker and the commands run with what `make run` and the image install, and nothing more."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import orjson
import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent.parent
LOADING = """
import sys
import orjson

class Absent:
    hidden = set(orjson.loads(sys.argv[1]))

    def find_spec(self, name, path=None, target=None):
        if name in self.hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
import config.wsgi, config.celery, config.bootstrap
from django.core.management import get_commands, load_command_class
from django.urls import get_resolver

_ = get_resolver().url_patterns
for name, app in get_commands().items():
    if app.partition(".")[0] in {"crm", "search", "api"}:
        load_command_class(app, name)
"""
"""As if what is installed for work were not there."""


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_nothing_that_is_locked_for_work_alone_is_needed_at_run_time() -> None:
    lock = (ROOT / "config" / "requirements.txt").read_text(encoding="utf-8")
    locked = set(map(plain, re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", lock, re.MULTILINE)))
    for_work = [top for top, owners in packages_distributions().items() if not locked & set(map(plain, owners))]
    assert "pytest" in for_work
    command = [sys.executable, "-c", LOADING, orjson.dumps(for_work).decode()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
