from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.disclosing import DisclosingMixin
from api.filters import StudentFilter
from api.serializers.students import (
    EvidenceSerializer,
    NewEvidenceSerializer,
    StudentCardSerializer,
    StudentSerializer,
)
from api.viewsets import DeleteMixin, RecordViewSet
from crm.actions.erasure import erase_student
from crm.actions.evidence import add_evidence
from crm.actions.students import create_student, update_student
from crm.errors import Invalid
from crm.models import LabMembership, SkillClaim, Student, Supervision


def whole_students() -> QuerySet[Student]:
    """Students with all that StudentSerializer shows, in a constant number of queries."""
    claims = SkillClaim.objects.select_related("skill").prefetch_related("evidence").order_by("-level", "skill__slug")
    return Student.objects.select_related("programme", "home_city").prefetch_related(
        *("work_cities", "languages", "publications", "links"),
        Prefetch("claims", claims),
        Prefetch("memberships", LabMembership.objects.select_related("lab").order_by("id")),
        Prefetch("supervisions", Supervision.objects.select_related("professor").order_by("id")),
    )


class StudentViewSet(DisclosingMixin, DeleteMixin, RecordViewSet):
    """Students' records: all for the university, own students for professors, the own record for students."""

    queryset = whole_students()
    filterset_class = StudentFilter
    ordering = ("number",)
    verbs = {
        "list": "student.view",
        "retrieve": "student.view",
        "create": "student.create",
        "partial_update": "student.update",
        "destroy": "student.erase",
        "evidence": "evidence.add",
    }

    def get_queryset(self) -> QuerySet[Student]:
        if self.action == "list":
            return Student.objects.select_related("programme").visible_to(self.user)
        return super().get_queryset()

    def get_serializer_class(self) -> Any:
        return {"list": StudentCardSerializer, "evidence": NewEvidenceSerializer}.get(self.action, StudentSerializer)

    def students_of(self, record: Student) -> set[int]:
        return {record.pk}

    def perform_create(self, data: dict[str, Any]) -> Student:
        return create_student(by=self.user, **data)

    def perform_update(self, student: Student, data: dict[str, Any]) -> Student:
        return update_student(student=student, by=self.user, **data)

    @extend_schema(summary="Erase the student for good")
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().destroy(request, *args, **kwargs)

    def perform_destroy(self, student: Student) -> None:
        erase_student(student=student, by=self.user)

    @extend_schema(request=NewEvidenceSerializer, responses={201: EvidenceSerializer})
    @action(detail=True, methods=["post"])
    def evidence(self, request: Request, id: str) -> Response:
        """Add evidence to a skill that the student claims; it begins unshared."""
        student, data = self.get_object(), self.validated()
        claim = student.claims.filter(skill=data.pop("skill")).first()
        if claim is None:
            raise Invalid.field("skill", "The student does not claim this skill.")
        evidence = add_evidence(claim=claim, by=self.user, **data)
        return Response(EvidenceSerializer(evidence).data, status=201)
