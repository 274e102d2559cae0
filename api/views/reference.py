from typing import Any

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api import filters
from api.serializers import reference as serializers
from api.viewsets import RecordViewSet
from crm.actions.reference import appoint_head, save_city, save_lab, save_professor, save_programme, save_skill
from crm.models import City, Lab, LabHeadship, Professor, ProfessorMembership, Programme, Skill

BY_ADMINS = {
    "list": "reference.view",
    "retrieve": "reference.view",
    "create": "reference.change",
    "partial_update": "reference.change",
}


class LabViewSet(RecordViewSet):
    queryset = Lab.objects.prefetch_related(
        "collaborators", Prefetch("headships", LabHeadship.objects.select_related("professor").order_by("-id"))
    )
    serializer_class = serializers.LabSerializer
    filterset_class = filters.LabFilter
    keys = ordering = ("slug",)
    verbs = {**BY_ADMINS, "head": "reference.change"}

    def perform_create(self, data: dict[str, Any]) -> Lab:
        return self.perform_update(Lab(), data)

    def perform_update(self, lab: Lab, data: dict[str, Any]) -> Lab:
        return save_lab(lab=lab, by=self.user, **data)

    @extend_schema(request=serializers.HeadSerializer, responses=serializers.LabSerializer)
    @action(detail=True, methods=["post"])
    def head(self, request: Request, id: str) -> Response:
        """Appoint the head; the former head's term ends the day before."""
        lab = self.get_object()
        appoint_head(lab=lab, by=self.user, **self.validated(kind=serializers.HeadSerializer))
        return self.shown(lab)


class ProgrammeViewSet(RecordViewSet):
    queryset = Programme.objects.all()
    serializer_class = serializers.ProgrammeSerializer
    filterset_class = filters.ProgrammeFilter
    keys = ordering = ("slug",)
    verbs = BY_ADMINS

    def perform_create(self, data: dict[str, Any]) -> Programme:
        return self.perform_update(Programme(), data)

    def perform_update(self, programme: Programme, data: dict[str, Any]) -> Programme:
        return save_programme(programme=programme, by=self.user, **data)


class CityViewSet(RecordViewSet):
    queryset = City.objects.all()
    serializer_class = serializers.CitySerializer
    filterset_class = filters.CityFilter
    keys = ordering = ("slug",)
    verbs = BY_ADMINS

    def perform_create(self, data: dict[str, Any]) -> City:
        return self.perform_update(City(), data)

    def perform_update(self, city: City, data: dict[str, Any]) -> City:
        return save_city(city=city, by=self.user, **data)


class SkillViewSet(RecordViewSet):
    queryset = Skill.objects.prefetch_related("aliases", "broader")
    serializer_class = serializers.SkillSerializer
    filterset_class = filters.SkillFilter
    keys = ordering = ("slug",)
    verbs = BY_ADMINS

    def get_queryset(self) -> Any:
        """Obsolete skills are not offered, but whoever knows one still reads it."""
        skills = super().get_queryset()
        return skills.offered() if self.action == "list" else skills

    def perform_create(self, data: dict[str, Any]) -> Skill:
        return self.perform_update(Skill(), data)

    def perform_update(self, skill: Skill, data: dict[str, Any]) -> Skill:
        return save_skill(skill=skill, by=self.user, **data)


class ProfessorViewSet(RecordViewSet):
    queryset = Professor.objects.prefetch_related(
        Prefetch("memberships", ProfessorMembership.objects.select_related("lab").order_by("id"))
    )
    serializer_class = serializers.ProfessorSerializer
    filterset_class = filters.ProfessorFilter
    ordering = ("family_name", "id")
    verbs = {
        "list": "professor.view",
        "retrieve": "professor.view",
        "create": "professor.change",
        "partial_update": "professor.change",
    }

    def perform_create(self, data: dict[str, Any]) -> Professor:
        return self.perform_update(Professor(), data)

    def perform_update(self, professor: Professor, data: dict[str, Any]) -> Professor:
        return save_professor(professor=professor, by=self.user, **data)
