from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class ListPagination(CursorPagination):
    """Pages by cursor, in the view's `ordering`: its first field is the position, so it is never a primary key."""

    page_size = 50
    max_page_size = 100
    page_size_query_param = "page_size"
    parameters = ("page_size", "cursor")

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        return tuple(view.ordering)

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get("page_size", str(self.page_size))
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= self.max_page_size):
            raise ValidationError({"page_size": [f"A whole number from 1 to {self.max_page_size}."]})
        return int(text)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValueError, OverflowError, DjangoValidationError) as error:
            raise ValidationError({"cursor": ["Take the cursor from `next` or `previous` as it is."]}) from error
