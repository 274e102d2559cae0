from argparse import ArgumentParser
from typing import Any

from crm.actions.partners import create_partner
from crm.management.reporting import COMMAND, ReportingCommand


class Command(ReportingCommand):
    help = "Makes an active partner: an organisation whose people can be given accounts. Prints its random id."
    examples = '  manage.py create_partner acme "Acme Biopharma"\n'

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "slug", metavar="SLUG", help="Short name for addresses and files: letters, digits, hyphens."
        )
        parser.add_argument("name", metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        partner = create_partner(slug=options["slug"], name=options["name"].strip(), by=COMMAND)
        self.say(f"{partner.name} is an active partner now.")
        parts = {"id": str(partner.public_id), "slug": partner.slug, "name": partner.name, "state": partner.state}
        self.result(parts if options["json"] else str(partner.public_id))
