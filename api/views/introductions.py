from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from api.disclosing import DisclosingMixin
from api.moves import MovesMixin
from api.process_filters import IntroductionFilter
from api.serializers.introductions import AskSerializer, IntroductionSerializer
from api.viewsets import RuledViewSet
from crm import stages
from crm.actions.introductions import ask_introduction, move_introduction
from crm.models import Introduction


class IntroductionViewSet(DisclosingMixin, MovesMixin, ListModelMixin, RetrieveModelMixin, RuledViewSet):
    """Partner HR asks to meet a candidate; the student answers. Nobody sees whom another partner asked."""

    machine = stages.INTRODUCTION
    queryset = Introduction.objects.select_related("student", "partner", "asked_by__representative").prefetch_related(
        "student__consents", "student__blocks"
    )
    serializer_class = IntroductionSerializer
    filterset_class = IntroductionFilter
    ordering = ("-asked_at", "-id")
    verbs = {
        "list": "introduction.view",
        "retrieve": "introduction.view",
        "create": "introduction.ask",
        "moves": "introduction.view",
        "move": "introduction.view",
    }

    @extend_schema(request=AskSerializer, responses={201: IntroductionSerializer})
    def create(self, request: Request) -> Response:
        """Ask to meet a candidate whom you may see. The student may answer until `expires`."""
        data = self.validated(kind=AskSerializer)
        asked = ask_introduction(student=data["candidate"], message=data["message"], by=self.user)
        return self.shown(asked, status=201)

    def perform_move(self, introduction: Introduction, to: str, reason: str) -> Introduction:
        return move_introduction(introduction=introduction, to=to, by=self.user, reason=reason)
