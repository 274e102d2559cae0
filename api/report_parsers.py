"""Bodies that are a final report: the PDF itself, or a form with one file. Both become bytes."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser, MultiPartParser

from api.parsers import TooLarge, read_at_most

FORM_BYTES = 10_000
"""What the lines of a form around its file may take."""


class PdfParser(BaseParser):
    media_type = "application/pdf"
    most_bytes = settings.MAX_REPORT_BYTES

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        return read_at_most(stream, self.most_bytes)


class ReportFormParser(MultiPartParser):
    most_bytes = settings.MAX_REPORT_BYTES + FORM_BYTES

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        length = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or ""
        # Django reads no more than that, and nothing where it is no number.
        if length.isdecimal() and int(length) > self.most_bytes:
            raise TooLarge(settings.MAX_REPORT_BYTES)
        form: Any = super().parse(stream, media_type, parser_context)
        files = [file for _, given in form.files.lists() for file in given]
        if len(files) != 1:
            raise ValidationError({"file": ["Send one file."]})
        with files[0] as file:
            return read_at_most(file, settings.MAX_REPORT_BYTES)
