from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from crm.actions.record_consents import record_consents
from crm.imports.consent_forms import COLUMNS
from crm.imports.files import open_table
from crm.management.reporting import COMMAND, ReportingCommand


class Command(ReportingCommand):
    help = (
        f"Records signed consent forms from CSV (or XLSX) with the columns {','.join(COLUMNS)}.\n\n"
        "partner is a slug, or * for all partners, those to come included; scopes are profile, evaluations and "
        "contact, separated by spaces; expires is blank, a date (valid through that day) or an ISO date-time.\n\n"
        "Each row ends as recorded, unchanged (this very consent is active) or rejected with the reason. A form whose "
        "consent the student withdrew is not recorded again: a newly signed form needs a source of its own."
    )
    examples = """\
  manage.py record_consent forms.csv --dry-run
  manage.py record_consent forms.csv --json

  forms.csv:
    student_number,partner,scopes,expires,source
    S11-00001,*,profile evaluations,2027-06-30,paper form of 2026-05-04
    S11-00002,acme,profile contact,,paper form of 2026-05-05
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="Write nothing, say what would become of the rows.")

    def handle(self, *args: Any, **options: Any) -> None:
        with open_table(options["file"], lambda header: header.strip().lower() in COLUMNS) as table:
            result = record_consents(table=table, by=COMMAND, dry_run=options["dry_run"])
        for rejection in () if options["json"] else result.rejections:
            self.say(f"line {rejection.line}, number {rejection.number or 'missing'}: {rejection.reason}")
        self.result(result.as_json() if options["json"] else result.in_words())
