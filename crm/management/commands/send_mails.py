from typing import Any

from crm.actions.announcements import announce_partners, queue_digests
from crm.actions.mails import send_due_mails
from crm.management.reporting import ReportingCommand

LONGEST = 24 * 3600.0


class Command(ReportingCommand):
    help = (
        "Sends all mails that are due, as the server does by itself. Prints how many were sent, dropped because they "
        "are not allowed any more, refused for good, or wait for another attempt."
    )
    examples = "  manage.py send_mails\n  manage.py send_mails --json\n"

    def handle(self, *args: Any, **options: Any) -> None:
        queue_digests()
        announce_partners()
        counts = dict.fromkeys(("sent", "dropped", "failed", "waiting"), 0) | send_due_mails(seconds=LONGEST)
        self.say("All mails that are due were looked at.")
        self.result(counts if options["json"] else "\n".join(f"{state} {count}" for state, count in counts.items()))
