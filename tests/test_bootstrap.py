"""What stands behind `make`, without making anything."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from config import bootstrap, verbs


def test_make_bootstrap_and_verbs_know_the_same_words() -> None:
    makefile = (bootstrap.ROOT / "Makefile").read_text(encoding="utf8")
    targets = re.search(r"^help (.*):$", makefile, re.M)
    assert targets is not None
    assert set(targets[1].split()) == set(bootstrap.VERBS) == set(verbs.VERBS)


def test_a_missing_part_is_named_with_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "missing_parts", lambda: ["ensurepip"])
    with pytest.raises(SystemExit, match=r"no ensurepip module: .*python3-venv"):
        bootstrap.check_parts(may_install=False)


def test_an_old_python_is_refused_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(bootstrap, "fits", lambda path: False)
    with pytest.raises(SystemExit, match=r"Python 3\.11, 3\.12, 3\.13 or 3\.14 is needed"):
        bootstrap.use_the_best_python()


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux is the system's looked for")
@pytest.mark.parametrize(("chosen", "status", "moves"), [(False, 0, True), (False, 1, False), (True, 0, False)])
def test_the_systems_python_is_used_where_it_fits_and_none_was_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: bool, status: int, moves: bool
) -> None:
    system, became = tmp_path / "python3", list[str]()
    system.write_text(f"#!/bin/sh\nexit {status}\n")
    system.chmod(0o755)
    monkeypatch.setattr(bootstrap, "SYSTEM", str(system))
    monkeypatch.setattr(bootstrap, "become", lambda *command: became.append(command[0]))
    monkeypatch.setenv("PYTHON", "")  # so that it is restored
    monkeypatch.delenv("PYTHON")
    if chosen:
        monkeypatch.setenv("PYTHON", sys.executable)
    bootstrap.use_the_best_python()
    assert became == [str(system)] * moves


def test_a_python_fits_that_is_supported_and_lacks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bootstrap.fits(sys.executable)
    assert not bootstrap.fits(str(tmp_path / "none"))
    with monkeypatch.context() as other:
        other.setattr(bootstrap, "NEWEST", (3, 10))
        assert not bootstrap.fits(sys.executable)
    monkeypatch.setitem(bootstrap.PARTS, "ssl", ("no_such_module", ""))
    assert not bootstrap.fits(sys.executable)


def test_an_interrupted_environment_counts_as_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "installed.json")
    assert bootstrap.read_stamp() == {}
    (tmp_path / "installed.json").write_text('{"origin": ', encoding="utf8")
    assert bootstrap.read_stamp() == {}


def test_the_tests_packages_serve_make_run_too() -> None:
    stamp = {bootstrap.DEV_LOCK.name: bootstrap.digest(bootstrap.DEV_LOCK)}
    assert bootstrap.is_installed(bootstrap.RUN_LOCK, stamp)
    assert not bootstrap.is_installed(bootstrap.DEV_LOCK, {bootstrap.RUN_LOCK.name: "another"})


def test_both_locks_agree_carry_hashes_and_name_no_address() -> None:
    run, development = (lock.read_text(encoding="utf8") for lock in (bootstrap.RUN_LOCK, bootstrap.DEV_LOCK))
    pins = [set(re.findall(r"^[a-z].*==\S+", text, re.M)) for text in (run, development)]
    assert pins[0] < pins[1]
    assert "://" not in run + development
    assert run.count("--hash=sha256:") > len(pins[0])


@pytest.mark.parametrize("text", ["0", "65536", "80x", "-1", "²"])
def test_a_port_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(SystemExit, match="is not a port"):
        verbs.port()


@pytest.mark.parametrize(("gigabytes", "flag", "place"), [(8, 0, "/dev/shm"), (1, 0, ""), (8, os.ST_NOEXEC, "")])
def test_servers_of_the_tests_live_in_memory_where_there_is_room(
    gigabytes: int, flag: int, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = SimpleNamespace(f_bavail=gigabytes * 2**18, f_frsize=4096, f_flag=flag)
    monkeypatch.setattr("os.path.isdir", lambda path: path == "/dev/shm")
    monkeypatch.setattr("os.statvfs", lambda path: found)
    assert verbs.memory() == place


def test_make_soak_selects_the_process_machine_of_ten_thousand_steps() -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "soak", "-p", "no:cacheprovider"]
    found = subprocess.run(
        [*command, "tests/visibility"], cwd=bootstrap.ROOT, capture_output=True, text=True, check=True
    )
    assert re.findall(r"::(.*)$", found.stdout, re.M) == [
        "test_random_users_do_and_read_what_the_oracle_says[10000 steps]"
    ]
