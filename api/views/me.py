from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers.me import (
    AccountSerializer,
    DisclosureSerializer,
    ExportSerializer,
    MeSerializer,
    OwnChangesSerializer,
)
from api.serializers.students import OwnEvidenceSerializer
from api.views.hires import HireViewSet, OutcomeViewSet
from api.views.immersions import ImmersionViewSet
from api.views.introductions import IntroductionViewSet
from api.views.partners import ConsentViewSet
from api.views.recommendations import RecommendationViewSet
from api.views.seminars import AttendanceViewSet
from api.views.students import whole_students
from api.viewsets import ChangeMixin, RuledViewSet
from crm.actions.accounts import update_account
from crm.actions.evidence import share_evidence
from crm.actions.students import update_student
from crm.models import Block, Disclosure, Evidence, Participant, User

EVALUATIONS = ("evaluations__mentor", "evaluations__shown_skills__skill")
HELD: tuple[Any, ...] = (
    Prefetch("consents", ConsentViewSet.queryset),
    Prefetch("blocks", Block.objects.select_related("student", "partner")),
    Prefetch("disclosures", Disclosure.objects.select_related("viewer", "partner")),
    Prefetch("recommendations", RecommendationViewSet.queryset),
    Prefetch("introductions", IntroductionViewSet.queryset),
    Prefetch("immersions", ImmersionViewSet.queryset.prefetch_related(*EVALUATIONS)),
    Prefetch("hires", HireViewSet.queryset),
    Prefetch("outcomes", OutcomeViewSet.queryset),
    Prefetch("attendances", AttendanceViewSet.queryset),
    Prefetch("contacts", Participant.objects.select_related("contact__partner")),
)
"""What hangs on a student besides the record itself."""


class MeViewSet(RuledViewSet):
    """The caller's account; students keep their profile here."""

    queryset = User.objects.select_related("professor", "representative__partner").prefetch_related(
        Prefetch("student", whole_students().prefetch_related("consents", "blocks"))
    )
    serializer_class = MeSerializer
    verbs = {"retrieve": "me.view", "partial_update": "me.change", "export": "me.student"}

    def get_object(self) -> User:
        return self.queryset.get(pk=self.user.pk)

    def retrieve(self, request: Request) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=OwnChangesSerializer(partial=True), responses=MeSerializer)
    @transaction.atomic
    def partial_update(self, request: Request) -> Response:
        """Change your account; students also change their own profile. What the university keeps is refused."""
        student = self.get_object().student
        kind = OwnChangesSerializer if student else AccountSerializer
        profile = self.validated(student or self.user, kind=kind)
        account = {name: profile.pop(name) for name in AccountSerializer.Meta.fields if name in profile}
        if student and profile:
            update_student(student=student, by=self.user, **profile)
        if account:
            update_account(user=self.user, by=self.user, **account)
        return self.retrieve(request)

    @extend_schema(responses=ExportSerializer)
    def export(self, request: Request) -> Response:
        """All that is held about you, as a file."""
        student = whole_students().prefetch_related(*HELD).get(user=self.user)
        file = {"Content-Disposition": 'attachment; filename="my-data.json"'}
        return Response(ExportSerializer(student, context=self.get_serializer_context()).data, headers=file)


class OwnDisclosureViewSet(ListModelMixin, RuledViewSet):
    """When your data was shown, and to whom."""

    queryset = Disclosure.objects.select_related("viewer", "partner")
    serializer_class = DisclosureSerializer
    ordering = ("-at", "-id")
    verbs = {"list": "me.student"}


class OwnEvidenceViewSet(ListModelMixin, ChangeMixin, RuledViewSet):
    """Evidence behind your skills; partners read what you share, where your consent covers evaluations."""

    queryset = Evidence.objects.select_related("claim__skill", "claim__student")
    serializer_class = OwnEvidenceSerializer
    ordering = ("title", "id")
    verbs = {"list": "me.student", "partial_update": "me.student"}

    def perform_update(self, evidence: Evidence, data: dict[str, Any]) -> Evidence:
        return share_evidence(evidence=evidence, by=self.user, **data) if data else evidence
