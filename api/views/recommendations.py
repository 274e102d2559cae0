from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.disclosing import DisclosingMixin
from api.moves import MovesMixin
from api.process_filters import RecommendationFilter
from api.serializers.recommendations import (
    NewRecommendationSerializer,
    RecommendationMoveSerializer,
    RecommendationRequestSerializer,
    RecommendationSerializer,
)
from api.viewsets import RecordViewSet
from crm import stages
from crm.access import Role
from crm.actions.recommendations import (
    change_recommendation,
    move_recommendation,
    request_recommendation,
    write_recommendation,
)
from crm.models import Recommendation

NEW = PolymorphicProxySerializer(
    component_name="RecommendationOrRequest",
    serializers=[NewRecommendationSerializer, RecommendationRequestSerializer],
    resource_type_field_name=None,
)


class RecommendationViewSet(DisclosingMixin, MovesMixin, RecordViewSet):
    """Professors see what they wrote, students what is about them, partners what the student shared with them."""

    machine = stages.RECOMMENDATION
    move_serializer = RecommendationMoveSerializer
    queryset = Recommendation.objects.select_related("student", "professor", "partner").prefetch_related(
        "endorsements__skill", "student__consents", "student__blocks"
    )
    filterset_class = RecommendationFilter
    ordering = ("-created_at", "-id")
    verbs = {
        "list": "recommendation.view",
        "retrieve": "recommendation.view",
        "create": "recommendation.create",
        "partial_update": "recommendation.write",
        "moves": "recommendation.view",
        "move": "recommendation.view",
    }

    def get_serializer_class(self) -> Any:
        return RecommendationSerializer

    @extend_schema(request=NEW, responses={201: RecommendationSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A professor writes one; the office or the student asks a professor for one."""
        writes = self.user.role == Role.PROFESSOR
        body = NewRecommendationSerializer if writes else RecommendationRequestSerializer
        made = (write_recommendation if writes else request_recommendation)(by=self.user, **self.validated(kind=body))
        return self.shown(made, status=201)

    @extend_schema(summary="Write what was requested, or change what is not shared yet")
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().partial_update(request, *args, **kwargs)

    def perform_update(self, recommendation: Recommendation, data: dict[str, Any]) -> Recommendation:
        return change_recommendation(recommendation=recommendation, by=self.user, **data)

    def perform_move(self, recommendation: Recommendation, to: str, reason: str, **written: Any) -> Recommendation:
        return move_recommendation(recommendation=recommendation, to=to, by=self.user, reason=reason, **written)
