from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from crm.actions.erasure import replay_erasures
from crm.management.reporting import COMMAND, ReportingCommand


class Command(ReportingCommand):
    help = (
        "Run this after a backup is restored: erases again everybody whom the erasure ledger names. "
        "Prints how many were found and erased. A second run finds nobody."
    )
    examples = "  manage.py replay_erasures\n"

    def handle(self, *args: Any, **options: Any) -> None:
        erased, words = self._replay()
        self.say(words)
        self.result({"erased": erased} if options["json"] else str(erased))

    def _replay(self) -> tuple[int, str]:
        try:
            return replay_erasures(by=COMMAND), "Everybody whom the ledger names is erased."
        except FileNotFoundError:
            where = f"There is no ledger at {settings.ERASURE_LEDGER}"
            return 0, f"{where}: nobody was erased yet, or ERASURE_LEDGER names another place."
        except ValueError as error:
            raise CommandError(f"{error} Mend it and run this again.") from error
