"""An index of its own for each worker, plain settings, and a loud word on suites that cannot run."""

import gc
import os
import secrets
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from pytest_django import DjangoDbBlocker, Settings

from tests.few_skills import few
from tests.flushing import copied, flushing_ends_with
from tests.servers import missing_servers

NEEDS = {"postgres": "DATABASE_URL", "redis": "REDIS_URL", "elasticsearch": "ELASTICSEARCH_URL"}


@pytest.hookimpl(trylast=True)  # after -m and -k
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip_what_cannot_run(items)
    begin_with_the_longest(items)


def pytest_collection_finish() -> None:
    """What was made to collect the tests stays: looking for garbage in it again and again takes a tenth of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def begin_with_the_longest(items: list[pytest.Item]) -> None:
    """By file, which is what a worker takes at a time: else the last would wait for one that began late."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    all_of = Counter(item.path for item in items)
    items.sort(key=lambda item: (-slow[item.path], -all_of[item.path], str(item.path)))


def skip_what_cannot_run(items: list[pytest.Item]) -> None:
    missing = missing_servers()
    for item in items:
        if item.get_closest_marker("soak") and not os.environ.get("SOAK"):
            item.add_marker(pytest.mark.skip(reason="a long random run: make soak"))
        for name, variable in NEEDS.items():
            if item.get_closest_marker(name) and not os.environ.get(variable, "").strip():
                reason = missing.get(name, f"no {variable}: make test runs this suite against a real server")
                item.add_marker(pytest.mark.skip(reason=f"{name}: {reason}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, reason in missing_servers().items():
        terminalreporter.write_line(f"SKIPPED SUITE {name}: {reason}", red=True)


@pytest.fixture(scope="session", autouse=True)
def _own_index(worker_id: str) -> None:
    """Each xdist worker writes to an index, a folder and a cache of its own."""
    from django.conf import settings

    settings.ELASTICSEARCH_PREFIX = f"test-{worker_id}-{secrets.token_hex(3)}"
    settings.VAR_DIR = Path(tempfile.mkdtemp(prefix=f"talent-{worker_id}-"))
    settings.ERASURE_LEDGER = settings.VAR_DIR / "erasures.ledger"


@pytest.fixture(scope="session")
def django_db_setup(_few_skills: None, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The databases are made as ever, and stay as they are made."""
    with django_db_blocker.unblock():
        restoring = copied()
    with flushing_ends_with(restoring):
        yield


@pytest.fixture(scope="session")
def _few_skills() -> Iterator[None]:
    from search import vocabulary

    shipped = few(vocabulary.read())
    with patch.object(vocabulary, "read", lambda: shipped):
        yield


@pytest.fixture(autouse=True)
def _plain_settings(settings: Settings) -> None:
    """Quick password hashes, no search for static files by each client; no message leaves for the broker unless a test asks."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_USE_FINDERS = False
    settings.REDIS_URL = ""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def index(db: None) -> "Index":
    """An empty index of the configured engine; `index.catch_up()` drains the outbox."""
    from tests.fresh_index import fresh_index

    fresh_index()
    return Index()


class Index:
    def catch_up(self) -> int:
        from search import outbox

        return outbox.drain_all()
