"""Login by e-mail and password for invited people. The admin and the browsers' sessions use it too."""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm.access import SystemProcess, reach_of
from crm.actions.users import set_password
from crm.models import User

logger = logging.getLogger(__name__)
MAILS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
"""Mails leave behind the answer, so that its time does not tell whether the account exists. A server that is stopped
sends first what is waiting."""


LONGEST_LIMIT = 60
"""Seconds: of the limits that end in 429, none looks back further."""


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """allauth's page, and when to come back."""
    page = render(request, "429.html", status=429)
    page["Retry-After"] = str(LONGEST_LIMIT)
    return page


class ReachBackend(AuthenticationBackend):
    """Who has no reach is nobody: the password does not log in, and a running session is anonymous."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        # allauth would show a page of its own to deactivated people, which tells that the password is right.
        self.unstash_authenticated_user()
        return user

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        return isinstance(user, User) and reach_of(user) is not None

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("representative__partner").filter(pk=user_id).first()
        return user if self.user_can_authenticate(user) else None


class InvitedOnly(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        MAILS.submit(copy_context().run, self._send_mail, template_prefix, email, context)

    def _send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        try:
            super().send_mail(template_prefix, email, context)
        except Exception as error:  # noqa: BLE001 - nobody waits for it, so whatever it is must be said here
            logger.error("a mail could not be sent: %s", type(error).__name__)

    def set_password(self, user: User, password: str) -> None:
        set_password(user=user, password=password, by=SystemProcess("own password"))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures count by account alone: allauth's own key holds the Host header, which the caller chooses."""
        return str(credentials.get("email", "")).strip().lower()
