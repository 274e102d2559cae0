"""The mail server: one connection for many mails, and what its errors mean, in words without address or content."""

import smtplib
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email

from crm.models import Mail
from crm.notices.letters import Letter

LOGIN_CODES = {530, 534, 535, 538}
"""SMTP: it is not the mail that is refused, but this installation."""


class Undelivered(Exception):
    """May be tried again later."""


class Unreached(Undelivered):
    """The server itself does not answer, or does not let us in: other mails need not be tried now."""


class Refused(Undelivered):
    """For good."""


class Post:
    """Opens the connection with the first mail."""

    def __init__(self) -> None:
        self._connection = get_connection()
        self._is_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def deliver(self, mail: Mail, letter: Letter, address: str) -> None:
        """Raises Refused, Unreached, or Undelivered."""
        _check(address)
        self._open()
        try:
            self._connection.send_messages([_message(mail, letter, address)])
        except (OSError, ValueError) as error:
            self._close()
            raise _meaning(error) from error

    def _open(self) -> None:
        if self._is_open:
            return
        try:
            self._connection.open()
        except OSError as error:
            self._close()
            raise Unreached(f"the mail server was not reached: {_said(error)}") from error
        self._is_open = True

    def _close(self) -> None:
        with suppress(OSError):  # what was sent is sent
            self._connection.close()
        self._is_open = False


def _check(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused("its address is none") from error


def _message(mail: Mail, letter: Letter, address: str) -> EmailMultiAlternatives:
    """The same Message-ID at each attempt: a mail that arrives twice is seen to be one."""
    headers = {
        "Message-ID": f"<{mail.public_id}@{urlsplit(settings.BASE_URL).hostname}>",
        "Auto-Submitted": "auto-generated",
    }
    message = EmailMultiAlternatives(letter.subject, letter.text, to=[address], headers=headers)
    message.attach_alternative(letter.html, "text/html")
    return message


def _meaning(error: Exception) -> Undelivered:
    code = _code(error)
    if code in LOGIN_CODES:
        return Unreached(f"the mail server does not let us in: {code}")
    if 500 <= code < 600:
        return Refused(f"the mail server refused it: {code}")
    if isinstance(error, smtplib.SMTPNotSupportedError | ValueError):
        return Refused(f"it cannot be sent to this address: {type(error).__name__}")
    return Undelivered(f"the mail server did not take it: {_said(error)}")


def _code(error: Exception) -> int:
    """SMTP's, 0 where it has none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max(code for code, _ in error.recipients.values())
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def _said(error: Exception) -> str:
    return str(_code(error) or type(error).__name__)
