"""Records that show a student: whoever reads the name on a page, or opens the record, stands in the disclosures."""

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
    """Stands before the list and retrieve mixins of a viewset that declares its `machine`.

    Students who read of themselves are told nothing new.
    """

    machine: ClassVar[Machine]

    def subject_of(self, record: Any) -> Any:
        """The record of the machine, which has the student: itself, or what it belongs to."""
        return record

    def paginate_queryset(self: Any, queryset: Any) -> Any:
        inherited: Any = super()
        page = inherited.paginate_queryset(queryset) or []
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
        subjects = map(self.subject_of, records)
        students = {s.student_id for s in subjects if is_named(self.machine, s, self.user)} - {self.user.student_id}
        record_disclosures(student_ids=sorted(students), kind=kind, by=self.user)
