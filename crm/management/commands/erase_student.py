from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from crm.actions.erasure import erase_student
from crm.management.reporting import COMMAND, ReportingCommand
from crm.models import Student


class Command(ReportingCommand):
    help = (
        "Removes a student for good, with account, profile and consents, from the database and from search, and keeps "
        "counts that name nobody. Asks nothing. Prints the random id, which the erasure ledger holds from now on."
    )
    examples = "  manage.py erase_student S11-00001\n"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", metavar="NUMBER", help="The student number.")

    def handle(self, *args: Any, **options: Any) -> None:
        student = Student.objects.filter(number=options["number"].strip()).first()
        if student is None:
            raise CommandError(f"There is no student with the number {options['number']!r}.")
        erased = str(erase_student(student=student, by=COMMAND))
        self.say("The student is erased.")
        self.result({"erased": erased} if options["json"] else erased)
