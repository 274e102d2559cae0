"""Records that show students: whoever reads a name on a page, or opens the record, stands in the disclosures."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import Model
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers.process import is_named
from crm.actions.disclosures import record_disclosures
from crm.models import DisclosureKind
from crm.stages import Machine


class DisclosingMixin:
    """Stands before the list and retrieve mixins of a viewset that declares its `machine`, or has `students_of`.

    Students who read of themselves are told nothing new.
    """

    machine: ClassVar[Machine]

    def students_of(self: Any, record: Any) -> set[int]:
        """Keys of the students whom the record names to its reader."""
        return {record.student_id} if is_named(self.machine, record, self.user) else set()

    def paginate_queryset(self: Any, queryset: Any) -> Any:
        inherited: Any = super()
        page = inherited.paginate_queryset(queryset) or []
        if self.action == "list":
            self.disclose(page, DisclosureKind.SEARCH_PAGE)
        return page

    def retrieve(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        record = self.get_object()
        self.disclose([record], DisclosureKind.RECORD)
        return Response(self.get_serializer(record).data)

    def shown(self: Any, record: Model, status: int = status.HTTP_200_OK) -> Response:
        fresh = self.get_queryset().get(pk=record.pk)
        self.disclose([fresh], DisclosureKind.RECORD)
        return Response(self.get_serializer(fresh).data, status=status)

    def disclose(self: Any, records: Iterable[Any], kind: DisclosureKind) -> None:
        named = {key for record in records for key in self.students_of(record)}
        record_disclosures(student_ids=sorted(named - {self.user.student_id}), kind=kind, by=self.user)


class NamingMixin(DisclosingMixin):
    """For records that name their student, where they have one, to whoever sees them."""

    def students_of(self: Any, record: Any) -> set[int]:
        return {record.student_id} if record.student_id else set()
