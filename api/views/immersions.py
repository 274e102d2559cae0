from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.disclosing import DisclosingMixin
from api.lookups import by_key
from api.moves import MovesMixin
from api.process_filters import ImmersionFilter
from api.report_parsers import PdfParser, ReportFormParser
from api.serializers.evaluations import EvaluationRequestSerializer, NewEvaluationSerializer
from api.serializers.hires import HireSerializer
from api.serializers.immersions import (
    AcceptanceSerializer,
    ImmersionSerializer,
    OfferSerializer,
    TrainingSerializer,
)
from api.views.hires import HireViewSet
from api.viewsets import RecordViewSet
from crm import stages
from crm.actions.acceptances import accept_immersion
from crm.actions.evaluations import give_evaluation, request_evaluation
from crm.actions.final_reports import open_report, store_report
from crm.actions.hires import offer_hire
from crm.actions.immersions import move_immersion, propose_immersion, update_immersion
from crm.actions.trainings import add_training, remove_training, update_training
from crm.models import DisclosureKind, Evaluation, Immersion, Training

TRAINING = r"trainings/(?P<training>[^/]+)"
REPORT = {
    "application/pdf": OpenApiTypes.BINARY,
    "multipart/form-data": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}},
}


class ImmersionViewSet(DisclosingMixin, MovesMixin, RecordViewSet):
    """Stays of students at partners. What is over shows its partner "a candidate", unless a consent holds."""

    machine = stages.IMMERSION
    queryset = Immersion.objects.select_related(
        *("student", "partner", "city", "mentor__partner", "academic_supervisor", "lab", "final_report")
    ).prefetch_related("student__consents", "student__blocks", "trainings")
    serializer_class = ImmersionSerializer
    filterset_class = ImmersionFilter
    ordering = ("-created_at", "-id")
    verbs = {
        **dict.fromkeys(("list", "retrieve", "moves", "move", "final_report"), "immersion.view"),
        "create": "immersion.propose",
        "partial_update": "immersion.change",
        "accept": "immersion.accept",
        **dict.fromkeys(("add_training", "change_training", "remove_training"), "immersion.train"),
        "evaluate": "immersion.evaluate",
        "ask_evaluation": "immersion.invite_evaluation",
        "keep_report": "immersion.report",
        "offer": "hire.offer",
    }

    def get_queryset(self) -> QuerySet[Immersion]:
        evaluations = Evaluation.objects.visible_to(self.user).select_related("mentor")
        shown = Prefetch("evaluations", evaluations.prefetch_related("shown_skills__skill"))
        immersions: QuerySet[Immersion] = super().get_queryset().prefetch_related(shown)
        return immersions

    def perform_create(self, data: dict[str, Any]) -> Immersion:
        return propose_immersion(by=self.user, **data)

    def perform_update(self, immersion: Immersion, data: dict[str, Any]) -> Immersion:
        return update_immersion(immersion=immersion, by=self.user, **data)

    def perform_move(self, immersion: Immersion, to: str, reason: str) -> Immersion:
        return move_immersion(immersion=immersion, to=to, by=self.user, reason=reason)

    @extend_schema(request=AcceptanceSerializer, responses=ImmersionSerializer)
    @action(detail=True, methods=["post"], url_path="acceptances")
    def accept(self, request: Request, id: str) -> Response:
        """Accept for the student, the university or the partner: {"by": "..."}. Other terms are accepted anew."""
        immersion, wish = self.get_object(), self.validated(kind=AcceptanceSerializer)
        side, source, day = wish["by"], wish["source"], wish.get("date")
        accept_immersion(immersion=immersion, side=side, source=source, accepted_on=day, by=self.user)
        return self.shown(immersion)

    @extend_schema(request=TrainingSerializer, responses={201: ImmersionSerializer})
    @action(detail=True, methods=["post"], url_path="trainings")
    def add_training(self, request: Request, id: str) -> Response:
        """Require a training; the immersion cannot begin before it was passed."""
        immersion = self.get_object()
        add_training(immersion=immersion, by=self.user, **self.validated(kind=TrainingSerializer))
        return self.shown(immersion, status=201)

    @extend_schema(request=TrainingSerializer(partial=True), responses=ImmersionSerializer)
    @action(detail=True, methods=["patch"], url_path=TRAINING)
    def change_training(self, request: Request, id: str, training: str) -> Response:
        """Say when it was passed, or correct it."""
        immersion = self.get_object()
        required = by_key(Training.objects.filter(immersion=immersion), training)
        update_training(training=required, by=self.user, **self.validated(required, kind=TrainingSerializer))
        return self.shown(immersion)

    @extend_schema(request=None, responses={204: None})
    @change_training.mapping.delete
    def remove_training(self, request: Request, id: str, training: str) -> Response:
        """Require it no more."""
        required = by_key(Training.objects.filter(immersion=self.get_object()), training)
        remove_training(training=required, by=self.user)
        return Response(status=204)

    @extend_schema(request=NewEvaluationSerializer, responses={201: ImmersionSerializer})
    @action(detail=True, methods=["post"], url_path="evaluations")
    def evaluate(self, request: Request, id: str) -> Response:
        """Give the mid or the final evaluation, once, as the mentor."""
        immersion = self.get_object()
        give_evaluation(immersion=immersion, by=self.user, **self.validated(kind=NewEvaluationSerializer))
        return self.shown(immersion, status=201)

    @extend_schema(request=EvaluationRequestSerializer, responses={201: ImmersionSerializer})
    @action(detail=True, methods=["post"], url_path="evaluation-requests")
    def ask_evaluation(self, request: Request, id: str) -> Response:
        """Mail the mentor a one-time link to evaluate; again where it was sent before."""
        immersion = self.get_object()
        request_evaluation(immersion=immersion, by=self.user, **self.validated(kind=EvaluationRequestSerializer))
        return self.shown(immersion, status=201)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, url_path="final-report", parser_classes=[PdfParser, ReportFormParser])
    def final_report(self, request: Request, id: str) -> FileResponse:
        """Download the final report."""
        file = open_report(immersion=self.get_object(), by=self.user)
        headers = {"X-Content-Type-Options": "nosniff"}
        return FileResponse(
            file, as_attachment=True, filename="final-report.pdf", content_type="application/pdf", headers=headers
        )

    @extend_schema(request=REPORT, responses=ImmersionSerializer)
    @final_report.mapping.put
    def keep_report(self, request: Request, id: str) -> Response:
        """Send the final report, the PDF itself or a form with one file; it takes the place of the former one."""
        immersion = self.get_object()
        pdf: Any = request.data or b""
        store_report(immersion=immersion, pdf=pdf, by=self.user)
        return self.shown(immersion)

    @extend_schema(request=OfferSerializer, responses={201: HireSerializer})
    @action(detail=True, methods=["post"])
    def offer(self, request: Request, id: str) -> Response:
        """Make the student an offer that comes out of this stay."""
        stay = self.get_object()
        wish = self.validated(kind=OfferSerializer)
        hire = offer_hire(student=stay.student, partner=stay.partner, immersion=stay, by=self.user, **wish)
        self.disclose([stay], DisclosureKind.RECORD)
        fresh = HireViewSet.queryset.all().visible_to(self.user).get(pk=hire.pk)
        return Response(HireSerializer(fresh, context=self.get_serializer_context()).data, status=201)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A report is a PDF, whatever the browser says that it accepts; errors are JSON."""
        return super().perform_content_negotiation(request, force=force or self.action == "final_report")
