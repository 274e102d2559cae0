"""What became of the concepts of a vocabulary: six counts that add up, the rejected ones, the warnings."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crm.concept_imports.concepts import Concept
from crm.imports.results import DISTINCT_WARNINGS, REST


class ConceptOutcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    JOINED = "joined"
    OBSOLETE = "obsolete"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class RejectedConcept:
    where: str
    uri: str
    reason: str


@dataclass
class VocabularyResult:
    dry_run: bool = False
    counts: dict[ConceptOutcome, int] = field(default_factory=lambda: dict.fromkeys(ConceptOutcome, 0))
    rejections: list[RejectedConcept] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)
    claims_moved: int = 0
    skills_removed: int = 0
    changed: bool = False
    """Whether anything was written, or would be."""

    def reject(self, concept: Concept) -> None:
        self.counts[ConceptOutcome.REJECTED] += 1
        self.rejections.append(RejectedConcept(concept.where, concept.uri, concept.refusal()))

    def warn(self, sentence: str) -> None:
        full = len(self.warnings) >= DISTINCT_WARNINGS and sentence not in self.warnings
        self.warnings[REST if full else sentence] += 1

    @property
    def concepts(self) -> int:
        return sum(self.counts.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "changed": self.changed,
            "concepts": self.concepts,
            **{outcome.value: count for outcome, count in self.counts.items()},
            "claims_moved": self.claims_moved,
            "skills_removed": self.skills_removed,
            "rejections": [{"where": r.where, "uri": r.uri, "reason": r.reason} for r in self.rejections],
            "warnings": [{"message": message, "count": count} for message, count in self.warnings.items()],
        }

    def in_words(self) -> str:
        counts = ", ".join(f"{count} {outcome.value}" for outcome, count in self.counts.items())
        parts = ["Dry run, nothing was written."] if self.dry_run else []
        parts.append(f"{self.concepts} concepts: {counts}.")
        parts += [f"{self.claims_moved} claims moved to replacing skills."] if self.claims_moved else []
        parts += [f"{self.skills_removed} skills removed."] if self.skills_removed else []
        parts += [] if self.changed else ["Nothing changes." if self.dry_run else "Nothing changed."]
        return " ".join(parts)
