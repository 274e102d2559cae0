"""One shape for whatever goes wrong: {"error": {"code", "message", "fields"}}."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from api.renderers import to_json
from crm.errors import DomainError

logger = logging.getLogger(__name__)
GENERAL = {"non_field_errors", "__all__", "detail"}
"""Keys of sentences that belong to no field."""


@dataclass(frozen=True)
class Problem:
    status: int
    code: str
    message: str
    fields: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message, "fields": dict(self.fields)}}


NOT_FOUND = Problem(404, "not_found", "Not found.")
NOT_ALLOWED = Problem(403, "not_allowed", "Your role does not allow this.")
BAD_REQUEST = Problem(400, "invalid", "This request cannot be understood.")
BROKEN = Problem(500, "error", "Something went wrong here. It was logged.")
CONFLICT = Problem(409, "conflict", "This contradicts a record that exists, or changed meanwhile.")
NO_DATABASE = Problem(503, "unavailable", "The database does not answer.", headers={"Retry-After": "5"})


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    problem = problem_of(error)
    if problem is None:
        return None
    return Response(problem.body(), status=problem.status, headers=dict(problem.headers))


def problem_of(error: Exception) -> Problem | None:
    """None for what nobody foresaw: Django logs it and answers 500."""
    for kinds, translate in TRANSLATIONS:
        if isinstance(error, kinds):
            return translate(error)
    return None


def _domain(error: DomainError) -> Problem:
    wait = getattr(error, "retry_after", None)
    headers = {"Retry-After": str(wait)} if wait else {}
    return Problem(error.status, error.code, error.message, error.fields, headers)


def _invalid(error: exceptions.ValidationError) -> Problem:
    return _of_fields(flatten(error.detail))


def _django_invalid(error: DjangoValidationError) -> Problem:
    return _of_fields(flatten(error.message_dict if hasattr(error, "error_dict") else error.messages))


def _of_fields(sentences: Mapping[str, list[str]]) -> Problem:
    fields = {name: texts for name, texts in sentences.items() if name not in GENERAL}
    general = [text for name, texts in sentences.items() if name in GENERAL for text in texts]
    return Problem(400, "invalid", " ".join(general) or "Some values cannot be taken.", fields)


def flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """Nested details of a serializer as dotted names: {"claims.0.level": [...]}."""
    if isinstance(detail, dict):
        entries = [(str(name), value) for name, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(value, dict | list) for value in detail):
        entries = [(str(number), value) for number, value in enumerate(detail)]
    else:
        texts = [str(text) for text in (detail if isinstance(detail, list) else [detail])]
        return {prefix or "detail": texts} if texts else {}
    found: dict[str, list[str]] = {}
    for name, value in entries:
        own = prefix if name in GENERAL and prefix else ".".join(filter(None, (prefix, name)))
        found |= flatten(value, own)
    return found


def _api(error: exceptions.APIException) -> Problem:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    sentence = " ".join(text for texts in flatten(error.detail).values() for text in texts)
    code = "not_allowed" if error.status_code == 403 else str(error.default_code)
    return Problem(error.status_code, code, sentence, headers=headers)


def _always(problem: Problem) -> Callable[[Any], Problem]:
    return lambda error: problem


def _logged(problem: Problem) -> Callable[[Any], Problem]:
    def translate(error: Exception) -> Problem:
        # Only the kind: the sentence of a database may hold names and addresses.
        logger.warning("answered %s: the database raised %s", problem.status, type(error).__name__)
        return problem

    return translate


TRANSLATIONS: tuple[tuple[Any, Callable[[Any], Problem]], ...] = (
    (DomainError, _domain),
    (exceptions.ValidationError, _invalid),
    (DjangoValidationError, _django_invalid),
    ((Http404, ObjectDoesNotExist, exceptions.NotFound), _always(NOT_FOUND)),
    (PermissionDenied, _always(NOT_ALLOWED)),
    (exceptions.APIException, _api),
    (SuspiciousOperation, _always(BAD_REQUEST)),
    (IntegrityError, _logged(CONFLICT)),
    (DataError, _logged(BAD_REQUEST)),
    ((OperationalError, InterfaceError), _logged(NO_DATABASE)),
    (DatabaseError, _logged(CONFLICT)),
)


def as_json(problem: Problem) -> HttpResponse:
    """For what goes wrong outside of REST views."""
    return HttpResponse(to_json(problem.body()), status=problem.status, content_type="application/json")


def without_slash(request: HttpRequest) -> HttpResponse:
    """An address under which there is nothing, but for the slash that is missing."""
    return as_json(replace(NOT_FOUND, message=f"Not found. This address ends with a slash: {request.path}/"))


def _handler(problem: Problem, page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What Django shows outside of REST views: JSON under the paths of programs, its own page elsewhere."""

    def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.path.startswith(("/api/", "/health/")):
            return as_json(problem)
        return page(request, *args, **kwargs)

    return handle


bad_request = _handler(BAD_REQUEST, defaults.bad_request)
permission_denied = _handler(NOT_ALLOWED, defaults.permission_denied)
page_not_found = _handler(NOT_FOUND, defaults.page_not_found)
server_error = _handler(BROKEN, defaults.server_error)
