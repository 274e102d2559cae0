from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from api.disclosing import DisclosingMixin, NamingMixin
from api.lookups import by_key
from api.moves import MovesMixin
from api.process_filters import HireFilter, OutcomeFilter
from api.serializers.hires import HireCheckSerializer, HireMoveSerializer, HireSerializer, OutcomeSerializer
from api.views.timeline import PathwayMixin
from api.viewsets import CreateMixin, RecordViewSet, RuledViewSet
from crm import stages
from crm.actions.hire_checks import record_check
from crm.actions.hires import (
    answer_hire,
    change_hire,
    confirm_hire,
    leave_hire,
    offer_hire,
    rescind_hire,
    start_hire,
)
from crm.actions.outcomes import record_outcome
from crm.models import Hire, Outcome

MOVES: Mapping[str, tuple[Callable[..., Hire], frozenset[str]]] = {
    "accepted": (partial(answer_hire, accepted=True), frozenset({"answered_on", "force"})),
    "declined": (partial(answer_hire, accepted=False), frozenset({"answered_on"})),
    "rescinded": (rescind_hire, frozenset()),
    "started": (start_hire, frozenset({"starts"})),
    "left": (leave_hire, frozenset({"left_on"})),
}
"""State -> the action that leads to it, and the fields of the body that go with it."""


class HireViewSet(PathwayMixin, MovesMixin, DisclosingMixin, RecordViewSet):
    """Offers and hires. The salary band is for the career office alone."""

    machine = stages.HIRE
    move_serializer = HireMoveSerializer
    queryset = Hire.objects.select_related("student", "partner", "immersion").prefetch_related(
        "student__consents", "student__blocks"
    )
    serializer_class = HireSerializer
    filterset_class = HireFilter
    ordering = ("-offered_on", "-id")
    verbs = {
        "list": "hire.view",
        "retrieve": "hire.view",
        "create": "hire.offer",
        "partial_update": "hire.change",
        "moves": "hire.view",
        "move": "hire.view",
        "confirm": "hire.confirm",
        "checks": "hire.checks",
        "check": "hire.check",
        "pathway": "pathway.view",
    }

    def perform_create(self, data: dict[str, Any]) -> Hire:
        return offer_hire(by=self.user, **data)

    def perform_update(self, hire: Hire, data: dict[str, Any]) -> Hire:
        return change_hire(hire=hire, by=self.user, **data)

    def perform_move(self, hire: Hire, to: str, reason: str, **given: Any) -> Hire:
        if to not in MOVES:
            stages.HIRE.check(hire, to, by=self.user)
        make, takes = MOVES[to]
        if foreign := sorted(given.keys() - takes):
            raise ValidationError({name: [f"This does not go with the move to {to}."] for name in foreign})
        return make(hire=hire, by=self.user, reason=reason, **given)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, id: str) -> Response:
        """The partner confirms that it hired the student."""
        return self.shown(confirm_hire(hire=self.get_object(), by=self.user))

    @extend_schema(responses=HireCheckSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=())
    def checks(self, request: Request, id: str) -> Response:
        """The checks after 6 and 12 months, made when the hire starts."""
        return Response(HireCheckSerializer(self.get_object().checks.all(), many=True).data)

    @extend_schema(request=HireCheckSerializer(partial=True), responses=HireCheckSerializer)
    @action(detail=True, methods=["patch"], url_path="checks/(?P<check>[^/]+)")
    def check(self, request: Request, id: str, check: str) -> Response:
        """What a check found: `still_there` (null takes it back), `done_on` (today where absent), `notes`."""
        row = by_key(self.get_object().checks.all(), check)
        found = self.validated(row, kind=HireCheckSerializer)
        return Response(HireCheckSerializer(record_check(check=row, by=self.user, **found)).data)


class OutcomeViewSet(NamingMixin, ListModelMixin, RetrieveModelMixin, CreateMixin, RuledViewSet):
    """What became of graduates who went elsewhere; rows are only added, the latest holds."""

    queryset = Outcome.objects.select_related("student")
    serializer_class = OutcomeSerializer
    filterset_class = OutcomeFilter
    ordering = ("-date", "-id")
    verbs = {"list": "outcome.view", "retrieve": "outcome.view", "create": "outcome.record"}

    def perform_create(self, data: dict[str, Any]) -> Outcome:
        return record_outcome(by=self.user, **data)
