import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import OperationalError
from tqdm import tqdm

from crm.actions.import_skills import import_skills
from crm.concept_imports.concepts import Concept
from crm.concept_imports.results import VocabularyResult
from crm.management.reporting import COMMAND, ReportingCommand
from crm.models import Skill
from search.vocabulary.foreign import FORMATS, read_concepts

SHOWN = 20
"""How many rejected concepts and warnings are printed in words; --json has them all."""


class Command(ReportingCommand):
    help = (
        "Imports the concepts of a vocabulary as skills: ESCO's CSV files (skills_en.csv, skillGroups_en.csv, "
        "broaderRelationsSkillPillar_en.csv; several at once, in English and Russian) or SKOS in Turtle or RDF/XML.\n\n"
        "The stable key is the concept's URI. A concept that is called like a skill is joined to it: it brings its "
        "other names. A name that means another skill stays with that one. What was imported before changes only where "
        "the files changed. An obsolete concept is not imported; if it was before, its claims move to the skill that "
        "replaces it, else it stays, marked, while somebody claims it.\n\n"
        "Each concept ends as created, updated, unchanged, joined, obsolete or rejected with the reason; rejected "
        "concepts do not change the exit status. The texts of students are searched for the new names within a minute."
    )
    examples = """\
  manage.py import_skills skills_en.csv skills_ru.csv skillGroups_en.csv broaderRelationsSkillPillar_en.csv \\
      --root natural-sciences --under chemistry --dry-run
  manage.py import_skills thesaurus.ttl --under materials-science --json
  manage.py import_skills thesaurus.rdf --root https://vocabulary.example/c7 --under immunology
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--format", choices=FORMATS, help="Told by the files' names where it is left out.")
        parser.add_argument(
            "--root",
            dest="roots",
            nargs="+",
            action="extend",
            default=[],
            metavar="CONCEPT",
            help="Import only what stands below these concepts of the files, and these: URIs or names. Else all.",
        )
        parser.add_argument("--under", required=True, metavar="SLUG", help="The skill below which roots are hung.")
        parser.add_argument("--dry-run", action="store_true", help="Write nothing, say what would become of them.")

    def handle(self, *args: Any, **options: Any) -> None:
        under = _skill(options["under"])
        self.say(f"Reading {', '.join(path.name for path in options['files'])}.")
        concepts = read_concepts(options["files"], options["format"])
        result = self._import(concepts, under, options)
        self._report(result, as_json=options["json"])

    def _import(self, concepts: Sequence[Concept], under: Skill, options: dict[str, Any]) -> VocabularyResult:
        # Off where stderr is no terminal.
        off = True if not self.verbosity else None
        with tqdm(unit=" concepts", file=sys.stderr, disable=off, leave=False) as bar:

            def show(done: int, of: int) -> None:
                bar.total = of
                bar.update(done - bar.n)

            try:
                return import_skills(
                    concepts=concepts,
                    under=under,
                    by=COMMAND,
                    roots=options["roots"],
                    dry_run=options["dry_run"],
                    on_progress=show,
                )
            except (KeyboardInterrupt, OperationalError) as error:
                why = "Stopped." if isinstance(error, KeyboardInterrupt) else f"The database failed: {error}."
                again = "What was written until then stays; run the same command again to go on from there."
                raise CommandError(f"{why} {again}") from error

    def _report(self, result: VocabularyResult, *, as_json: bool) -> None:
        for sentence, count in result.warnings.most_common(SHOWN):
            self.say(f"warning: {sentence}{f' {count}×' if count > 1 else ''}")
        if len(result.warnings) > SHOWN:
            self.say(f"warning: and {len(result.warnings) - SHOWN} more; --json lists them.")
        if as_json:
            return self.result(result.as_json())
        self.result(result.in_words())
        for rejection in result.rejections[:SHOWN]:
            self.result(f"{rejection.where}, {rejection.uri or 'no URI'}: {rejection.reason}")
        if len(result.rejections) > SHOWN:
            self.result(f"and {len(result.rejections) - SHOWN} more; --json lists them.")
        return None


def _skill(slug: str) -> Skill:
    try:
        return Skill.objects.get(slug=slug)
    except Skill.DoesNotExist as error:
        raise CommandError(f"There is no skill {slug!r}: give the slug of one below which roots shall hang.") from error
