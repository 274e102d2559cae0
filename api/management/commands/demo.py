from argparse import ArgumentParser
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
    has_parts = False

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
        self._print_access(world, base_url)

    def _print_access(self, world: DemoWorld, base_url: str) -> None:
        users = User.objects.in_bulk([user.email for user in world.users], field_name="email")
        Token.objects.filter(user__in=users.values(), name=TOKEN_NAME).delete()
        tokens = {user.role: Token.objects.create(user=user, name=TOKEN_NAME)[1] for user in users.values()}
        self.result(f"\nLog in at {base_url}/accounts/login/ (password of all: {PASSWORD})\n")
        for demo in world.users:
            self.result(f"  {demo.role:<10} {demo.email:<24} token {tokens[demo.role]}")
        self.result("\nSearch as the partner's HR:\n")
        address = f"{base_url}/api/v1/candidates/?lab=genome-editing&skill=crispr:3"
        self.result(f"  curl -s -H 'Authorization: Token {tokens['partner']}' '{address}'\n")
