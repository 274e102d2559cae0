from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from api.disclosing import NamingMixin
from api.filters import UserFilter
from api.models import Token
from api.serializers.users import IssuedTokenSerializer, NewTokenSerializer, TokenSerializer, UserSerializer
from api.viewsets import DeleteMixin, RecordViewSet, RuledViewSet
from crm.actions.users import LINKS, create_user, set_active, set_password
from crm.models import User


class UserViewSet(NamingMixin, RecordViewSet):
    """Accounts. People are invited; nobody registers."""

    queryset = User.objects.select_related("professor", "representative", "student")
    serializer_class = UserSerializer
    filterset_class = UserFilter
    ordering = ("email",)
    verbs = {
        "list": "user.view",
        "retrieve": "user.view",
        "create": "user.change",
        "partial_update": "user.change",
    }

    @transaction.atomic
    def perform_create(self, data: dict[str, Any]) -> User:
        person = next((data[link] for link in LINKS.values() if link in data), None)
        user = create_user(
            email=data["email"],
            role=data["role"],
            person=person,
            password=data.get("password"),
            by=self.user,
        )
        return user if data.get("is_active", True) else set_active(user=user, active=False, by=self.user)

    @transaction.atomic
    def perform_update(self, user: User, data: dict[str, Any]) -> User:
        if "password" in data:
            set_password(user=user, password=data["password"], by=self.user)
        if "is_active" in data:
            set_active(user=user, active=data["is_active"], by=self.user)
        return user


class TokenViewSet(ListModelMixin, DeleteMixin, RuledViewSet):
    """Your own tokens, for `Authorization: Token ...`."""

    queryset = Token.objects.all()
    serializer_class = TokenSerializer
    ordering = ("-created", "-digest")
    verbs = {"list": "token.own", "create": "token.own", "destroy": "token.own"}

    def get_queryset(self) -> QuerySet[Token]:
        return Token.objects.filter(user=self.user)

    @extend_schema(request=NewTokenSerializer, responses={201: IssuedTokenSerializer})
    def create(self, request: Request) -> Response:
        """The token is shown this once: only its hash is kept."""
        wish = self.validated(kind=NewTokenSerializer)
        maker = request.auth if isinstance(request.auth, Token) else None
        record, token = Token.issue(self.user, maker=maker, **wish)
        return Response({**TokenSerializer(record).data, "token": token}, status=201)

    def perform_destroy(self, token: Token) -> None:
        token.delete()
