"""A vocabulary of others becomes skills, in batches: each is a short transaction, so a killed import can be run again.

A concept is known by its URI (SkillConcept). One that is called like a skill that is there is joined to it; all others
become skills below those above them in the files, or below `under`. Only what changed in the files since the last
import changes here: the same files twice change nothing, and what somebody edited stays. A concept that the files lack
is left alone; for those that are obsolete see `crm.concept_imports.retiring`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from django.db import IntegrityError, OperationalError, reset_queries, transaction

from crm import reference
from crm.access import SystemProcess, require
from crm.actions.import_students import DEADLOCK, NEW_LOOKS
from crm.actions.merge_skills import in_use, replace_skill
from crm.actions.reference import below
from crm.concept_imports.asking import asked_names, keep_asking
from crm.concept_imports.concepts import Concept
from crm.concept_imports.hierarchy import Hierarchy, find_roots
from crm.concept_imports.results import ConceptOutcome, VocabularyResult
from crm.concept_imports.retiring import Retiring
from crm.concept_imports.saving import altered, save_changes
from crm.concept_imports.standing import Changes, Vocabulary
from crm.concept_imports.taking import Taking
from crm.errors import Invalid
from crm.models import ReferenceVersion, Skill, SkillClaim, SkillConcept, User
from crm.signals import students_changed

BATCH = 500

Progress = Callable[[int, int], object]
"""Called with how many concepts are done, and of how many."""


def import_skills(
    *,
    concepts: Sequence[Concept],
    under: Skill,
    by: User | SystemProcess,
    roots: Iterable[str] = (),
    dry_run: bool = False,
    on_progress: Progress = lambda done, of: None,
) -> VocabularyResult:
    """Imports the concepts below the roots (URIs, or names of concepts), or all. A URI must not come twice.

    A dry run writes nothing and counts the same. Raises NotAllowed, and Invalid for an unknown root or an obsolete
    `under`.
    """
    require(by, "reference.change")
    if under.obsolete:
        raise Invalid.field("under", f"The skill {under.slug} is obsolete.")
    known = dict(SkillConcept.objects.values_list("uri", "skill__slug"))
    hierarchy = Hierarchy(concepts, find_roots(concepts, roots, known))
    run = SkillImport(hierarchy, under.slug, dry_run=dry_run)
    for concept in hierarchy.rejected():
        run.result.reject(concept)
    run.go(list(hierarchy.obsolete(known)), list(hierarchy.in_order()), on_progress)
    return run.result


@dataclass
class Batch:
    """What became of some concepts, before it counts."""

    outcomes: Counter[ConceptOutcome] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    early: list[Concept] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)
    claims_moved: int = 0


Step = Callable[[Sequence[Concept]], Batch]


class SkillImport:
    """One run. Names must be free before they are given anew: first what goes, then what comes."""

    def __init__(self, hierarchy: Hierarchy, under: str, *, dry_run: bool) -> None:
        self.hierarchy, self.under, self.dry_run = hierarchy, under, dry_run
        self.result = VocabularyResult(dry_run=dry_run)
        self.vocabulary = Vocabulary()
        self._stamp: UUID | None = None
        """That of the skills when the vocabulary was read; None before."""
        self._released: dict[str, str] = {}
        """Slug -> the label that names nothing any more, though it stands in the database until it is replaced."""

    def go(self, obsolete: Sequence[Concept], taken: Sequence[Concept], on_progress: Progress) -> None:
        total, done = len(obsolete) + len(taken), 0
        early: list[Concept] = []
        steps = ((self._retire, obsolete), (self._loosen, taken), (self._take, taken), (self._settle, early))
        for step, concepts in steps:
            for some in _batches(concepts):
                batch = self._rehearse(step, some) if self.dry_run else self._write(step, some)
                early += batch.early
                self._count(batch)
                done += batch.outcomes.total()
                on_progress(done, total)

    def _count(self, batch: Batch) -> None:
        for outcome, count in batch.outcomes.items():
            self.result.counts[outcome] += count
        for sentence in batch.warnings:
            self.result.warn(sentence)
        self.result.claims_moved += batch.claims_moved
        self.result.skills_removed += len(batch.changes.removed)
        self.result.changed |= bool(batch.changes)

    def _retire(self, concepts: Sequence[Concept]) -> Batch:
        known = self.vocabulary.concepts
        claimed = in_use({known[concept.uri].slug for concept in concepts if concept.uri in known})
        step = Retiring(self.vocabulary, self.hierarchy, self.under, claimed)
        return Batch(Counter(map(step.retire, concepts)), step.warnings)

    def _loosen(self, concepts: Sequence[Concept]) -> Batch:
        step = Taking(self.vocabulary, self.hierarchy, self.under)
        for concept in concepts:
            step.loosen(concept)
        return Batch()

    def _take(self, concepts: Sequence[Concept]) -> Batch:
        step = Taking(self.vocabulary, self.hierarchy, self.under)
        return Batch(Counter(map(step.take, concepts)), step.warnings, step.early)

    def _settle(self, concepts: Sequence[Concept]) -> Batch:
        """What stands above them is there now."""
        step = Taking(self.vocabulary, self.hierarchy, self.under)
        for concept in concepts:
            step.settle(concept)
        return Batch(warnings=step.warnings)

    def _look(self) -> None:
        """Nobody changes skills until the transaction ends: who does, moves the stamp."""
        version, _ = ReferenceVersion.objects.select_for_update().get_or_create(id=1)
        if version.skills != self._stamp:
            self.vocabulary, self._stamp = Vocabulary.read(), version.skills
            self._release()

    def _release(self) -> None:
        """What is read anew knows nothing of it; a label that somebody edited meanwhile is kept."""
        for slug, label in self._released.items():
            if slug in self.vocabulary.skills and self.vocabulary.skills[slug].label == label:
                self.vocabulary.release_label(slug)

    def _rehearse(self, step: Step, concepts: Sequence[Concept]) -> Batch:
        if self._stamp is None:
            with transaction.atomic():
                self._look()
        self.vocabulary.recall(concept.uri for concept in concepts)
        batch = step(concepts)
        batch.changes, self.vocabulary.changes = self.vocabulary.changes, Changes()
        moving = [old for old, _ in batch.changes.moved]
        batch.claims_moved = SkillClaim.objects.filter(skill__slug__in=moving).count()
        return batch

    def _write(self, step: Step, concepts: Sequence[Concept]) -> Batch:
        """A writer beside this one may have given a name to another skill, or want the same locks: look anew then."""
        for _ in range(NEW_LOOKS):
            try:
                return self._write_once(step, concepts)
            except (IntegrityError, OperationalError) as error:
                if isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) != DEADLOCK:
                    raise
                self._stamp = None
        return self._write_once(step, concepts)

    def _write_once(self, step: Step, concepts: Sequence[Concept]) -> Batch:
        with transaction.atomic():
            self._look()
            self.vocabulary.recall(concept.uri for concept in concepts)
            batch, stamp = step(concepts), self._stamp
            batch.changes, self.vocabulary.changes = self.vocabulary.changes, Changes()
            if batch.changes:
                batch.claims_moved = _store(batch.changes, self.vocabulary)
                reference.touch(skills=True)
                stamp = ReferenceVersion.objects.get().skills
        self._stamp, self._released = stamp, self.vocabulary.released
        return batch


def _store(changes: Changes, vocabulary: Vocabulary) -> int:
    """Writes, and has the documents of the students concerned written anew; returns how many claims moved."""
    names = asked_names(changes)
    save_changes(changes, vocabulary)
    keep_asking(names, changes, vocabulary)
    named = Skill.objects.filter(slug__in=altered(changes)).values_list("pk", flat=True)
    concerned = set(SkillClaim.objects.filter(skill__in=below(set(named))).values_list("student_id", flat=True))
    moved = 0
    for old, new in changes.moved:
        students = replace_skill(old=Skill.objects.get(slug=old), new=Skill.objects.get(slug=new))
        concerned.update(students)
        moved += len(students)
    Skill.objects.filter(slug__in=changes.removed).delete()
    if concerned:
        students_changed.send(Skill, student_ids=sorted(concerned), narrows=None)
    return moved


def _batches(concepts: Iterable[Concept]) -> Iterator[list[Concept]]:
    iterator = iter(concepts)
    while batch := list(islice(iterator, BATCH)):
        yield batch
        # With DEBUG, Django keeps every statement.
        reset_queries()
