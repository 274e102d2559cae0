"""Habits of all commands: results on stdout, words on stderr, one plain sentence for what goes wrong."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter

from crm.access import SystemProcess
from crm.errors import DomainError

COMMAND = SystemProcess("command")


class HelpFormatter(DjangoHelpFormatter):
    """Keeps paragraphs, and those with an indented line as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = text.strip("\n").split("\n\n")
        fill = super()._fill_text
        return "\n\n".join(p if "\n  " in f"\n{p}" else fill(p, width, indent) for p in paragraphs)


class ReportingCommand(BaseCommand):
    """`examples` stand at the end of --help; `has_parts` adds --json."""

    examples = ""
    has_parts = True
    requires_migrations_checks = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        epilog = f"examples:\n{self.examples}" if self.examples else None
        parser = super().create_parser(prog_name, subcommand, formatter_class=HelpFormatter, epilog=epilog, **kwargs)
        if self.has_parts:
            parser.add_argument("--json", action="store_true", help="Print the result as JSON.")
        return parser

    def say(self, words: str) -> None:
        """For people: on stderr, and not at all with --verbosity 0."""
        if getattr(self, "verbosity", 1):
            self.stderr.write(words)

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.verbosity = options.get("verbosity", 1)
        with plain_errors():
            return super().execute(*args, **options)

    def result(self, parts: Any) -> None:
        """For programs: on stdout."""
        self.stdout.write(parts if isinstance(parts, str) else json.dumps(parts, ensure_ascii=False, indent=2))


@contextmanager
def plain_errors() -> Iterator[None]:
    """What an action refuses becomes one sentence on stderr and exit status 1."""
    try:
        yield
    except DomainError as error:
        raise CommandError(in_words(error)) from error
    except OSError as error:
        raise CommandError(f"{error.filename or 'A file'}: {error.strerror or error}.") from error


def in_words(error: DomainError) -> str:
    """The sentence of an error, then those of its fields that say more."""
    fields = [f"{name}: {sentence}" for name, texts in error.fields.items() for sentence in texts]
    more = [line for line in fields if error.message not in line]
    return "\n".join([error.message, *more])
