"""What a one-time link asks, and the answers that it takes: one row of ASKED for each purpose."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from api.serializers.base import StrictSerializer
from api.serializers.evaluations import EvaluationAnswerSerializer
from crm.access import LinkBearer
from crm.actions.evaluations import give_evaluation
from crm.actions.hires import confirm_hire
from crm.actions.introductions import accept_introduction, decline_introduction
from crm.models import Hire, Immersion, Introduction, LinkPurpose

TYPES = (
    (serializers.BooleanField, "boolean"),
    (serializers.IntegerField, "integer"),
    (serializers.ListSerializer, "list"),
)
"""Everything else is text."""


class AcceptSerializer(StrictSerializer):
    accept = serializers.BooleanField(help_text="false declines.")


class ConfirmSerializer(StrictSerializer):
    confirm = serializers.BooleanField(help_text="true. Do not answer where it is not so.")

    def validate_confirm(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("Only true is an answer.")
        return value


class LinkAnswerSerializer(EvaluationAnswerSerializer):
    """The fields depend on the purpose; GET on the same address lists those that are asked."""

    accept = serializers.BooleanField()
    confirm = serializers.BooleanField()

    def get_fields(self) -> Any:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class AskedPartSerializer(serializers.Serializer):
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=["boolean", "integer", "list", "text"])
    is_required = serializers.BooleanField()
    least = serializers.IntegerField(allow_null=True)
    most = serializers.IntegerField(allow_null=True)
    help = serializers.CharField()


class AskedFieldSerializer(AskedPartSerializer):
    row = AskedPartSerializer(many=True, help_text="Of a list: the fields that each of its rows has.")


class OneTimeLinkSerializer(serializers.Serializer):
    purpose = serializers.ChoiceField(choices=LinkPurpose.values)
    question = serializers.CharField()
    partner = serializers.CharField()
    about = serializers.DictField(help_text="What you are told of the introduction, immersion or hire.")
    expires = serializers.DateTimeField()
    fields_of_answer = AskedFieldSerializer(many=True)


class AnsweredSerializer(serializers.Serializer):
    purpose = serializers.ChoiceField(choices=LinkPurpose.values)
    message = serializers.CharField()


@dataclass(frozen=True)
class Asked:
    question: str
    about: Callable[[Any, str], dict[str, Any]]
    """(record, stage) -> what its bearer reads of it."""
    answer: type[StrictSerializer]
    act: Callable[[Any, LinkBearer, dict[str, Any]], object]


def _of_introduction(introduction: Introduction, stage: str) -> dict[str, Any]:
    return {"message": introduction.message}


def _of_immersion(stay: Immersion, stage: str) -> dict[str, Any]:
    days = {"starts": stay.starts, "ends": stay.ends}
    return {"stage": stage, "student": stay.student.name, "kind": stay.kind, **days, "project": stay.project}


def _of_hire(hire: Hire, stage: str) -> dict[str, Any]:
    return {"student": hire.student.name, "position": hire.position, "place": hire.place, "starts": hire.starts}


def _answer_introduction(introduction: Introduction, by: LinkBearer, data: dict[str, Any]) -> object:
    answer = accept_introduction if data["accept"] else decline_introduction
    return answer(introduction=introduction, by=by)


def _evaluate(stay: Immersion, by: LinkBearer, data: dict[str, Any]) -> object:
    return give_evaluation(immersion=stay, stage=by.link.stage, by=by, **data)


ASKED: Mapping[str, Asked] = {
    LinkPurpose.INTRODUCTION: Asked(
        "Do you want to be introduced? Accepting gives the partner your e-mail address and phone number.",
        _of_introduction,
        AcceptSerializer,
        _answer_introduction,
    ),
    LinkPurpose.EVALUATION: Asked(
        "How did the student do? Marks go from 1 (poor) to 5 (excellent).",
        _of_immersion,
        EvaluationAnswerSerializer,
        _evaluate,
    ),
    LinkPurpose.HIRE: Asked(
        "Does this student join you?",
        _of_hire,
        ConfirmSerializer,
        lambda hire, by, data: confirm_hire(hire=hire, by=by),
    ),
}


def fields_of(answer: type[StrictSerializer]) -> list[dict[str, Any]]:
    return [{**_described(name, field), "row": _row_of(field)} for name, field in answer().fields.items()]


def _row_of(field: Any) -> list[dict[str, Any]]:
    parts = getattr(getattr(field, "child", None), "fields", {})
    return [_described(name, part) for name, part in parts.items()]


def _described(name: str, field: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": next((kind for known, kind in TYPES if isinstance(field, known)), "text"),
        "is_required": field.required,
        "least": getattr(field, "min_value", None),
        "most": getattr(field, "max_value", None) or getattr(field, "max_length", None),
        "help": str(field.help_text or ""),
    }
