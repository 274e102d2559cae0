"""import_students of a generated file into an empty database, as a process of its own; indexing comes later."""

import csv
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from tqdm import tqdm

from tests.bench.database import address_of, create_database, drop_database
from tests.bench.words import FIELDS, SUBJECTS, person, title

ROOT = Path(__file__).resolve().parents[2]
AIMS = {"seconds": 120.0, "megabytes": 300.0}
"""For 100,000 rows."""
HEADERS = (
    *("Student No", "Last name", "First name", "Name (native)", "E-mail", "Phone", "Programme", "Degree", "Lab"),
    *("Graduation date", "Thesis title", "Skills", "Languages", "City", "Cities willing to work", "Available from"),
)
SKILLS = ("PCR", "Python", "C++", "HPLC", "CRISPR", "SQL", "Cell culture", "Machine learning", "Flow cytometry", "R")
CITIES = ("Moscow", "Kazan", "Tomsk", "Saint Petersburg", "Novosibirsk", "Samara")
NOTATIONS = ("{0}: {1}", "{0} - {1}", "{0} ({1})")


def run(count: int, server: str, name: str, folder: Path) -> dict[str, Any]:
    """Figures by format and database; `name` is that of a database that is made anew and dropped."""
    files = {"CSV": write_csv(folder / "import.csv", count), "XLSX": write_xlsx(folder / "import.xlsx", count)}
    figures: dict[str, Any] = {}
    for form, file in files.items():
        create_database(server, name)
        figures[f"{form} into PostgreSQL"] = measure(file, count, address_of(server, name), folder)
        drop_database(server, name)
        database = folder / f"import-{form}.sqlite3"
        figures[f"{form} into SQLite"] = measure(file, count, f"sqlite:///{database}", folder)
        file.unlink()
    print(table(count, figures))
    return figures


def measure(file: Path, count: int, database_url: str, folder: Path) -> dict[str, float]:
    environment = {**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    environment |= {"VAR_DIR": str(folder / "import"), "REDIS_URL": ""}
    manage = [sys.executable, str(ROOT / "manage.py")]
    subprocess.run([*manage, "migrate", "--verbosity", "0"], env=environment, check=True)
    said = folder / "import.json"
    begin = time.perf_counter()
    with said.open("wb") as out:
        command = [*manage, "import_students", str(file), "--create-labs", "--json"]
        process = subprocess.Popen(command, env=environment, stdout=out)
        # Of this process alone; the usual count of children would keep the highest of all.
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    created = json.loads(said.read_text())["created"]
    if process.returncode or created != count:
        raise RuntimeError(f"{file.name}: status {process.returncode}, {created} of {count} rows created.")
    return {"seconds": seconds, "megabytes": usage.ru_maxrss / 1024, "rows_a_second": count / seconds}


def table(count: int, figures: Mapping[str, Mapping[str, float]]) -> str:
    lines = [f"\nimport_students of {count:,} rows", f"{'':24}{'seconds':>9}{'peak MB':>9}{'rows/s':>9}"]
    for kind, row in figures.items():
        short = count < 100_000 or all(row[name] <= most for name, most in AIMS.items())
        mark = "" if short else f"  ! aim {AIMS['seconds']:.0f} s, {AIMS['megabytes']:.0f} MB"
        lines.append(f"{kind:24}{row['seconds']:9.1f}{row['megabytes']:9.0f}{row['rows_a_second']:9.0f}{mark}")
    return "\n".join(lines)


# The files, the same at each run


def write_csv(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(_rows(count))
    return path


def write_xlsx(path: Path, count: int) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADERS)
    for row in tqdm(_rows(count), total=count, unit=" rows", desc="XLSX", mininterval=1):
        sheet.append(row)
    book.save(path)
    return path


def _rows(count: int) -> Iterator[Sequence[str]]:
    chance = random.Random(13)
    for number in range(1, count + 1):
        yield _row(chance, number)


def _row(chance: random.Random, number: int) -> Sequence[str]:
    given, family, native = person(chance, russian=number % 3 == 0)
    lab = f"{chance.choice(FIELDS)} {chance.choice(SUBJECTS)}"
    notation = chance.choice(NOTATIONS)
    skills = "; ".join(notation.format(skill, chance.randint(1, 5)) for skill in chance.sample(SKILLS, 4))
    home, *others = chance.sample(CITIES, 3)
    return (
        *(f"I-{number:06}", family, given, native, f"i{number}@students.example", f"+7 900 {number:07}"),
        *("", chance.choice(("BSc", "Master", "PhD")), chance.choice((f"Lab of {lab}", f"{lab} laboratory", lab))),
        *(f"{_day(chance):%d.%m.%Y}", title(chance, russian=number % 3 == 0), skills),
        *(f"English {chance.choice(('B2', 'C1'))}; Russian native", home, "; ".join(others), f"{_day(chance)}"),
    )


def _day(chance: random.Random) -> date:
    return date(2024, 1, 1) + timedelta(days=chance.randrange(1_200))
