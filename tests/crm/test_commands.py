"""Commands: results that programs read on stdout, words on stderr, one plain sentence for what goes wrong."""

import io
import json
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands, load_command_class

from crm import erasure_ledger
from crm.models import Partner, PartnerState, Representative, Student, User
from tests import cast

pytestmark = pytest.mark.django_db

COMMANDS = [
    "import_attendance",
    "import_skills",
    "import_students",
    "record_consent",
    "create_user",
    "create_partner",
    "erase_student",
    "replay_erasures",
    "reindex",
    "create_token",
    "rebuild_touchpoints",
    "demo",
]


def run(*arguments: str, **options: Any) -> str:
    """What the command printed on stdout."""
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue().rstrip("\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_explains_with_examples(name: str) -> None:
    command = load_command_class(get_commands()[name], name)
    text = command.create_parser("manage.py", name).format_help()
    assert f"examples:\n  manage.py {name}" in text
    assert ("--json" in text) == (name != "create_token")


def test_create_partner_makes_an_active_one() -> None:
    made = json.loads(run("create_partner", "veresk", "Veresk", "--json"))
    partner = Partner.objects.get(slug="veresk")
    assert (partner.state, str(partner.public_id)) == (PartnerState.ACTIVE, made["id"])
    with pytest.raises(CommandError, match="slug"):
        run("create_partner", "veresk", "Another")
    with pytest.raises(CommandError, match="slug"):
        run("create_partner", "no slug", "Third")


def test_slugs_of_partners_are_in_small_letters_and_taken_in_any() -> None:
    run("create_partner", "Veresk-Bio", "Veresk")
    partner = Partner.objects.get()
    assert partner.slug == "veresk-bio"
    with pytest.raises(CommandError, match="slug"):
        run("create_partner", "VERESK-BIO", "Another")
    run("create_user", "hanna.brook@veresk.example", "--role", "partner", "--partner", "Veresk-BIO")
    assert Representative.objects.get().partner == partner


def test_slugs_from_before_that_differ_by_case_alone_are_never_taken_for_each_other() -> None:
    made = {slug: Partner.objects.create(slug=slug, name=slug) for slug in ("Veresk", "veresk", "Rival")}
    assert Partner.objects.with_slug(" Veresk ") == made["Veresk"]
    assert Partner.objects.with_slug("veresk") == made["veresk"]
    assert Partner.objects.with_slug("VERESK") is None
    assert Partner.objects.with_slug("rival") == made["Rival"]
    assert Partner.objects.with_slug("nobody") is None


def test_create_user_prints_the_password_alone() -> None:
    password = run("create_user", "Olga@University.Example", "--role", "office")
    user = User.objects.get(email="olga@university.example")
    assert user.check_password(password)
    assert len(password) >= 20


def test_create_user_takes_a_password_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a long and good secret\n"))
    made = json.loads(run("create_user", "ada@university.example", "--role", "admin", "--password-stdin", "--json"))
    assert "password" not in made
    assert User.objects.get(public_id=made["id"]).check_password("a long and good secret")


@pytest.mark.parametrize("password", ["", "\n", "short\n", "password\n"])
def test_create_user_refuses_a_weak_password(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password))
    with pytest.raises(CommandError):
        run("create_user", "ada@university.example", "--role", "admin", "--password-stdin")
    assert not User.objects.exists()


def test_create_user_links_the_person() -> None:
    partner, student = cast.partner("veresk"), cast.student(number="S-1")
    professor = cast.professor().professor
    assert professor is not None
    professor.email = "pavel.l@university.example"
    professor.save()
    User.objects.all().delete()
    run("create_user", "hanna.brook@veresk.example", "--role", "partner", "--partner", "veresk")
    run("create_user", "p@university.example", "--role", "professor", "--professor", "Pavel.L@university.example")
    run("create_user", "s@alumni.example", "--role", "student", "--student", "S-1")
    hanna = User.objects.get(role="partner").representative
    assert hanna is not None
    assert (hanna.name, hanna.partner) == ("Hanna Brook", partner)
    assert User.objects.get(role="professor").professor == professor
    assert User.objects.get(role="student").student == student
    User.objects.all().delete()
    run("create_user", "p@university.example", "--role", "professor", "--professor", str(professor.public_id))
    run("create_user", "hanna.brook@veresk.example", "--role", "partner", "--partner", "veresk")
    assert User.objects.get(role="professor").professor == professor
    assert Representative.objects.get() == hanna


@pytest.mark.parametrize("words", ["office", "Office", "career office", "career-office", "career_office"])
def test_create_user_takes_a_role_by_its_value_or_its_label(words: str) -> None:
    run("create_user", "olga@university.example", "--role", words)
    assert User.objects.get().role == "office"


MISTAKES = [
    (["--role", "partner"], "needs --partner"),
    (["--role", "partner", "--partner", "nobody"], "no partner 'nobody'"),
    (["--role", "professor", "--professor", "x@y.example"], "No professors"),
    (["--role", "professor", "--professor", str(uuid.uuid4())], "No professors"),
    (["--role", "student", "--student", "S-404"], "no student"),
    (["--role", "office", "--student", "S-404"], "does not go with"),
    (["--role", "king"], "invalid choice"),
]


@pytest.mark.parametrize(("options", "sentence"), MISTAKES)
def test_create_user_says_what_is_wrong(options: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run("create_user", "x@y.example", *options)


def test_a_user_that_cannot_be_made_leaves_no_representative() -> None:
    cast.partner("veresk")
    cast.office()
    with pytest.raises(CommandError, match="email"):
        run("create_user", "olga@university.example", "--role", "partner", "--partner", "veresk")
    assert not Representative.objects.exists()


def test_erase_student_prints_the_random_id() -> None:
    student = cast.student(number="S-1")
    assert run("erase_student", "S-1") == str(student.public_id)
    assert not Student.objects.exists()
    assert str(student.public_id) in settings.ERASURE_LEDGER.read_text()
    with pytest.raises(CommandError, match="no student"):
        run("erase_student", "S-1")


def test_replay_erases_again_whom_the_ledger_names() -> None:
    student, other = cast.student(), cast.student()
    erasure_ledger.append(student.public_id)
    assert json.loads(run("replay_erasures", "--json")) == {"erased": 1}
    assert list(Student.objects.all()) == [other]
    assert run("replay_erasures") == "0"


def test_without_a_ledger_nobody_is_erased_and_it_is_said() -> None:
    settings.ERASURE_LEDGER.unlink(missing_ok=True)
    out, words = io.StringIO(), io.StringIO()
    call_command("replay_erasures", "--json", stdout=out, stderr=words)
    assert json.loads(out.getvalue()) == {"erased": 0}
    assert f"There is no ledger at {settings.ERASURE_LEDGER}" in words.getvalue()


def test_a_damaged_ledger_is_said() -> None:
    settings.ERASURE_LEDGER.write_text("{}\n")
    try:
        with pytest.raises(CommandError, match="damaged in line 1"):
            run("replay_erasures")
    finally:
        settings.ERASURE_LEDGER.unlink()
