"""`python -m tests.bench`: loads, indexes, measures, prints and writes JSON. Needs PostgreSQL and Elasticsearch."""

import argparse
import json
import os
import platform
import shutil
import sys
import time
from pathlib import Path
from typing import Any

PARTS = ("search", "process", "import")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--students", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--json", type=Path, default=Path("var/bench.json"), help="where the figures are written")
    parser.add_argument("--profile", action="store_true", help="also show where the time of the whole stack goes")
    parser.add_argument("--only", nargs="*", help="these contenders alone", default=[])
    parser.add_argument("--keep", action="store_true", help="keep database and indices, and use kept ones")
    parser.add_argument("--database", default="talent_bench", help="its name on the server of DATABASE_URL")
    parser.add_argument("--part", choices=["all", *PARTS], default="all", help="what is measured")
    options = parser.parse_args()
    if "bench" not in options.database:
        parser.error("--database is made anew and dropped, so its name must hold the word bench.")
    return options


def prepare_environment(options: argparse.Namespace) -> Path:
    """Before Django is set up: a database, an index prefix and a folder of the bench's own. Returns the folder."""
    for name in ("DATABASE_URL", "ELASTICSEARCH_URL"):
        if not os.environ.get(name, "").startswith(("postgres", "http")):
            sys.exit(f"{name} is not given: `make bench` starts a server, or give the address of one for tests.")
    folder = Path(os.environ.get("VAR_DIR", "var")).resolve() / options.database
    folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "VAR_DIR": str(folder),
        "ELASTICSEARCH_PREFIX": options.database.replace("_", "-"),
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        "THROTTLE_USER": "1000000/min",
    }
    return folder


def main() -> int:
    options = arguments()
    server = os.environ.get("DATABASE_URL", "")
    folder = prepare_environment(options)
    from tests.bench import database

    made = folder / f"{options.students}-students.json"
    kept = options.keep and database.exists(server, options.database) and made.exists()
    if not kept:
        database.create_database(server, options.database)
    os.environ["DATABASE_URL"] = database.address_of(server, options.database)

    import django

    django.setup()
    from tests.bench import importing, loading, process
    from tests.bench.run import Bench

    begin, before = time.perf_counter(), os.getloadavg()
    figures: dict[str, Any] = {"students": options.students}
    parts = PARTS if options.part == "all" else (options.part,)
    bench = Bench(options.students, options.rounds, folder, made)
    try:
        if "search" in parts:
            figures |= bench.run(kept, options.only, options.profile)
        elif "process" in parts and not kept:
            loading.load(options.students)
        if "process" in parts:
            figures["process"] = process.run(options.students, options.rounds, folder)
        if "import" in parts:
            figures["import"] = importing.run(options.students, server, f"{options.database}_import", folder)
        figures |= {"machine": machine() | {"load": [before, os.getloadavg()]}, "seconds": time.perf_counter() - begin}
        write(options.json, figures)
    finally:
        if not options.keep:
            bench.remove()
            database.drop_database(server, options.database)
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if figures.get("differences") else 0


def machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}


def write(path: Path, figures: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1, ensure_ascii=False), encoding="utf-8")
    print(f"\n{figures['seconds']:.0f} s in all; all figures are in {path}")


if __name__ == "__main__":
    sys.exit(main())
