from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.contact_filters import AttendanceFilter, SeminarFilter
from api.disclosing import NamingMixin
from api.filters import read_flag
from api.parsers import CSVParser, LimitedJSONParser
from api.serializers.seminars import (
    AttendanceImportSerializer,
    AttendanceSerializer,
    GuestListSerializer,
    SeminarSerializer,
)
from api.views.timeline import FollowedMixin
from api.viewsets import RecordViewSet
from crm.actions.import_attendance import import_attendance
from crm.actions.seminars import add_attendance, create_seminar, set_attendance, update_seminar
from crm.imports.attendance import is_known, table_of
from crm.imports.csv_file import open_csv
from crm.imports.table import Table
from crm.models import Attendance, Seminar


class SeminarViewSet(FollowedMixin, RecordViewSet):
    """Seminars of the university: open ones for all, closed ones for the university and those whom they invite."""

    queryset = Seminar.objects.select_related("lab").prefetch_related("speakers")
    serializer_class = SeminarSerializer
    filterset_class = SeminarFilter
    ordering = ("-starts", "-id")
    parameters = {"import_list": ("dry_run",)}
    verbs = {
        "list": "seminar.view",
        "retrieve": "seminar.view",
        "create": "seminar.change",
        "partial_update": "seminar.change",
        "import_list": "attendance.change",
        "followed": "pathway.view",
    }

    def perform_create(self, data: dict[str, Any]) -> Seminar:
        return create_seminar(by=self.user, **data)

    def perform_update(self, seminar: Seminar, data: dict[str, Any]) -> Seminar:
        return update_seminar(seminar=seminar, by=self.user, **data)

    @extend_schema(
        request={"application/json": GuestListSerializer, "text/csv": OpenApiTypes.STR},
        responses=AttendanceImportSerializer,
        parameters=[OpenApiParameter("dry_run", bool, description="true: say what would become of it, write nothing.")],
    )
    @action(detail=True, methods=["post"], url_path="attendances/import", parser_classes=[LimitedJSONParser, CSVParser])
    def import_list(self, request: Request, id: str) -> Response:
        """Import an attendance list: a CSV file as the body, or rows as JSON.

        People are found by e-mail, student number, or name and partner; who is not known becomes a representative
        where name and partner are given. A bad row is rejected with its reason and stops no other.
        """
        seminar, dry_run = self.get_object(), read_flag(request, "dry_run")
        with _table(request.data) as table:
            result = import_attendance(seminar=seminar, table=table, by=self.user, dry_run=dry_run)
        return Response(result.as_json())


@contextmanager
def _table(body: Any) -> Iterator[Table]:
    if not isinstance(body, bytes):
        wish = GuestListSerializer(data=body)
        wish.is_valid(raise_exception=True)
        yield table_of(wish.validated_data["rows"])
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(body)
        with open_csv(path, is_known) as table:
            yield table


class AttendanceViewSet(NamingMixin, RecordViewSet):
    """Who is on the lists of seminars: for the university; partners and students see their own."""

    queryset = Attendance.objects.select_related("seminar", "representative__partner", "professor", "student")
    serializer_class = AttendanceSerializer
    filterset_class = AttendanceFilter
    ordering = ("created_at", "id")
    verbs = {
        "list": "attendance.view",
        "retrieve": "attendance.view",
        "create": "attendance.change",
        "partial_update": "attendance.change",
    }

    def perform_create(self, data: dict[str, Any]) -> Attendance:
        return add_attendance(by=self.user, **data)

    def perform_update(self, attendance: Attendance, data: dict[str, Any]) -> Attendance:
        return set_attendance(attendance=attendance, state=data.get("state", attendance.state), by=self.user)
