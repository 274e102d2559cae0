from functools import cache

from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from rest_framework.exceptions import AuthenticationFailed

from api.models import Token
from crm.access import reach_of
from crm.models import User
from crm.statements import Statement, later, prepare


class TokenAuthentication(KnoxAuthentication):
    """One query, which reads all that `reach_of` needs; whatever is wrong with a token, the answer is the same 401."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, Token]:
        digest = hash_token(token.decode("ascii", errors="replace"))
        found = next(iter(_with_its_user().records(digest=[digest])), None)
        if found is None or not found.is_valid() or reach_of(found.user) is None:
            raise AuthenticationFailed("This token is not valid.")
        return found.user, found


@cache
def _with_its_user() -> Statement:
    tokens = Token.objects.select_related("user__representative__partner")
    return prepare(tokens.filter(digest=later("digest")).order_by())
