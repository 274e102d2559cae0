from typing import Any

from django.core.management.base import CommandError, CommandParser

from api.models import DEFAULT_DAYS, MOST_DAYS, Token
from crm.access import reach_of
from crm.management.reporting import ReportingCommand
from crm.models import User


class Command(ReportingCommand):
    help = "Makes a personal API token for an account and prints it, alone, on stdout. It is shown this once."
    examples = "  manage.py create_token hanna.weber@acme.example --read-only --days 30\n"
    has_parts = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--read-only", action="store_true", help="The token can change nothing.")
        parser.add_argument("--days", type=int, default=DEFAULT_DAYS, help=f"Its life (default: {DEFAULT_DAYS}).")
        parser.add_argument("--name", default="command line", help="What the list of tokens shows.")

    def handle(self, *args: Any, email: str, read_only: bool, days: int, name: str, **options: Any) -> None:
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(f"--days {days} is not between 1 and {MOST_DAYS}.")
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"There is no account with the e-mail {email}.")
        if reach_of(user) is None:
            raise CommandError(f"The account {email} is deactivated, or its person has left.")
        _, token = Token.issue(user, days=days, name=name, read_only=read_only)
        self.result(token)
