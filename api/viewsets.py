from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Model
from django.http import HttpRequest
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from api.filters import refuse_unknown
from api.lookups import by_key
from api.parsers import read_chunked
from api.throttles import StrangerThrottle
from crm.models import User


class RuledViewSet(GenericViewSet):
    """A viewset declares a `queryset` and `verbs`: action -> verb of crm.access.RULES, see permissions.ByRule.

    All records come from `visible_to(user)`. `keys` are the unique fields that name a record besides its public id.
    """

    queryset: Any
    verbs: ClassVar[Mapping[str, str]] = {}
    keys: ClassVar[Sequence[str]] = ()
    ordering: ClassVar[Sequence[str]] = ()
    parameters: ClassVar[Mapping[str, Sequence[str]]] = {}
    """Action -> the query parameters that it takes: none, where it is not named."""
    filtered: ClassVar[frozenset[str]] = frozenset({"list"})
    """Actions that take more, those of a filter, and refuse the unknown ones by themselves."""
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        read_chunked(request, max(getattr(parser, "most_bytes", 0) for parser in self.parser_classes))
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action and request.method != "OPTIONS" and self.action not in self.filtered:
            refuse_unknown(request, self.parameters.get(self.action, ()))

    def handle_exception(self, exc: Exception) -> Response:
        """Throttles come after permissions, so whoever is not logged in is counted here."""
        if isinstance(exc, NotAuthenticated | AuthenticationFailed):
            exc = StrangerThrottle().count(self.request, self) or exc
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response["Cache-Control"] = "no-store"
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def user(self) -> User:
        """Who asks; permissions have let nobody else in."""
        assert isinstance(self.request.user, User)
        return self.request.user

    def get_queryset(self) -> Any:
        return self.queryset.all().visible_to(self.request.user)

    def get_object(self) -> Any:
        records = self.get_queryset()
        if self.request.method not in SAFE_METHODS:
            records = records.prefetch_related(None)  # What a change then shows is read anew.
        record = by_key(records, self.kwargs["id"], self.keys)
        self.check_object_permissions(self.request, record)
        return record

    def validated(self, record: Model | None = None, *, kind: type[BaseSerializer] | None = None) -> dict[str, Any]:
        """The body, checked by the serializer of the view or of this kind; with a record, a partial change of it."""
        made_by = kind or self.get_serializer_class()
        context = self.get_serializer_context()
        serializer = made_by(record, data=self.request.data, partial=record is not None, context=context)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def shown(self, record: Model, status: int = status.HTTP_200_OK) -> Response:
        """A record as it stands in the database after a write."""
        fresh = self.get_queryset().get(pk=record.pk)
        return Response(self.get_serializer(fresh).data, status=status)


class CreateMixin:
    """Needs `perform_create(data) -> record`, which calls an action."""

    def create(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.shown(self.perform_create(self.validated()), status.HTTP_201_CREATED)


class ChangeMixin:
    """Needs `perform_update(record, data) -> record`, which calls an action."""

    def partial_update(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        record = self.get_object()
        return self.shown(self.perform_update(record, self.validated(record)))


class DeleteMixin:
    """Needs `perform_destroy(record)`, which calls an action."""

    def destroy(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.perform_destroy(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class RecordViewSet(ListModelMixin, RetrieveModelMixin, CreateMixin, ChangeMixin, RuledViewSet):
    """List, retrieve, create and change."""
