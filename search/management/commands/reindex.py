from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from tqdm import tqdm

from crm.management.reporting import ReportingCommand
from crm.models import Student
from search import outbox, rebuild
from search.engines import engine
from search.processes import MOST_BY_DEFAULT, MOST_PROCESSES, WORTH_A_PROCESS, as_many_as_help


class Command(ReportingCommand):
    help = (
        "Writes the whole search index anew, beside the one in use; searches go on meanwhile and the new one takes "
        "over at the end. With --verify, compares index and database instead: exit status 1 where they differ."
    )
    examples = "  manage.py reindex\n  manage.py reindex --verify --json\n"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--verify", action="store_true", help="Compare only; write nothing but what is pending.")
        parser.add_argument(
            "--processes",
            type=int,
            choices=range(1, MOST_PROCESSES + 1),
            metavar="N",
            help=f"How many make documents side by side, 1 to {MOST_PROCESSES}. Default: one for each "
            f"{WORTH_A_PROCESS:,} students, at most {MOST_BY_DEFAULT} and as many as there are processors.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        students = Student.objects.count()
        processes = options["processes"] or as_many_as_help(students)
        try:
            result = self._verify(students, processes) if options["verify"] else self._rebuild(students, processes)
        except RuntimeError as error:
            raise CommandError(str(error)) from error
        self.result(result if options["json"] else _in_words(result))
        if result.get("differences"):
            raise SystemExit(1)

    def _rebuild(self, students: int, processes: int) -> dict[str, Any]:
        self.say(f"Writing the {engine().name} index anew.")
        with _bar(students) as bar:
            written = rebuild.rebuild(bar.update, processes=processes)
        engine().remove_older()
        outbox.drain_all()
        return {"engine": engine().name, "students": written}

    def _verify(self, students: int, processes: int) -> dict[str, Any]:
        self.say(f"Comparing the database with the {engine().name} index.")
        with _bar(students) as bar:
            rebuild.ensure_built(bar.update, processes=processes)
        with _bar(students) as bar:
            differences = rebuild.verify(bar.update, processes=processes)
        return {
            "engine": engine().name,
            "students": students,
            "pending": outbox.pending(),
            "differences": [str(difference) for difference in differences],
        }


def _bar(students: int) -> "tqdm[Any]":
    return tqdm(total=students, unit=" students", disable=None, leave=False)


def _in_words(result: dict[str, Any]) -> str:
    if "differences" not in result:
        return f"{result['students']} students written."
    differences = result["differences"]
    first = f"{result['students']} students compared, {len(differences)} differences, {result['pending']} pending."
    return "\n".join([first, *differences])
