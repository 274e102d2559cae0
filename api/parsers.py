"""Bodies: JSON of a bounded size that every database can hold."""

import logging
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

logger = logging.getLogger(__name__)


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"

    def __init__(self, most: int) -> None:
        super().__init__(f"The body is over {most:,} bytes.")


class LimitedJSONParser(BaseParser):
    """orjson refuses NaN, Infinity, lone surrogates and deep nesting by itself."""

    media_type = "application/json"
    most_bytes = settings.MAX_JSON_BYTES

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = read_at_most(stream, self.most_bytes)
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not valid JSON: {error}.") from error
        if rb"\u0000" in body and _has_nul(data):
            raise ParseError("The body holds a NUL character.")
        return data


class CSVParser(BaseParser):
    """The bytes of a file; what they hold is for crm.imports to read."""

    media_type = "text/csv"
    most_bytes = settings.MAX_JSON_BYTES

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return read_at_most(stream, self.most_bytes)


def read_at_most(stream: IO[bytes], most: int) -> bytes:
    """The whole body. Raises TooLarge."""
    body = stream.read(most + 1)
    if len(body) > most:
        raise TooLarge(most)
    return body


def _has_nul(data: Any) -> bool:
    if isinstance(data, dict):
        return any(map(_has_nul, (*data.keys(), *data.values())))
    if isinstance(data, list):
        return any(map(_has_nul, data))
    return isinstance(data, str) and "\x00" in data


def read_chunked(request: HttpRequest, most: int) -> None:
    """Gives Django a body that came without a Content-Length, which it would take for empty; up to a byte too many."""
    meta = request.META
    if meta.get("CONTENT_LENGTH") or "chunked" not in meta.get("HTTP_TRANSFER_ENCODING", "").lower():
        return
    if meta.get("wsgi.input_terminated"):
        try:
            body = meta["wsgi.input"].read(most + 1)
        except Exception as error:  # noqa: BLE001 - each server has errors of its own for a malformed chunk
            logger.warning("a chunked body could not be read: %s", type(error).__name__)
            body = b"\x00"
        meta["CONTENT_LENGTH"] = str(len(body))
        stream: Any = LimitedStream(BytesIO(body), len(body))
        request._stream = stream
