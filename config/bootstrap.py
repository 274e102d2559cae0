"""What stands behind `make`: needs a Python alone, brings .venv to its lock, hands over to verbs.py."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
RUN_LOCK = ROOT / "config" / "requirements.txt"
DEV_LOCK = ROOT / "config" / "requirements-dev.txt"
SYSTEM = "/usr/bin/python3"
OLDEST, NEWEST = (3, 11), (3, 14)
OLDEST_SQLITE = (3, 31, 0)

# Verb -> the lock it needs, what it does.
VERBS = {
    "run": (RUN_LOCK, "start the demo at http://127.0.0.1:8000 (PORT= changes the port)"),
    "demo": (RUN_LOCK, "load the demo and print a login and a fresh token for each role"),
    "test": (DEV_LOCK, "make check, then all tests, with real servers (ARGS= goes to pytest)"),
    "check": (DEV_LOCK, "lint, types, import contracts, migrations"),
    "bench": (DEV_LOCK, "measure search, processes and imports on 100,000 profiles (ARGS='--part import': one)"),
    "relevance": (DEV_LOCK, "measure how well the search ranks, on judged queries, against plain BM25"),
    "soak": (DEV_LOCK, "the long random runs"),
    "lock": (
        DEV_LOCK,
        "resolve pyproject.toml into config/requirements*.txt (ARGS=--upgrade for newer ones)",
    ),
}
MAY_INSTALL_PACKAGES = {"test", "check", "bench", "relevance", "soak"}

# A part of Python -> the module to look for, what brings it. Debian packs the first two apart; the others are
# missing only where Python was built without them.
DEBIAN = "on Debian and Ubuntu `apt-get install python3-venv` brings it"
REBUILD = "install {} and build this Python again, or use the system's Python"
PARTS = {
    "venv": ("venv", DEBIAN),
    "ensurepip": ("ensurepip", DEBIAN),
    "sqlite3": ("_sqlite3", REBUILD.format("libsqlite3-dev (Fedora: sqlite-devel, Alpine: sqlite-dev)")),
    "ssl": ("_ssl", REBUILD.format("libssl-dev (Fedora: openssl-devel, Alpine: openssl-dev)")),
    "zlib": ("zlib", REBUILD.format("zlib1g-dev (Fedora: zlib-devel, Alpine: zlib-dev)")),
    "ctypes": ("_ctypes", REBUILD.format("libffi-dev (Fedora: libffi-devel)")),
}


def stop(sentence: str) -> NoReturn:
    sys.exit(f"\n{sentence}\n")


def say(sentence: str) -> None:
    print(f"==> {sentence}", file=sys.stderr, flush=True)


def use_the_best_python() -> None:
    """Goes on in the system's Python on Linux, where it fits and PYTHON chose no other.

    Else in one of the PATH, where this one is too old or too new.

    What a distribution builds with all optimizations takes two thirds of the time that one built by hand takes.
    """
    if "PYTHON" not in os.environ and sys.platform == "linux" and fits(SYSTEM):
        if not os.path.samefile(SYSTEM, sys.executable):
            say(f"Using {SYSTEM} (make PYTHON={Path(sys.executable).name} takes the other)")
            os.environ["PYTHON"] = SYSTEM  # chosen: what it starts looks for no other
            become(SYSTEM, __file__, *sys.argv[1:])
        return
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        path = shutil.which(f"python3.{minor}")
        if path and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            become(path, __file__, *sys.argv[1:])
    stop(
        f"Python 3.11, 3.12, 3.13 or 3.14 is needed, {sys.executable} is {sys.version.split()[0]}: install"
        " one (Debian 12, Ubuntu 24.04: `apt-get install python3 python3-venv`) or name it: make PYTHON=..."
    )


def fits(path: str) -> bool:
    """Whether there is a Python that is supported and lacks nothing."""
    modules = ", ".join(module for module, _ in PARTS.values())
    program = f"import sys, {modules}; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
    with contextlib.suppress(OSError):
        return subprocess.run([path, "-c", program], capture_output=True, check=False).returncode == 0
    return False


def become(*command: str) -> NoReturn:
    """Ends as this command, which then hears Ctrl-C and SIGTERM."""
    if os.name == "nt":
        sys.exit(subprocess.run(command, check=False).returncode)
    os.execv(command[0], command)


def missing_parts() -> list[str]:
    return [name for name, (module, _) in PARTS.items() if importlib.util.find_spec(module) is None]


def check_parts(*, may_install: bool) -> None:
    """Stops with the package that brings a missing part; tests run as root on Debian install it instead."""
    missing = missing_parts()
    if missing and may_install and shutil.which("apt-get") and os.geteuid() == 0:
        say("Installing Debian's python3-venv")
        for action in (["update"], ["install", "-y", "--no-install-recommends", "python3-venv"]):
            subprocess.run(["apt-get", "-qq", *action], stdout=sys.stderr, check=False)
        importlib.invalidate_caches()
        missing = missing_parts()
    if missing:
        stop(f"This Python ({sys.executable}) has no {missing[0]} module: {PARTS[missing[0]][1]}.")
    sqlite = importlib.import_module("sqlite3")
    if sqlite.sqlite_version_info < OLDEST_SQLITE:
        stop(f"SQLite 3.31 or later is needed; this Python ({sys.executable}) has {sqlite.sqlite_version}.")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def origin() -> str:
    """What a virtual environment is bound to: another Python or another folder needs another one."""
    return f"{sys.version_info[:2]} {sys.base_prefix} {VENV}"


def read_stamp() -> dict[str, str]:
    """What is installed: lock -> digest. Empty where nothing is, or where making it was interrupted."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text(encoding="utf8"))
    except (OSError, ValueError):
        return {}
    return stamp if stamp.get("origin") == origin() and PYTHON.exists() else {}


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two `make` at once must not write the same .venv. Windows goes without."""
    if importlib.util.find_spec("fcntl") is None:
        yield
        return
    fcntl = importlib.import_module("fcntl")
    with open(RUN_LOCK, encoding="utf8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def is_installed(lock: Path, stamp: dict[str, str]) -> bool:
    """The locks agree in every version, so what serves the tests serves `make run`."""
    return any(stamp.get(each.name) == digest(each) for each in {lock, DEV_LOCK})


def install(lock: Path) -> None:
    """Brings .venv to the lock; does nothing where it is there. Without its stamp .venv is remade."""
    with one_at_a_time():
        stamp = read_stamp()
        if is_installed(lock, stamp):
            return
        if not stamp:
            say("Making the virtual environment .venv")
            shutil.rmtree(VENV, ignore_errors=True)
            if subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode:
                stop(f"The virtual environment could not be made. If a part of Python is missing, {DEBIAN}.")
        STAMP.unlink(missing_ok=True)
        say(f"Installing {lock.relative_to(ROOT)}, each file checked against its hash (a minute or so)")
        pip_install(lock)
        STAMP.write_text(json.dumps({**stamp, "origin": origin(), lock.name: digest(lock)}), encoding="utf8")


def pip_install(lock: Path) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes"]
    command = [str(PYTHON), "-m", "pip", "install", *options, "--requirement", str(lock)]
    if subprocess.run(command, env={**os.environ, "PIP_USER": "0"}, check=False).returncode:
        stop("The packages could not be installed; pip says above why. The next start begins anew.")


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or arguments[0] not in VERBS:
        if arguments not in ([], ["help"]):
            say(f"There is no {' '.join(arguments)}: one of")
        print("\n".join(f"  make {verb:<9} {sentence}" for verb, (_, sentence) in VERBS.items()))
        sys.exit(0 if arguments in ([], ["help"]) else 2)
    verb = arguments[0]
    os.chdir(ROOT)
    use_the_best_python()
    check_parts(may_install=verb in MAY_INSTALL_PACKAGES)
    install(VERBS[verb][0])
    become(str(PYTHON), "-m", "config.verbs", verb)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
