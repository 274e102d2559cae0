"""Processes that work on the outbox and kill themselves, with no chance to tidy up, at a named point.

`python -m tests.search.killed_drain`, as test_outbox_killed.py runs it, reads a line for each: the name of a database, a
point, and drain or rebuild, as a list in JSON. It forks, which takes no time to import, and says "ended with" and the
exit status, after whatever the process said.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from tests.processes import LONGEST

ENDED = "ended with "
EMBEDDED, ELASTICSEARCH, OUTBOX = "search.engines.embedded", "search.engines.elasticsearch", "search.outbox"

DRAIN_POINTS = {
    # point -> (engine or None for any, module, name, whether just before or just after the call, at which call)
    "before the rows are read": (None, OUTBOX, "read", "before", 1),
    "after the rows were read": (None, OUTBOX, "read", "after", 1),
    "after the state was read": (None, OUTBOX, "state_of", "after", 1),
    "before the row is cleared": (None, OUTBOX, "clear", "before", 1),
    "in the transaction that clears": (None, OUTBOX, "OutboxRow.objects.bulk_update", "before", 1),
    "after the rows were cleared": (None, OUTBOX, "clear", "after", 1),
    "in the middle of sending": ("elasticsearch", f"{ELASTICSEARCH}_writer", "_without_blanks", "before", 8),
    "sent, not acknowledged": ("elasticsearch", ELASTICSEARCH, "ElasticsearchWriter._send", "after", 1),
    "in the middle of adding": ("embedded", EMBEDDED, "_prepared", "before", 8),
    "added, not committed": ("embedded", EMBEDDED, "EmbeddedWriter.commit", "before", 1),
    "committed, not acknowledged": ("embedded", EMBEDDED, "EmbeddedWriter.commit", "after", 1),
}
REBUILD_POINTS = {
    "with half of the new index written": (None, OUTBOX, "state_of", "after", 1),
    "before the new index takes over": ("elasticsearch", ELASTICSEARCH, "ElasticsearchEngine._swap_in", "before", 1),
    "with one of two families swapped": ("elasticsearch", ELASTICSEARCH, "ElasticsearchEngine._swap_in", "after", 1),
    "before the one commit": ("embedded", EMBEDDED, "EmbeddedWriter.commit", "before", 1),
}


def kill_at(module: str, name: str, when: str, call: int) -> None:
    """Wraps a function so that its process dies at its n-th call."""
    *path, last = name.split(".")
    owner: Any = import_module(module)
    for part in path:
        owner = getattr(owner, part)
    wrapped, calls = getattr(owner, last), 0

    def dying(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and when == "before":
            die()
        result = wrapped(*arguments, **options)
        if calls == call:
            die()
        return result

    setattr(owner, last, dying)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def work() -> dict[str, Callable[[], object]]:
    from search import outbox, rebuild

    return {"drain": outbox.drain_all, "rebuild": rebuild.rebuild}


def work_until_killed(database: str, point: str, what: str) -> None:
    from django.db import connections

    signal.alarm(int(LONGEST))
    connections.settings["default"]["NAME"] = database
    _, *how = (DRAIN_POINTS | REBUILD_POINTS)[point]
    kill_at(*how)
    work()[what]()


def main() -> None:
    import django

    django.setup()
    work()
    for line in sys.stdin:
        if child := os.fork():
            _, status = os.waitpid(child, 0)
            print(f"\n{ENDED}{os.waitstatus_to_exitcode(status)}", flush=True)
        else:
            work_until_killed(*json.loads(line))
            sys.exit()


if __name__ == "__main__":
    main()
