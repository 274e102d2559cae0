import re
import secrets
import sys
import uuid
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import transaction

from crm.access import Role
from crm.actions.partners import add_representative
from crm.actions.users import create_user
from crm.management.reporting import COMMAND, ReportingCommand
from crm.models import Partner, Professor, Representative, Student, User

PERSON_OPTIONS = {Role.PARTNER: "partner", Role.PROFESSOR: "professor", Role.STUDENT: "student"}
"""The option that says whom an account of this role stands for."""


class Command(ReportingCommand):
    help = (
        "Makes an account. Without --password-stdin a random password is made and printed alone on stdout; with it, "
        "the account's random id is printed instead. --json prints all parts.\n\n"
        "With --partner the account belongs to the partner's representative of that e-mail; where there is none, one "
        "is made and named after the e-mail."
    )
    examples = """\
  manage.py create_user olga@university.example --role office
  manage.py create_user hanna.weber@acme.example --role partner --partner acme
  manage.py create_user pavel@university.example --role professor --professor pavel@university.example
  manage.py create_user anna@alumni.example --role student --student S11-00001 --json
  cat password.txt | manage.py create_user admin@university.example --role admin --password-stdin
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="The login.")
        parser.add_argument("--role", required=True, type=_role, choices=Role.values)
        person = parser.add_mutually_exclusive_group()
        person.add_argument("--partner", metavar="SLUG")
        person.add_argument("--professor", metavar="ID", help="Random id or e-mail of the professor.")
        person.add_argument("--student", metavar="NUMBER")
        parser.add_argument("--password-stdin", action="store_true", help="Take the first line of stdin as password.")

    def handle(self, *args: Any, **options: Any) -> None:
        email, role = options["email"].strip().lower(), Role(options["role"])
        given = _password_from_stdin(email) if options["password_stdin"] else None
        password = given or secrets.token_urlsafe(15)
        with transaction.atomic():
            person = _person(role, email, options)
            user = create_user(email=email, role=role, person=person, password=password, by=COMMAND)
        self.say(f"{user.email} can log in now, as {role.label}.")
        made = {} if given else {"password": password}
        parts = {"id": str(user.public_id), "email": user.email, "role": user.role, **made}
        self.result(parts if options["json"] else made.get("password", str(user.public_id)))


def _role(text: str) -> str:
    """By its value or its label: office, "career office", career-office."""
    words = re.sub(r"[\s_-]+", " ", text.strip().lower())
    return next((role.value for role in Role if words in (role.value, role.label.lower())), text)


def _password_from_stdin(email: str) -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise CommandError("There is no password on stdin.")
    try:
        validate_password(password, User(email=email))
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return password


def _person(role: Role, email: str, options: dict[str, Any]) -> Professor | Representative | Student | None:
    option = PERSON_OPTIONS.get(role)
    for other in set(PERSON_OPTIONS.values()) - {option}:
        if options[other]:
            raise CommandError(f"--{other} does not go with --role {role}.")
    if option is None:
        return None
    if not options[option]:
        raise CommandError(f"--role {role} needs --{option}.")
    return FINDERS[role](options[option], email)


def _representative(slug: str, email: str) -> Representative:
    partner = Partner.objects.with_slug(slug)
    if partner is None:
        raise CommandError(f"There is no partner {slug!r}; create_partner makes one.")
    known = Representative.objects.filter(partner=partner, email__iexact=email).order_by("-pk")
    current = next((person for person in known if person.is_current()), None)
    if current is not None:
        return current
    given, _, family = email.partition("@")[0].replace("_", ".").partition(".")
    names = {"given_name": given.title()[:100], "family_name": (family.replace(".", " ").title() or partner.name)[:100]}
    return add_representative(partner=partner, email=email, by=COMMAND, **names)


def _professor(key: str, email: str) -> Professor:
    try:
        found = list(Professor.objects.filter(public_id=uuid.UUID(key)))
    except ValueError:
        found = list(Professor.objects.filter(email__iexact=key.strip()))
    if len(found) != 1:
        raise CommandError(f"{len(found) or 'No'} professors have the id or e-mail {key!r}; one is needed.")
    return found[0]


def _student(number: str, email: str) -> Student:
    student = Student.objects.filter(number=number.strip()).first()
    if student is None:
        raise CommandError(f"There is no student with the number {number!r}.")
    return student


FINDERS: Mapping[Role, Callable[[str, str], Professor | Representative | Student]] = {
    Role.PARTNER: _representative,
    Role.PROFESSOR: _professor,
    Role.STUDENT: _student,
}
