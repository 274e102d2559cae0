"""Answers that are files as well as JSON: `?format=` says which."""

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.renderers import JSONRenderer


class ByFormat(DefaultContentNegotiation):
    """`?format=csv` is stronger than `Accept`."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        asked = request.query_params.get("format")
        for renderer in renderers:
            if renderer.format == asked:
                return renderer, renderer.media_type
        found: tuple[BaseRenderer, str] = super().select_renderer(request, renderers)
        return found


class JSONErrorsMixin:
    """Errors are JSON, whatever was asked for."""

    def handle_exception(self: Any, exc: Exception) -> Response:
        self.request.accepted_renderer, self.request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
        response: Response = super().handle_exception(exc)  # type: ignore[misc] # a view is the other base
        return response


def as_file(name: str) -> dict[str, str]:
    """The header of an answer that is kept as a file."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}
