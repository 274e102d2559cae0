"""Accounts: made by invitation only, ended at once."""

from django.db import transaction
from django.utils import timezone

from crm.access import Role, SystemProcess, require
from crm.actions.saving import save_checked
from crm.errors import Conflict, Invalid
from crm.models import Professor, Representative, Student, User

LINKS = {Role.PROFESSOR: "professor", Role.PARTNER: "representative", Role.STUDENT: "student"}


@transaction.atomic
def create_user(
    *,
    email: str,
    role: str,
    by: User | SystemProcess,
    person: Professor | Representative | Student | None = None,
    password: str | None = None,
) -> User:
    """An account of one role, linked to the person it stands for; without a password it cannot log in.

    Raises Invalid for an unknown role or the wrong kind of person, Conflict where the e-mail or person has an account.
    """
    require(by, "user.change")
    if role not in Role.values:
        raise Invalid.field("role", f"Allowed: {', '.join(Role.values)}.")
    user = User(email=email.strip().lower(), role=role)
    _link(user, person)
    user.set_password(password)
    return save_checked(user)


def _link(user: User, person: Professor | Representative | Student | None) -> None:
    link = LINKS.get(Role(user.role))
    given = person._meta.model_name if person else None
    if given != link:
        wanted = f"a {link}" if link else "no person"
        raise Invalid.field(link or given or "role", f"A user with the role {user.role} is linked to {wanted}.")
    if link and person:
        if User.objects.filter(**{link: person}).exists():
            raise Conflict(f"This {link} has an account.", fields={link: ["This one has an account already."]})
        setattr(user, link, person)


@transaction.atomic
def set_active(*, user: User, active: bool, by: User | SystemProcess) -> User:
    """A deactivated user is out with the next request."""
    require(by, "user.change", user)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user == by and not active:
        raise Invalid.field("is_active", "You cannot deactivate yourself.")
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        end_access(user)
    return user


@transaction.atomic
def set_password(*, user: User, password: str, by: User | SystemProcess) -> None:
    """Sets a password and ends all sessions and tokens made under the old one."""
    require(by, "user.change", user)
    user.set_password(password)
    user.save(update_fields=["password"])
    end_access(user)


def end_access(user: User) -> None:
    """Sessions and tokens made before now are no longer taken."""
    user.access_since = timezone.now()
    user.save(update_fields=["access_since"])
