"""`moves/` of a record with stages: GET the moves that are open to the caller, POST one."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers.base import StrictSerializer
from crm.access import can
from crm.models import StageChange
from crm.stages import Machine


class MoveSerializer(StrictSerializer):
    to = serializers.CharField(max_length=20)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class StageChangeSerializer(serializers.Serializer):
    to = serializers.CharField(source="to_state")
    at = serializers.DateTimeField()
    by = serializers.SerializerMethodField(help_text="The role of the account, or the name of the process.")
    reason = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python."""
        return {"from": serializers.CharField(source="from_state"), **super().get_fields()}

    def get_by(self, change: StageChange) -> str:
        return change.user.role if change.user else change.process


class OpenMovesSerializer(serializers.Serializer):
    state = serializers.CharField()
    moves = serializers.ListField(child=serializers.CharField(), help_text="Open to you.")
    missing_for_next_stage = serializers.DictField(
        help_text="State -> field -> what must be given before the record may enter it."
    )
    history = StageChangeSerializer(many=True, required=False, help_text="For the university, the oldest move first.")


class MovesMixin:
    """A viewset with it declares its `machine` and has `perform_move(record, to, reason) -> record`, calling an action.

    Its `verbs` name `moves` and `move`, both with the verb that lets the caller see the record: the machine knows the
    verb of each move.
    """

    machine: ClassVar[Machine]
    move_serializer: ClassVar[type[MoveSerializer]] = MoveSerializer
    """Its fields are the arguments of `perform_move`."""

    @extend_schema(responses=OpenMovesSerializer)
    @action(detail=True)
    def moves(self: Any, request: Request, id: str) -> Response:
        """The state, the moves that are open to you, and what is missing for the next ones."""
        record = self.get_object()
        shown = {
            "state": record.state,
            "moves": self.machine.open_moves(record, self.user),
            "missing_for_next_stage": self.machine.missing_for_next(record),
        }
        if can(self.user, "history.view"):
            shown["history"] = StageChangeSerializer(self.machine.history(record), many=True).data
        return Response(shown)

    @extend_schema()  # else drf-spectacular takes the description of GET; api/schema.py knows the body
    @moves.mapping.post
    def move(self: Any, request: Request, id: str) -> Response:
        """Make a move: {"to": "...", "reason": "..."}."""
        record = self.get_object()
        return self.shown(self.perform_move(record, **self.validated(kind=self.move_serializer)))
