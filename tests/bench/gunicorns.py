"""The product behind real gunicorn processes on loopback, with the options of `make run`; ended by their ids."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.verbs import GUNICORN, HOST
from tests.server_programs import free_ports


@contextmanager
def serving(environments: Mapping[str, Mapping[str, str]], folder: Path) -> Iterator[dict[str, int]]:
    """Name -> port of a server with this environment."""
    ports = dict(zip(environments, free_ports(len(environments)), strict=True))
    running: list[subprocess.Popen[bytes]] = []
    try:
        for name, environment in environments.items():
            command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"{HOST}:{ports[name]}"]
            with (folder / f"{name}.log").open("wb") as log:
                running.append(
                    subprocess.Popen(
                        [*command, *GUNICORN.split(), "--log-level", "warning"],
                        env={**os.environ, **environment},
                        stdout=log,
                        stderr=log,
                    )
                )
        for name, port in ports.items():
            _wait_for(port, folder / f"{name}.log")
        yield ports
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection(HOST, port, timeout=5)
            connection.request("GET", "/health/live")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"A server did not start: {log.read_text()[-2000:]}")
