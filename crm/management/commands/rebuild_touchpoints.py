from argparse import ArgumentParser
from typing import Any

from tqdm import tqdm

from crm import touchpoints
from crm.management.reporting import ReportingCommand


class Command(ReportingCommand):
    help = (
        "Makes the touchpoints (what timelines, pathways and reports read) anew from the records they stand for. "
        "It may run while the CRM is in use, and be stopped and started again. With --verify it changes nothing and "
        "ends with exit status 1 where a touchpoint differs from its record."
    )
    examples = "  manage.py rebuild_touchpoints\n  manage.py rebuild_touchpoints --verify --json\n"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--verify", action="store_true", help="Compare only.")

    def handle(self, *args: Any, verify: bool, **options: Any) -> None:
        total = touchpoints.count_records()
        with tqdm(total=total, unit=" records", disable=None, leave=False) as bar:
            differed = touchpoints.rebuild_touchpoints(verify=verify, progress=bar.update)
        words = f"{total} records read, {differed} touchpoints {'differ' if verify else 'written or removed'}."
        self.result({"records": total, "differences": differed} if options["json"] else words)
        if verify and differed:
            raise SystemExit(1)
