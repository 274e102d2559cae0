"""How PostgreSQL and Redis are found, started unprivileged and known to be ready."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLUSTER_OPTIONS = {
    # Nothing here outlives the run.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
}


class UnavailableError(Exception):
    """The server cannot be had; the message says why, in one sentence."""


@dataclass(frozen=True, kw_only=True)
class Running:
    url: str
    process: subprocess.Popen[bytes]
    gentle: signal.Signals = signal.SIGTERM

    def signal_all(self, number: signal.Signals) -> None:
        """To the server and its children, such as SIGSTOP for a stalled one."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def unprivileged() -> dict[str, Any]:
    """Popen's options: PostgreSQL and Elasticsearch refuse to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise UnavailableError("neither a user postgres nor a user nobody exists to run it as")


def give(folder: Path) -> None:
    """The folder and what is in it to the unprivileged user."""
    options = unprivileged()
    if options:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, options["user"], options["group"])


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def launch(command: list[str], folder: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Starts a server in its own session, so that Ctrl-C reaches the tests first; it logs to folder/log."""
    give(folder)
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **unprivileged(),
        )


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, *, seconds: int) -> None:
    """Raises UnavailableError with the end of the log where the process ends or takes too long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ready():
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
            break
    ended = "it ended" if process.poll() is not None else f"it was not ready within {seconds} s"
    last = " / ".join(log.read_text(errors="replace").strip().splitlines()[-3:])
    raise UnavailableError(f"{ended}; its log says last: {last or 'nothing'}")


# PostgreSQL


def initdb() -> str | None:
    """The newest one: Debian keeps them out of the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return str(debian[-1]) if debian else shutil.which("initdb")


def start_postgres(folder: Path, register: Callable[[Running], None]) -> None:
    path = initdb()
    if path is None:
        raise UnavailableError("initdb is not installed (Debian: postgresql)")
    programs, (port,), password = Path(path).parent, free_ports(1), secrets.token_hex(16)
    secret = folder / "password"
    secret.write_text(password)
    give(folder)
    options = [
        "--username=talent",
        "--auth=scram-sha-256",
        f"--pwfile={secret}",
        "--encoding=UTF8",
        "--no-sync",
    ]
    made = subprocess.run(
        [path, f"--pgdata={folder / 'data'}", "--locale=C.UTF-8", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **unprivileged(),
    )
    if made.returncode:
        raise UnavailableError(f"initdb failed: {made.stderr.strip()}")
    settings = {
        **CLUSTER_OPTIONS,
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(folder),
    }
    command = [str(programs / "postgres"), "-D", str(folder / "data")]
    process = launch([*command, *(f"--{name}={value}" for name, value in settings.items())], folder)
    url = f"postgres://talent:{password}@127.0.0.1:{port}/talent"
    # SIGINT is the fast shutdown, SIGTERM waits for every client.
    register(Running(url=url, process=process, gentle=signal.SIGINT))
    environment = {**os.environ, "PGPASSWORD": password}
    create = [str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "talent", "talent"]

    def ready() -> bool:
        return subprocess.run(create, env=environment, capture_output=True, check=False).returncode == 0

    wait_until(ready, process, folder / "log", seconds=60)


# Redis


def start_redis(folder: Path, register: Callable[[Running], None]) -> None:
    path = shutil.which("redis-server")
    if path is None:
        raise UnavailableError("redis-server is not installed (Debian: redis-server)")
    (port,), password = free_ports(1), secrets.token_hex(16)
    lines = ["bind 127.0.0.1", f"port {port}", f"requirepass {password}", 'save ""', "appendonly no"]
    configuration = folder / "redis.conf"
    configuration.write_text("\n".join([*lines, f"dir {folder}"]))
    process = launch([path, str(configuration)], folder)
    register(Running(url=f"redis://:{password}@127.0.0.1:{port}/0", process=process))

    def ready() -> bool:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=1) as connection,
        ):
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            return connection.recv(64).startswith(b"+OK")
        return False

    wait_until(ready, process, folder / "log", seconds=30)
