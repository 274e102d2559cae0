"""Timeline, pathway and funnel over the whole stack: 100,000 students, about 500,000 touchpoints, PostgreSQL."""

import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.db import connection
from tqdm import tqdm

from api.models import Token
from crm.models import Hire, Lab, Partner, Representative, Student, Touchpoint, User
from crm.touchpoints import count_records, rebuild_touchpoints
from tests.bench.contenders import OverHttp
from tests.bench.gunicorns import serving
from tests.bench.loading import analyse
from tests.bench.process_rows import COLUMNS, Process
from tests.bench.report import summary
from tests.bench.world import read_world, viewer

AIMS = {"timeline": 30.0, "pathway": 50.0, "funnel": 1000.0}
"""Beginning of a kind -> milliseconds that its median should stay below."""


def run(students: int, rounds: int, folder: Path) -> dict[str, Any]:
    """Loads what is not there yet, builds the touchpoints, measures; the figures by kind."""
    figures: dict[str, Any] = {"load_seconds": None if Hire.objects.exists() else load(students)}
    begin = time.perf_counter()
    with tqdm(total=count_records(), unit=" records", desc="Touchpoints", mininterval=1) as bar:
        rebuild_touchpoints(progress=bar.update)
    figures |= {"rebuild_seconds": time.perf_counter() - begin, "touchpoints": Touchpoint.objects.count()}
    analyse()
    figures["kinds"] = _measure(rounds, folder)
    print(table(figures))
    return figures


def load(students: int) -> float:
    begin = time.perf_counter()
    process = Process(read_world(), students, list(Representative.objects.values_list("pk", flat=True)))
    by_table: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for name, row in process.rows():
        by_table[name].append(row)
    with connection.cursor() as cursor:
        for name, columns in COLUMNS.items():
            with cursor.cursor.copy(f"COPY crm_{name} ({', '.join(columns.split())}) FROM STDIN") as copy:
                for row in by_table[name]:
                    copy.write_row(row)
    analyse()
    return time.perf_counter() - begin


def _measure(rounds: int, folder: Path) -> dict[str, Any]:
    office = User.objects.get(email="office@bench.example")
    tokens = {name: str(Token.objects.create(user)[1]) for name, user in (("office", office), ("hr", viewer()))}
    kinds = _kinds()
    with serving({"process": {"ELASTICSEARCH_URL": ""}}, folder) as ports:
        contenders = {name: OverHttp(name, ports["process"], "/api/v1/", token) for name, token in tokens.items()}
        answers: dict[str, list[Any]] = {kind: [] for kind in kinds}
        for turn in tqdm(range(rounds + 3), unit=" rounds", desc="Measuring", mininterval=1):
            for kind, (who, path) in kinds.items():
                answer = contenders[who].get(path())
                if turn >= 3:  # the first ones open connections
                    answers[kind].append(answer)
    return {kind: summary(found) for kind, found in answers.items()}


def _kinds() -> Mapping[str, tuple[str, Callable[[], str]]]:
    """Kind -> (who asks, a path with another record each time)."""
    chance = random.Random(5)
    partners, labs = (list(model.objects.values_list("slug", flat=True)) for model in (Partner, Lab))
    students = list(Student.objects.order_by("pk").values_list("public_id", flat=True)[:5_000])
    hires = list(Hire.objects.filter(state="started").order_by("pk").values_list("public_id", flat=True)[:2_000])
    return {
        "timeline of a partner": ("office", lambda: f"timeline/?partner={chance.choice(partners)}"),
        "timeline of a partner, as HR": ("hr", lambda: "timeline/?partner=partner-0"),
        "timeline of a lab": ("office", lambda: f"timeline/?lab={chance.choice(labs)}"),
        "timeline of a student": ("office", lambda: f"timeline/?student={chance.choice(students)}"),
        "pathway of a hire": ("office", lambda: f"hires/{chance.choice(hires)}/pathway/"),
        "funnel": ("office", lambda: "reports/funnel/"),
        "funnel by partner": ("office", lambda: "reports/funnel/?by=partner"),
        "funnel by lab": ("office", lambda: "reports/funnel/?by=lab"),
        "funnel of a partner by year": ("office", lambda: f"reports/funnel/?by=year&partner={chance.choice(partners)}"),
    }


def table(figures: Mapping[str, Any]) -> str:
    lines = [f"\n{figures['touchpoints']} touchpoints", f"{'':32}{'p10 ms':>9}{'p50':>9}{'p95':>9}{'queries':>9}"]
    for kind, row in figures["kinds"].items():
        aim = next(most for name, most in AIMS.items() if kind.startswith(name))
        mark = "" if row["p50"] <= aim else f"  ! aim {aim:.0f} ms"
        lines.append(f"{kind:32}{row['p10']:9.1f}{row['p50']:9.1f}{row['p95']:9.1f}{row['queries_most']:9.0f}{mark}")
    return "\n".join(lines)
