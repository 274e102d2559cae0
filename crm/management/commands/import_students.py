import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from textwrap import fill
from typing import Any

from django.core.management.base import CommandError
from django.db import OperationalError
from tqdm import tqdm

from crm.access import SystemProcess
from crm.actions.import_students import import_students
from crm.imports.columns import Columns, is_known, load_mapping, recognise
from crm.imports.files import open_table
from crm.imports.headers import NAMES
from crm.imports.rejects_file import open_rejects
from crm.imports.results import ImportResult
from crm.imports.table import Table
from crm.management.reporting import ReportingCommand

SHOWN = 20
"""How many rejected rows and warnings are printed in words; --json and --errors have them all."""
RUN_AGAIN = "What was written until then stays; run the same command again to go on from there."


class Command(ReportingCommand):
    help = (
        "Imports students from CSV (comma, semicolon or tab; UTF-8 or cp1251) or XLSX. The stable key is the student "
        "number: known numbers are updated, others created, always without any consent.\n\n"
        "A blank cell leaves a value, **CLEAR** empties it. A skill without a level counts as 3 where the student had "
        "none. Rows with one number complete each other; one that contradicts an earlier row is rejected.\n\n"
        "Each row ends as created, updated, unchanged or rejected with the reason; rejected rows do not change the "
        "exit status."
    )
    examples = f"""\
  manage.py import_students graduates.csv --dry-run
  manage.py import_students graduates.xlsx --create-labs --errors rejected.csv
  manage.py import_students export.csv --map columns.json --json

  columns.json: {{"Matr. No.": "number", "Remarks": "ignore"}}
  fields: {fill(", ".join(NAMES), width=90, subsequent_indent="    ")}
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--map", type=Path, metavar="MAP.json", help='Columns: {"their header": "our field"}.')
        parser.add_argument("--dry-run", action="store_true", help="Write nothing, say what would become of the rows.")
        parser.add_argument("--errors", type=Path, metavar="OUT.csv", help="Write rejected rows here, to be mended.")
        parser.add_argument("--create-labs", action="store_true", help="Make labs that are not known yet.")

    def handle(self, *args: Any, **options: Any) -> None:
        file, errors = options["file"], options["errors"]
        if errors and errors.exists() and file.exists() and errors.samefile(file):
            raise CommandError("--errors names the file that is imported; give it another name.")
        mapping = load_mapping(options["map"]) if options["map"] else None
        with open_table(file, lambda header: is_known(header) or header in (mapping or {})) as table:
            result = self._import(table, recognise(table.headers, mapping), options)
        self._report(result, as_json=options["json"])

    def _import(self, table: Table, columns: Columns, options: dict[str, Any]) -> ImportResult:
        with ExitStack() as stack:
            write = (
                stack.enter_context(open_rejects(options["errors"], table.headers, columns))
                if options["errors"]
                else None
            )
            # Off where stderr is no terminal.
            off = True if not self.verbosity else None
            bar = stack.enter_context(
                tqdm(total=table.expected, unit=" rows", file=sys.stderr, disable=off, leave=False)
            )
            try:
                return import_students(
                    table=table,
                    columns=columns,
                    by=SystemProcess("import"),
                    create_labs=options["create_labs"],
                    dry_run=options["dry_run"],
                    on_progress=bar.update,
                    **({"on_rejected": write} if write else {}),
                )
            except (KeyboardInterrupt, OperationalError) as error:
                why = "Stopped." if isinstance(error, KeyboardInterrupt) else f"The database failed: {error}."
                raise CommandError(f"{why} {RUN_AGAIN}") from error

    def _report(self, result: ImportResult, *, as_json: bool) -> None:
        warnings = sorted(result.warnings.items(), key=lambda pair: -pair[1].count)
        for sentence, warned in warnings[:SHOWN]:
            lines = f" (lines {', '.join(map(str, warned.lines))}{', …' if warned.count > len(warned.lines) else ''})"
            self.say(f"warning: {sentence} {warned.count}×{lines if warned.lines else ''}")
        if len(warnings) > SHOWN:
            self.say(f"warning: and {len(warnings) - SHOWN} more kinds; --json lists them.")
        if as_json:
            return self.result(result.as_json())
        self.result(result.in_words())
        for rejection in result.rejections[:SHOWN]:
            self.result(f"line {rejection.line}, number {rejection.number or 'missing'}: {rejection.reason}")
        if len(result.rejections) > SHOWN:
            self.result(f"and {len(result.rejections) - SHOWN} more; --errors and --json list them.")
        return None
