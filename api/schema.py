"""What drf-spectacular cannot find out by itself."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from api.lookups import named_by
from crm.access import RULES

ERRORS = {
    "400": "Something in the request cannot be taken: `fields` says what and why.",
    "401": "No valid token or session.",
    "403": "You see it, but may not do this.",
    "404": "Missing, or not yours to see.",
    "406": "It cannot be had in that form.",
    "409": "It contradicts what exists.",
    "410": "The link was used, or is good no more.",
    "413": "The body is too large.",
    "415": "The body is of a type that is not taken.",
    "429": "Too many requests: wait as `Retry-After` says.",
    "503": "A part that is needed does not answer: try again as `Retry-After` says.",
}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "fields"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "fields": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
            },
        }
    },
}
RECORD = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}},
}
ONLY_BODIES = {"409", "413", "415"}
NAMES_RECORDS = ("{", "/compare/")
"""In the paths of operations that are asked for certain records, by path or query."""


class RuledSchema(AutoSchema):
    """Says who may call an operation, and how it can fail."""

    def get_description(self) -> str:  # type: ignore[override] # drf-spectacular's own has no arguments either
        verb = getattr(self.view, "verbs", {}).get(getattr(self.view, "action", None))
        roles = ", ".join(role.label for role in RULES[verb]) if verb else ""
        return "\n\n".join(filter(None, (super().get_description(), roles and f"Roles: {roles}.")))

    def get_request_serializer(self) -> Any:
        """A move has the body that the viewset declares for its moves."""
        view: Any = self.view
        return view.move_serializer if getattr(view, "action", None) == "move" else super().get_request_serializer()

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        """The variable is the `id` of a RuledViewSet, unless its view names no keys."""
        schema = named_by(getattr(self.view, "keys", ()))
        said = {"description": schema.pop("description"), "schema": schema}
        return [{**parameter, **said} for parameter in super()._resolve_path_parameters(variables)]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for status, sentence in ERRORS.items():
            if self._can_fail_with(status):
                bodies[status] = {"description": sentence, "content": {"application/json": {"schema": self._error()}}}
        return bodies

    def _can_fail_with(self, status: str) -> bool:
        if status in ONLY_BODIES:
            return self.method in {"POST", "PUT", "PATCH"}
        if status == "410":
            return "/links/" in self.path
        return status != "404" or any(mark in self.path for mark in NAMES_RECORDS)

    def _error(self) -> dict[str, Any]:
        component = ResolvedComponent("Error", ResolvedComponent.SCHEMA, schema=ERROR, object="Error")
        self.registry.register_on_missing(component)
        return component.ref


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Token <your token>`"}


class RecordFieldSchema(OpenApiSerializerFieldExtension):
    """Read as an object, written as an id or a key."""

    target_class = "api.serializers.base.RecordField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        from api.serializers.base import RecordListField

        written = dict(self.target.written) or named_by([self.target.key] if self.target.key else [])
        one: dict[str, Any] = written if direction == "request" else self._shown()
        return {"type": "array", "items": one} if isinstance(self.target, RecordListField) else one

    def _shown(self) -> dict[str, Any]:
        more = {name: {"type": "string"} for name in (self.target.key, *self.target.besides) if name}
        shown = {**RECORD, "properties": {**RECORD["properties"], **more}}  # type: ignore[dict-item] # a JSON schema
        return {**shown, "nullable": True} if self._can_be_missing() else shown

    def _can_be_missing(self) -> bool:
        """Whether a relation on the way to the record may be empty."""
        model = getattr(getattr(self.target.parent, "Meta", None), "model", None)
        if model is None:
            return False
        for name in self.target.source_attrs:
            relation = next((field for field in model._meta.get_fields() if field.name == name), None)
            if relation is None:
                return False
            if relation.null:
                return True
            model = relation.related_model
        return False
