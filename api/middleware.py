from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from rest_framework.permissions import SAFE_METHODS

from api.errors import without_slash


class SlashMiddleware(CommonMiddleware):
    """Reads without the final slash are redirected. Writes, which clients would repeat as reads, are told of it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code == 404 and _is_api_write(request) and super().should_redirect_with_slash(request):
            response = without_slash(request)
        return super().process_response(request, response)

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return not _is_api_write(request) and super().should_redirect_with_slash(request)


def _is_api_write(request: HttpRequest) -> bool:
    return request.method not in SAFE_METHODS and request.path.startswith("/api/")
