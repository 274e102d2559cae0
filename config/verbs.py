"""The verbs of `make`, run in the virtual environment that config/bootstrap.py made."""

import os
import secrets
import shlex
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable

from config.bootstrap import become, say, stop

HOST = "127.0.0.1"
GUNICORN = (
    "--workers 1 --worker-class gthread --threads 8 --timeout 60 --graceful-timeout 5 --keep-alive 75"
    " --no-control-socket --limit-request-line 8190"
)
SERVERS = {"postgres": "DATABASE_URL", "redis": "REDIS_URL", "elasticsearch": "ELASTICSEARCH_URL"}
"""Marker of a suite that needs a server -> the variable with its address."""
CHECKS = {
    "Lint": ("-m", "ruff", "check", "."),
    "Format": ("-m", "ruff", "format", "--check", "."),
    "Types": ("-m", "mypy"),
    "Import contracts": (
        "-c",
        "from importlinter.cli import lint_imports_command as lint; lint(['--no-logo'])",
    ),
    "Migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
}
LOCK = (
    "-m uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes"
    " --no-annotate --no-emit-index-url --no-emit-find-links"
)


def extra_arguments() -> list[str]:
    return shlex.split(os.environ.get("ARGS", ""))


def call(*arguments: str, **environment: str) -> int:
    """Runs this Python with the arguments and returns its exit status."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


def must(*arguments: str, **environment: str) -> None:
    status = call(*arguments, **environment)
    if status:
        sys.exit(status if status > 0 else 128 - status)


def port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        stop(f"PORT={text} is not a port: use a number from 1 to 65535.")
    return int(text)


def check_port_is_free(number: int) -> None:
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except PermissionError:
            stop(f"Port {number} is kept for the administrator: try another, like `make run PORT=8001`.")
        except OSError:
            stop(f"Port {number} is taken by another program: try another, like `make run PORT={number + 1}`.")


def load_demo(base_url: str) -> None:
    os.environ["DEMO"] = "1"
    os.environ.setdefault("THROTTLE_USER", "60000/min")
    os.environ.setdefault("BASE_URL", base_url)
    say("Bringing the database up to date")
    must("manage.py", "migrate", "--verbosity", "0")
    say("The demo university (loaded where it is not there yet)")
    must("manage.py", "demo", "--base-url", base_url, *extra_arguments())


def run() -> None:
    number = port()
    check_port_is_free(number)
    base_url = f"http://{HOST}:{number}"
    load_demo(base_url)
    say(f"Starting the server at {base_url}/ (documentation: {base_url}/api/docs/). Ctrl-C stops it.")
    if os.name == "nt":
        become(sys.executable, "manage.py", "runserver", "--noreload", f"{HOST}:{number}")
    become(sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"{HOST}:{number}", *GUNICORN.split())


def demo() -> None:
    load_demo(f"http://{HOST}:{port()}")


def check() -> None:
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    failed = []
    with tempfile.TemporaryDirectory(prefix="talent-check-") as folder:
        for name, arguments in CHECKS.items():
            say(name)
            if call(*arguments, VAR_DIR=folder):
                failed.append(name)
    if failed:
        stop(f"Failed: {', '.join(failed)}.")


def memory() -> str:
    """A folder in memory with room for the tests' servers, which wait for the disk at every change of an index."""
    folder = "/dev/shm"
    if not os.path.isdir(folder):
        return ""
    found = os.statvfs(folder)
    return "" if found.f_flag & os.ST_NOEXEC or found.f_bavail * found.f_frsize < 4 * 2**30 else folder


def with_servers(*arguments: str) -> None:
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    become(sys.executable, "-m", "tests.servers", "--", sys.executable, *arguments, *extra_arguments())


def test() -> None:
    """On SQLite and the embedded engine; then on the real servers all that they matter to, and their own suites."""
    check()
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # Else each of hundreds of processes compiles all that it imports.
    processes = str(min(4, os.cpu_count() or 1))
    pytest = ("-m", "pytest", "-n", processes, "--dist", "loadfile", "--no-loadscope-reorder")  # see tests/conftest.py
    say("Tests on the default set: SQLite, the embedded engine")
    must(*pytest, "-m", f"not ({' or '.join(SERVERS)})", *extra_arguments(), **dict.fromkeys(SERVERS.values(), ""))
    say("Tests on the production set: PostgreSQL, Elasticsearch, Redis")
    os.environ.setdefault("SERVERS_FOLDER", memory())
    # In minutes Java spends more on compiling Elasticsearch for speed than the speed saves.
    os.environ.setdefault("ES_JAVA_OPTS", "-XX:TieredStopAtLevel=1")
    with_servers(*pytest, "-m", "not once")


def soak() -> None:
    os.environ["SOAK"] = "1"
    with_servers("-m", "pytest", "-m", "soak")


def bench() -> None:
    with_servers("-m", "tests.bench")


def relevance() -> None:
    with_servers("-m", "tests.relevance")


def lock() -> None:
    command = [*LOCK.split(), *extra_arguments(), "--custom-compile-command", "make lock"]
    runtime, development = "config/requirements.txt", "config/requirements-dev.txt"
    say(f"Resolving {runtime}")
    must(*command, "--output-file", runtime)
    say(f"Resolving {development}")
    must(*command, "--group", "dev", "--constraint", runtime, "--output-file", development)


VERBS: dict[str, Callable[[], None]] = {
    verb.__name__: verb for verb in (run, demo, test, check, bench, relevance, soak, lock)
}

if __name__ == "__main__":
    try:
        VERBS[sys.argv[1]]()
    except KeyboardInterrupt:
        sys.exit(130)
