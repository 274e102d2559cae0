"""A real SMTP server in a thread of the test, with the answers that the test tells it to give.

A module that needs it says `pytest_plugins = ("tests.mail_server",)` and takes the fixture `smtp`.
"""

import email
import email.policy
import logging
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

OK = "250 OK"
logging.getLogger("mail.log").setLevel(logging.WARNING)  # the server's own, which names addresses


class MailServer:
    """Takes mail, unless `to_recipient` or `to_content` answer otherwise."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.to_recipient: Callable[[str], str] = lambda address: OK
        self.to_content: Callable[[], str] = lambda: OK
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - the library's name
        answer = self.to_recipient(address)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        answer = self.to_content()
        if answer == OK:
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
            self.mails.append(message)
        return answer


@pytest.fixture
def smtp(settings: Any) -> Iterator[MailServer]:
    server = MailServer()
    server.controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_TIMEOUT = 5
    yield server
    server.controller.stop()
