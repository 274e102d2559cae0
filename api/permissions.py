from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from api.models import Token
from crm.access import can
from crm.errors import NotAllowed


class ByRule(BasePermission):
    """Asks crm.access.RULES for the verb that the viewset names for its action; an action without a verb is denied."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        if isinstance(request.auth, Token) and request.auth.read_only and request.method not in SAFE_METHODS:
            raise NotAllowed("This token may only read.")
        if view.action in {None, "metadata"}:
            return True  # No such method here: the view answers 405.
        verb = view.verbs.get(view.action)
        if verb and can(request.user, verb):
            return True
        if view.detail:
            view.get_object()  # What the user does not see is 404, whatever was asked of it.
        return False

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        verb = view.verbs.get(view.action)
        return bool(verb) and can(request.user, verb, obj)
