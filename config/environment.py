"""The environment, read once and checked: a bad value stops the start with one clear sentence."""

import re
import secrets
from contextlib import suppress
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def text(name: str, default: str = "") -> str:
    """A variable's value; a blank one counts as absent."""
    return env.str(name, default="").strip() or default


def names(name: str, default: str = "") -> list[str]:
    """Names with commas between."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def flag(name: str) -> bool:
    value = text(name, "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"", "0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no: use 1 or 0.")


def number(name: str, default: int, *, least: int = 0) -> int:
    value = text(name, str(default))
    if not re.fullmatch(r"\d+", value) or int(value) < least:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number of {least} or more.")
    return int(value)


def rate(name: str, default: str) -> str:
    """A throttle such as 1200/min; periods are sec, min, hour and day."""
    value = text(name, default)
    if not re.fullmatch(r"[1-9]\d*/(s|sec|second|m|min|minute|h|hour|d|day)", value):
        raise ImproperlyConfigured(f"{name}={value!r} is not a rate: write it like 1200/min.")
    return value


def url(name: str, *schemes: str) -> str:
    """The address of a server, or "" where the variable is absent; only the named schemes are taken."""
    value = text(name)
    # What is wrong is said without the value: it may carry a password.
    wrong = ImproperlyConfigured(f"{name} is not an address that begins with {' or '.join(schemes)}://.")
    try:
        parts = urlsplit(value)
        complete = bool(parts.netloc or parts.path) and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise wrong from error
    if value and (parts.scheme not in schemes or not complete):
        raise wrong
    return value


def origin(name: str, default: str) -> str:
    """Where users find this server: a scheme and a host, no path; without a slash at its end."""
    value = text(name, default).rstrip("/")
    if not re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[1-9]\d{0,4})?", value, re.IGNORECASE):
        raise ImproperlyConfigured(f"{name} is not an address like https://talent.example.edu: no path, no password.")
    return value


def mailbox(name: str, default: str) -> str:
    """An e-mail address, alone or as Name <address>."""
    value = text(name, default)
    _, address = parseaddr(value)
    if not value.isprintable() or not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise ImproperlyConfigured(f"{name}={value!r} is not like Talent pipeline <talent@example.edu>.")
    return value


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(f"{name}={value!r} is not a time zone: write it like Europe/Moscow.") from error
    return value


def static_root(default: Path, *, secret: Path) -> Path:
    """STATIC_ROOT, which everybody may read: it must not hold the folder of database, key and reports."""
    folder = Path(text("STATIC_ROOT", str(default)))
    if secret.is_relative_to(folder.resolve()):
        raise ImproperlyConfigured(f"STATIC_ROOT={str(folder)!r} holds VAR_DIR, and would give it to everybody.")
    return folder


def secret_key(*, may_make: bool, folder: Path) -> str:
    """SECRET_KEY; where it is absent, or too short, one that this installation made once and keeps in `folder`."""
    given = text("SECRET_KEY")
    path = folder / "secret-key"
    if len(given) >= 32:
        return given
    if given and not may_make:
        raise ImproperlyConfigured("SECRET_KEY is shorter than 32 characters.")
    if not path.exists():
        if not may_make:
            raise ImproperlyConfigured("SECRET_KEY is not set: give it 50 or so random characters.")
        _write_once(path, secrets.token_urlsafe(50))
    return path.read_text(encoding="ascii")


def _write_once(path: Path, text: str) -> None:
    """Another process may do the same at the same moment: the first one wins, and nobody reads half a file."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="ascii")
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
