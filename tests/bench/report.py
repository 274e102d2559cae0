"""Percentiles, ratios and queries of a run, as a table and as JSON."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from tests.bench.asking import MERE, RICH, Request
from tests.bench.contenders import Answer
from tests.bench.measuring import Results

ENGINES = {"stack on Elasticsearch": "Elasticsearch alone", "stack on tantivy": "tantivy alone"}
AIM = {"ratio": 2.0, "above_ms": 8.0}
AHEAD = {"filters": 2.0, "filters, 100": 5.0, "text": 5.0, "text, 100": 5.0}
"""Kind -> how many times faster than the expert's way the stack should be."""
HEADINGS = ("", "p10 ms", "p50", "p95", "p99", "queries", "x engine", "+ms engine", "expert x", "plain x")


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def summary(answers: Sequence[Answer]) -> dict[str, float]:
    times = [1000 * answer.seconds for answer in answers]
    return {
        "rounds": len(times),
        "p10": percentile(times, 0.1),
        "p50": statistics.median(times),
        "p95": percentile(times, 0.95),
        "p99": percentile(times, 0.99),
        "queries": statistics.median(answer.queries for answer in answers),
        "queries_most": max(answer.queries for answer in answers),
    }


def figures(results: Results, requests: Mapping[str, Sequence[Request]]) -> dict[str, Any]:
    """Kind -> candidates found, contender -> percentiles, ratios to the others, and whether the aims are met."""
    made: dict[str, Any] = {}
    for kind, by_contender in results.items():
        contenders = {name: summary(answers) for name, answers in by_contender.items() if answers}
        for name, alone in ENGINES.items():
            if name in contenders and alone in contenders:
                contenders[name] |= _ratios(kind, contenders, name, alone)
        counts = [request.count for request in requests[kind]]
        made[kind] = {
            "candidates": {"median": statistics.median(counts), "least": min(counts), "most": max(counts)},
            "contenders": contenders,
            "example": requests[kind][0].path,
        }
    return made


def _ratios(kind: str, contenders: Mapping[str, Mapping[str, float]], name: str, alone: str) -> dict[str, Any]:
    own, engine = contenders[name]["p50"], contenders[alone]["p50"]
    ratios: dict[str, Any] = {
        "times_engine": own / engine,
        "above_engine_ms": own - engine,
        # The quickest tenth tells more where other work disturbs the machine.
        "above_engine_ms_p10": contenders[name]["p10"] - contenders[alone]["p10"],
    }
    ratios["engine_aim_met"] = own / engine <= AIM["ratio"] or own - engine <= AIM["above_ms"]
    for rival in ("expert", "plain"):
        if rival in contenders:
            ratios[f"{rival}_times"] = contenders[rival]["p50"] / own
    if kind in AHEAD and "expert_times" in ratios:
        ratios["expert_aim_met"] = ratios["expert_times"] >= AHEAD[kind]
    return ratios


def rich(kinds: Mapping[str, Any]) -> dict[str, float]:
    """Engine -> how many times longer it takes for skills in words than for mere words, by medians."""
    sought, mere = (kinds[kind]["contenders"] for kind in (RICH, MERE))
    return {name: sought[name]["p50"] / mere[name]["p50"] for name in ENGINES.values() if name in sought}


def rich_lines(found: Mapping[str, float]) -> str:
    lines = [f"{name}: skills in words take {times:.1f} times mere words" for name, times in found.items()]
    lines[-1] = f"recognising a query: {found['reading_ms']:.2f} ms"
    return "\n".join(lines)


def table(made: Mapping[str, Any]) -> str:
    lines: list[str] = []
    for kind, part in made.items():
        counts = part["candidates"]
        lines += ["", f"{kind}: {counts['median']:,.0f} candidates found (median), e.g. {part['example']}"]
        lines.append(_line(HEADINGS))
        for name, row in part["contenders"].items():
            marks = {aim: "" if row.get(f"{aim}_aim_met", True) else " !" for aim in ("engine", "expert")}
            lines.append(
                _line(
                    (
                        name,
                        *(f"{row[share]:.1f}" for share in ("p10", "p50", "p95", "p99")),
                        f"{row['queries']:.0f}" if row["queries"] else "",
                        _optional(row, "times_engine", marks["engine"]),
                        _optional(row, "above_engine_ms", marks["engine"]),
                        _optional(row, "expert_times", marks["expert"]),
                        _optional(row, "plain_times", ""),
                    )
                )
            )
    return "\n".join([*lines, "", "! falls short of an aim"])


def _optional(row: Mapping[str, Any], name: str, mark: str) -> str:
    return f"{row[name]:.1f}{mark}" if name in row else ""


def _line(cells: Sequence[str]) -> str:
    return f"{cells[0]:<24}" + "".join(f"{cell:>11}" for cell in cells[1:])
