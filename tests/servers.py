"""Throw-away PostgreSQL, Redis and Elasticsearch for the tests: `python -m tests.servers -- COMMAND...`.

COMMAND runs with DATABASE_URL, REDIS_URL and ELASTICSEARCH_URL. A server whose address the environment gives
is used as it is; the others are started on free loopback ports and stopped at the end. They keep their data in a
folder of their own below SERVERS_FOLDER. What cannot be had is named, with its reason, in TEST_MISSING (see
`missing_servers`); with CI=true that ends the run before it.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests import elasticsearch_node, server_programs
from tests.server_programs import Running, UnavailableError


@dataclass(frozen=True, kw_only=True)
class Server:
    variable: str
    schemes: tuple[str, ...]
    packages: tuple[str, ...]
    is_installed: Callable[[], bool]
    start: Callable[[Path, Callable[[Running], None]], None]


SERVERS = {
    "postgres": Server(
        variable="DATABASE_URL",
        schemes=("postgres", "postgresql"),
        packages=("postgresql",),
        is_installed=lambda: server_programs.initdb() is not None,
        start=server_programs.start_postgres,
    ),
    "redis": Server(
        variable="REDIS_URL",
        schemes=("redis", "rediss", "unix"),
        packages=("redis-server",),
        is_installed=lambda: shutil.which("redis-server") is not None,
        start=server_programs.start_redis,
    ),
    "elasticsearch": Server(
        variable="ELASTICSEARCH_URL",
        schemes=("http", "https"),
        packages=("default-jre-headless", "maven"),
        is_installed=lambda: elasticsearch_node.java_home() is not None and shutil.which("mvn") is not None,
        start=elasticsearch_node.start_elasticsearch,
    ),
}


def say(sentence: str) -> None:
    print(f"==> {sentence}", file=sys.stderr, flush=True)


def is_given(name: str, environment: Mapping[str, str]) -> bool:
    return environment.get(SERVERS[name].variable, "").startswith(tuple(f"{s}://" for s in SERVERS[name].schemes))


def missing_servers(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Marker -> why no such server is there; empty where all are. For conftest.py to skip by and to print."""
    reasons: dict[str, str] = json.loads(environment.get("TEST_MISSING", "{}"))
    return {
        name: reasons.get(name, f"{server.variable} is not given; `python -m tests.servers -- pytest` starts one")
        for name, server in SERVERS.items()
        if not is_given(name, environment)
    }


def install_packages(names: Collection[str]) -> None:
    """As root on Debian: installs what the named servers need and lack."""
    lacking = [name for name in names if not SERVERS[name].is_installed()]
    if not lacking or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    keep_debian_from_making_a_cluster()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = [SERVERS[name].packages for name in lacking]
    install = ("install", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold")
    for arguments in (("update",), *((*install, *packages) for packages in wanted)):
        say(f"apt-get {' '.join(arguments)}")
        command = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", *arguments]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)


def keep_debian_from_making_a_cluster() -> None:
    path = Path("/etc/postgresql-common/createcluster.conf")
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text("create_main_cluster = false\n")


def guard(running: list[Running], folder: str) -> subprocess.Popen[bytes]:
    """Ends the servers where this process is killed: it then no longer holds the guard's input open."""
    script = 'read -r _; kill -s KILL -- "$@" 2>/dev/null; rm -rf "$0"'
    command = ["/bin/sh", "-c", script, folder, *(f"-{each.process.pid}" for each in running)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def stop(running: list[Running]) -> None:
    for each in running:
        each.process.send_signal(each.gentle)
    for each in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            each.process.wait(timeout=15)
        each.signal_all(signal.SIGKILL)
        each.process.wait()


@contextlib.contextmanager
def started(names: Collection[str], *, loud: bool = True) -> Iterator[tuple[dict[str, Running], dict[str, str]]]:
    """Starts the named servers side by side: name -> Running, and name -> reason for what did not start."""
    running: list[Running] = []
    found: dict[str, Running] = {}
    reasons: dict[str, str] = {}

    def start(name: str, folder: Path) -> None:
        def register(server: Running) -> None:
            running.append(server)
            found[name] = server

        begin = time.monotonic()
        try:
            folder.mkdir(mode=0o700)
            SERVERS[name].start(folder, register)
        except (UnavailableError, OSError) as error:
            found.pop(name, None)
            reasons[name] = str(error)
        if loud and name in found:
            say(f"{name} is ready after {time.monotonic() - begin:.1f} s")

    place = os.environ.get("SERVERS_FOLDER") or None
    with tempfile.TemporaryDirectory(prefix="talent-servers-", dir=place, ignore_cleanup_errors=True) as top:
        os.chmod(top, 0o755)
        try:
            with ThreadPoolExecutor(len(SERVERS)) as pool:
                try:
                    list(pool.map(lambda name: start(name, Path(top) / name), names))
                except BaseException:
                    stop(running)
                    raise
            with guard(running, top) as guardian:
                try:
                    yield found, reasons
                finally:
                    guardian.kill()
        finally:
            stop(running)


def run(command: list[str], environment: Mapping[str, str]) -> int:
    """The command's exit status. Ctrl-C reaches it from the terminal; SIGTERM is passed on by ending it."""
    process = subprocess.Popen(command, env=environment)
    try:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    return process.wait(timeout=60)
                raise
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=30)
        process.kill()


def end(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def main(arguments: list[str]) -> int:
    if arguments[:1] != ["--"] or len(arguments) < 2:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, end)
    wanted = [name for name in SERVERS if not is_given(name, os.environ)]
    install_packages(wanted)
    with started(wanted) as (found, reasons), tempfile.TemporaryDirectory(prefix="talent-var-") as folder:
        for name, reason in reasons.items():
            say(f"MISSING: {name}: {reason}. Its tests will be skipped.")
        if reasons and os.environ.get("CI") == "true":
            say("With CI=true every server must be there.")
            return 1
        addresses = {SERVERS[name].variable: server.url for name, server in found.items()}
        settings = {"VAR_DIR": folder, **os.environ, **addresses, "TEST_MISSING": json.dumps(reasons)}
        return run(arguments[1:], settings)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
