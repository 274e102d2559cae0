from argparse import ArgumentParser
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from api.models import Token
from crm.demo import DemoWorld, build_world
from crm.demo.loading import PASSWORD, is_loaded, load_world
from crm.management.reporting import ReportingCommand
from crm.models import User
from search import outbox, rebuild

TOKEN_NAME = "demo"


class Command(ReportingCommand):
    help = (
        "Loads the demo university where it is not there yet, and prints a login and a fresh API token for each role. "
        "The demo's old tokens are revoked. Refuses without DEMO=1, which `make run` and `make demo` set."
    )
    examples = "  manage.py demo --base-url https://talent.example.edu --json\n"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--base-url", default="http://127.0.0.1:8000", help="where the server answers (%(default)s)"
        )

    def handle(self, *args: Any, base_url: str, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo people do not belong into a real database. Use `make demo`, or set DEMO=1.")
        world = build_world(today=timezone.localdate())
        if not is_loaded(world):
            self.say(f"Loading {len(world.students)} fictional students of the {world.university}.")
            load_world(world)
        rebuild.ensure_built()
        outbox.drain_all()
        access = Access(base_url, {user.role: user.email for user in world.users}, self._fresh_tokens(world))
        self.result(access.as_json() if options["json"] else access.in_words())

    def _fresh_tokens(self, world: DemoWorld) -> dict[str, str]:
        """By role; the old ones are revoked."""
        users = User.objects.in_bulk([user.email for user in world.users], field_name="email")
        Token.objects.filter(user__in=users.values(), name=TOKEN_NAME).delete()
        return {user.role: str(Token.objects.create(user=user, name=TOKEN_NAME)[1]) for user in users.values()}


@dataclass(frozen=True)
class Access:
    """How to get in, by role."""

    base_url: str
    emails: dict[str, str]
    tokens: dict[str, str]

    @property
    def login(self) -> str:
        return f"{self.base_url}/accounts/login/"

    @property
    def search(self) -> str:
        return f"{self.base_url}/api/v1/candidates/?lab=genome-editing&skill=crispr:3"

    def as_json(self) -> dict[str, Any]:
        users = [{"role": role, "email": mail, "token": self.tokens[role]} for role, mail in self.emails.items()]
        return {"login": self.login, "password": PASSWORD, "users": users, "search": self.search}

    def in_words(self) -> str:
        rows = [f"  {role:<10} {email:<24} token {self.tokens[role]}" for role, email in self.emails.items()]
        lines = ["", f"Log in at {self.login} (password of all: {PASSWORD})", "", *rows]
        curl = f"  curl -s -H 'Authorization: Token {self.tokens['partner']}' '{self.search}'"
        return "\n".join([*lines, "", "Search as the partner's HR:", "", curl, ""])
