"""Serializers that take nothing they do not know, and the fields that stand for other records."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, Q
from django.utils.dateparse import parse_date
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from api.lookups import as_uuid, by_key
from crm.clock import end_of

MOST_ROWS = 200
"""The most entries that one list in a body may have."""


class StrictMixin:
    """Refuses fields that are unknown, read only, or (`create_only`) fixed once the record exists."""

    create_only: Sequence[str] = ()

    def to_internal_value(self: Any, data: Any) -> Any:
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            if self.instance is not None:
                writable -= set(self.create_only)
            if unknown := sorted(set(data) - writable):
                allowed = ", ".join(sorted(writable))
                raise serializers.ValidationError(
                    {name: [f"This cannot be set here. Allowed: {allowed}."] for name in unknown}
                )
            self._refuse_incomplete_row(data)
        return super().to_internal_value(data)  # type: ignore[misc] # a serializer is the other base

    def _refuse_incomplete_row(self: Any, data: Mapping[str, Any]) -> None:
        """A partial change replaces lists as a whole; the framework would take their rows for partial too."""
        required = {name for name, field in self.fields.items() if field.required and not field.read_only}
        if self.parent is not None and (missing := required - set(data)):
            raise serializers.ValidationError({name: ["This field is required."] for name in sorted(missing)})


class StrictSerializer(StrictMixin, serializers.Serializer):
    pass


class WordField(serializers.ChoiceField):
    """One of a few words, by pairs or as TextChoices; an error names them all."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(getattr(choices, "choices", choices), **options)
        self.error_messages["invalid_choice"] = f"Unknown: {{input}}. Allowed: {', '.join(map(str, self.choices))}."


class RecordSerializer(StrictMixin, serializers.ModelSerializer):
    """A model's fields; `id` is the public id. What is unique is left to the action, which answers 409."""

    serializer_choice_field = WordField

    def build_standard_field(self, field_name: str, model_field: Any) -> tuple[type, dict[str, Any]]:
        field, options = super().build_standard_field(field_name, model_field)
        if "validators" in options:
            options["validators"] = [v for v in options["validators"] if not isinstance(v, UniqueValidator)]
        return field, options

    def build_field(
        self, field_name: str, info: Any, model_class: Any, nested_depth: int
    ) -> tuple[type, dict[str, Any]]:
        if field_name == "id":
            return serializers.UUIDField, {"source": "public_id", "read_only": True}
        return super().build_field(field_name, info, model_class, nested_depth)

    def get_validators(self) -> list[Any]:
        return []


class RecordField(serializers.Field):
    """Another record: read as {"id", key, "name"}, written as its id or its key. Only visible ones are known."""

    default_error_messages = {
        "type": "Give {names} as text.",
        "unknown": "Unknown: {text!r}.",
        "many": "Give a list of at most {most}.",
    }

    written: ClassVar[Mapping[str, Any]] = {}
    """One of them in a body, as a JSON schema."""
    besides: ClassVar[Sequence[str]] = ()
    """Texts that are read beside the name."""

    def __init__(self, model: type[Model], *, key: str = "", **options: Any) -> None:
        self.model, self.key = model, key
        super().__init__(**options)

    def to_representation(self, record: Any) -> dict[str, Any]:
        shown = {"id": record.public_id, self.key: getattr(record, self.key, None)}
        return {name: value for name, value in shown.items() if name} | {"name": name_of(record)}

    def to_internal_value(self, text: Any) -> Any:
        if not isinstance(text, str):
            self.fail("type", names=f"an id or a {self.key}" if self.key else "an id")
        try:
            return by_key(self.choices(), text, self.keys())
        except ObjectDoesNotExist:
            self.fail("unknown", text=text[:80])

    def keys(self) -> list[str]:
        """The fields that name a record besides its id."""
        return [self.key] if self.key else []

    def choices(self) -> Any:
        return self.model._default_manager.all().visible_to(self.context["request"].user)  # type: ignore[attr-defined] # VisibleQuerySet


class RecordListField(RecordField):
    """A list of other records, looked up in one query."""

    def get_attribute(self, instance: Any) -> Any:
        manager: Any = super().get_attribute(instance)
        return manager.all()

    def to_representation(self, records: Any) -> Any:
        return [RecordField.to_representation(self, record) for record in records]

    def to_internal_value(self, texts: Any) -> Any:
        if not isinstance(texts, list) or len(texts) > MOST_ROWS:
            self.fail("many", most=MOST_ROWS)
        if not all(isinstance(text, str) for text in texts):
            self.fail("type", names=f"ids or {self.key}s" if self.key else "ids")
        ids = {public_id for text in texts if (public_id := as_uuid(text))}
        wanted = Q(public_id__in=ids)
        for key in self.keys():
            wanted |= Q(**{f"{key}__in": set(texts)})
        found = list(self.choices().filter(wanted))
        known = {getattr(record, key) for record in found for key in ("public_id", *self.keys())}
        if unknown := [text for text in texts if not {text, as_uuid(text)} & known]:
            self.fail("unknown", text=unknown[0][:80])
        return found


def name_of(record: Any) -> str:
    """Students and others whose `str` is kept free of names have a `name`."""
    return str(getattr(record, "name", None) or record)


class EndField(serializers.DateTimeField):
    """A moment; a date without a time ends with that day in the university's time zone."""

    default_error_messages = dict.fromkeys(
        ("invalid", "make_aware", "overflow"),
        "Give a date as YYYY-MM-DD, or a date with a time as YYYY-MM-DDThh:mm, with or without an offset.",
    )

    def to_internal_value(self, value: Any) -> datetime:
        try:
            day = parse_date(value) if isinstance(value, str) else None
            return end_of(day) if day else super().to_internal_value(value)
        except (ValueError, OverflowError):
            self.fail("invalid")


class PeriodSerializer(StrictSerializer):
    starts = serializers.DateField(required=False, allow_null=True, default=None)
    ends = serializers.DateField(required=False, allow_null=True, default=None)

    def validate(self, period: dict[str, Any]) -> dict[str, Any]:
        starts, ends = period.get("starts"), period.get("ends")
        if starts and ends and ends < starts:
            raise serializers.ValidationError({"ends": ["This lies before the start."]})
        return period
