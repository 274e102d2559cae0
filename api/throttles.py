from typing import Any

from django_redis.cache import RedisCache, omit_exception
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class TolerantRedisCache(RedisCache):
    """Where Redis does not answer, `add` says that it added: allauth takes its lock by it, and login must go on."""

    add = omit_exception(RedisCache.add.__wrapped__, return_value=True)


class UserThrottle(SimpleRateThrottle):
    scope = "user"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return f"throttle_user_{request.user.pk}" if request.user.is_authenticated else None


class AnonymousThrottle(SimpleRateThrottle):
    scope = "anonymous"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return None if request.user.is_authenticated else f"throttle_anonymous_{self.get_ident(request)}"


class StrangerThrottle(SimpleRateThrottle):
    """Counts requests that are refused for want of a login, or for a wrong token, by address: past the rate they are
    429. They count apart from those of public routes, so that whoever guesses tokens shuts nobody out of these."""

    scope = "anonymous"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return f"throttle_stranger_{self.get_ident(request)}"

    def count(self, request: Request, view: Any) -> Throttled | None:
        """What the request is refused with instead, past the rate."""
        return None if self.allow_request(request, view) else Throttled(self.wait())


class GuessThrottle(SimpleRateThrottle):
    """Counts tokens that are no link's, by address: past the rate the address is kept out. Who holds a link is free."""

    scope = "link"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return f"throttle_link_{self.get_ident(request)}"

    def throttle_success(self) -> bool:
        return True

    def count_guess(self, request: Request, view: Any) -> None:
        if self.allow_request(request, view):
            super().throttle_success()
