"""What became of a file: four counts that add up, the rejected rows, the warnings."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

EXAMPLES = 3
"""How many line numbers a warning keeps."""
DISTINCT_WARNINGS = 1000
"""A file with more kinds of warnings is so dirty that the rest is only counted."""
REST = "Other warnings."


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Rejection:
    line: int
    number: str
    reason: str


@dataclass(slots=True)
class Warned:
    count: int = 0
    lines: list[int] = field(default_factory=list)
    """The first lines it is about; none where it is about the whole file."""


@dataclass
class ImportResult:
    dry_run: bool = False
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    rejections: list[Rejection] = field(default_factory=list)
    warnings: dict[str, Warned] = field(default_factory=dict)
    labs_created: int = 0

    @property
    def rows(self) -> int:
        return sum(self.counts.values())

    def count(self, outcome: Outcome, line: int, warnings: Iterable[str] = ()) -> None:
        self.counts[outcome] += 1
        for sentence in warnings:
            self.warn(sentence, line)

    def reject(self, rejection: Rejection) -> None:
        self.counts[Outcome.REJECTED] += 1
        self.rejections.append(rejection)

    def warn(self, sentence: str, line: int | None = None) -> None:
        full = len(self.warnings) >= DISTINCT_WARNINGS and sentence not in self.warnings
        warned = self.warnings.setdefault(REST if full else sentence, Warned())
        warned.count += 1
        if line is not None and len(warned.lines) < EXAMPLES:
            warned.lines.append(line)

    def as_json(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "rows": self.rows,
            **{outcome.value: count for outcome, count in self.counts.items()},
            "labs_created": self.labs_created,
            "rejections": [{"line": r.line, "number": r.number, "reason": r.reason} for r in self.rejections],
            "warnings": [{"message": m, "count": w.count, "lines": w.lines} for m, w in self.warnings.items()],
        }

    def in_words(self) -> str:
        counts = ", ".join(f"{count} {outcome.value}" for outcome, count in self.counts.items())
        labs = f" {self.labs_created} labs created." if self.labs_created else ""
        dry = "Dry run, nothing was written. " if self.dry_run else ""
        return f"{dry}{self.rows} rows: {counts}.{labs}"
