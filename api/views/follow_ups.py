from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from api.contact_filters import FollowUpFilter
from api.moves import MovesMixin
from api.serializers.follow_ups import FollowUpSerializer
from api.viewsets import RecordViewSet
from crm import stages
from crm.actions.follow_ups import add_follow_up, move_follow_up, update_follow_up
from crm.models import FollowUp, StageChange


def with_reasons(follow_ups: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
    """With the reason of the last move."""
    moves = StageChange.objects.filter(kind=stages.FOLLOW_UP.kind, record=OuterRef("public_id")).order_by("-id")
    reason = Subquery(moves.values("reason")[:1])
    return follow_ups.annotate(reason=Coalesce(reason, Value(""), output_field=TextField()))


class FollowUpViewSet(MovesMixin, RecordViewSet):
    """Next steps, open and overdue ones first: all for the university, their own for professors.

    Open ones, if not asked.
    """

    machine = stages.FOLLOW_UP
    queryset = with_reasons(
        FollowUp.objects.select_related("contact", "partner", "lab", "owner__professor").with_place()
    )
    serializer_class = FollowUpSerializer
    filterset_class = FollowUpFilter
    ordering = ("place", "id")
    verbs = {
        "list": "follow_up.view",
        "retrieve": "follow_up.view",
        "create": "follow_up.change",
        "partial_update": "follow_up.change",
        "moves": "follow_up.view",
        "move": "follow_up.view",
    }

    def perform_create(self, data: dict[str, Any]) -> FollowUp:
        return add_follow_up(by=self.user, **data)

    def perform_update(self, follow_up: FollowUp, data: dict[str, Any]) -> FollowUp:
        return update_follow_up(follow_up=follow_up, by=self.user, **data)

    def perform_move(self, follow_up: FollowUp, to: str, reason: str) -> FollowUp:
        return move_follow_up(follow_up=follow_up, to=to, by=self.user, reason=reason)
