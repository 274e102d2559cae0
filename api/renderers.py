import csv
import json
import re
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import orjson
from django.utils.functional import Promise
from openpyxl import Workbook
from rest_framework.renderers import BaseRenderer
from rest_framework.utils.encoders import JSONEncoder

from crm.imports.cells import formula_safe


def to_json(data: Any) -> bytes:
    try:
        return orjson.dumps(data, default=_plain)
    except TypeError:
        # orjson refuses lone surrogates and integers over 64 bits; the standard library escapes and writes them.
        return json.dumps(data, cls=JSONEncoder).encode("ascii")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else to_json(data)


class CSVRenderer(BaseRenderer):
    """Rows of cells, with a mark so that spreadsheets see UTF-8; none is taken for a formula."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        text = StringIO(newline="")
        rows = ([formula_safe(cell) if isinstance(cell, str) else cell for cell in row] for row in data)
        csv.writer(text).writerows(rows)
        return text.getvalue().encode("utf-8-sig")


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class XLSXRenderer(BaseRenderer):
    """Rows of cells as the one sheet of a workbook; none is taken for a formula."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format = "xlsx"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in data:
            sheet.append([formula_safe(_NOT_XML.sub("", cell)) if isinstance(cell, str) else cell for cell in row])
        file = BytesIO()
        book.save(file)
        return file.getvalue()
