"""Fields for people: staff who own, participants with the affiliation of a day, partners that are not known yet."""

from typing import Any, ClassVar

from rest_framework import serializers

from api.serializers.base import RecordField, RecordListField
from crm.clock import YEARS
from crm.models import Contact, Partner, User


class StaffField(RecordField):
    """An account of the university: read as {"id", "name"}, written as its id or its e-mail."""

    def __init__(self, **options: Any) -> None:
        super().__init__(User, **options)

    def to_internal_value(self, text: Any) -> Any:
        return super().to_internal_value(text.lower() if isinstance(text, str) else text)

    def keys(self) -> list[str]:
        return ["email"]

    def choices(self) -> Any:
        return User.objects.staff()


class NewPartnerField(RecordField):
    """A partner: its id or slug, or {"name": ...} for one that may not be known yet, which becomes a prospect."""

    written: ClassVar[dict[str, Any]] = {
        "oneOf": [
            {"type": "string"},
            {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string", "maxLength": 200}},
                "additionalProperties": False,
            },
        ]
    }

    default_error_messages = {"unknown": 'Unknown: {text!r}. One that is not known yet is {{"name": ...}}.'}

    def __init__(self, **options: Any) -> None:
        super().__init__(Partner, key="slug", **options)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            return super().to_internal_value(data)
        if set(data) != {"name"}:
            raise serializers.ValidationError('Give a slug, an id, or {"name": ...} for one that is not known yet.')
        return Partner(name=serializers.CharField(max_length=200).run_validation(data["name"]))


class ParticipantsField(RecordListField):
    """Those of one kind who took part: read with their affiliation of that day, written as ids."""

    besides = ("affiliation",)

    def __init__(self, kind: str, model: Any, **options: Any) -> None:
        self.kind = kind
        super().__init__(model, **options)

    def get_attribute(self, contact: Contact) -> Any:
        return [row for row in contact.participants.all() if getattr(row, f"{self.kind}_id")]

    def to_representation(self, rows: Any) -> Any:
        return [
            {**RecordField.to_representation(self, getattr(row, self.kind)), "affiliation": row.affiliation}
            for row in rows
        ]


class MomentField(serializers.DateTimeField):
    """ISO 8601; without an offset it is in the university's time zone, without a time the beginning of the day."""

    default_error_messages = {"far": "This lies too far away to be meant."}

    def to_internal_value(self, value: Any) -> Any:
        try:
            moment = super().to_internal_value(value)
        except (ValueError, OverflowError):
            self.fail("far")
        if moment.year not in YEARS:
            self.fail("far")
        return moment
