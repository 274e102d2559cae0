from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from crm.actions.import_attendance import import_attendance
from crm.imports.attendance import COLUMNS, is_known
from crm.imports.files import open_table
from crm.management.reporting import COMMAND, ReportingCommand
from crm.models import Seminar


class Command(ReportingCommand):
    help = (
        "Imports the attendance list of a seminar from CSV (or XLSX), with English or Russian headers: "
        f"{', '.join(COLUMNS)}.\n\n"
        "People are found by e-mail, by student number, or by name and partner. Who is not known is made a "
        "representative where name and partner are given. state is invited, registered, attended or no-show, yes or "
        "no; blank means attended, or registered before the day of the seminar.\n\n"
        "Each row ends as created, updated, unchanged or rejected with the reason; rejected rows do not change the "
        "exit status."
    )
    examples = """\
  manage.py import_attendance 5b0c6d2e-8f0a-4f5e-9a53-0d8f1c1f7a10 came.csv --dry-run
  manage.py import_attendance 5b0c6d2e-8f0a-4f5e-9a53-0d8f1c1f7a10 came.csv --json

  came.csv:
    name,partner,position,email,student_number,state
    Hanna Brook,Veresk,Head of HR,hanna@veresk.example,,attended
    ,,,,S11-00001,no-show
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("seminar", metavar="SEMINAR", help="The seminar's id.")
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="Write nothing, say what would become of the rows.")

    def handle(self, *args: Any, **options: Any) -> None:
        with open_table(options["file"], is_known) as table:
            result = import_attendance(
                seminar=_seminar(options["seminar"]), table=table, by=COMMAND, dry_run=options["dry_run"]
            )
        for rejection in () if options["json"] else result.rejections:
            self.say(f"line {rejection.line}, {rejection.number or 'nobody named'}: {rejection.reason}")
        self.result(result.as_json() if options["json"] else result.in_words())


def _seminar(text: str) -> Seminar:
    try:
        return Seminar.objects.get(public_id=text)
    except (Seminar.DoesNotExist, ValidationError) as error:
        raise CommandError(f"There is no seminar {text!r}: give its id.") from error
