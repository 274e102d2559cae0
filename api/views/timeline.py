import base64
import uuid
from datetime import date
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import refuse_unknown
from api.lookups import by_key
from api.pagination import ListPagination
from api.serializers.timeline import NOTE, EntrySerializer, FollowedSerializer, PathwaySerializer, TimelineSerializer
from api.viewsets import RuledViewSet
from crm.access import Role
from crm.errors import Invalid
from crm.models import Lab, Partner, Professor, Student, Touchpoint, TouchpointKind
from crm.pathway import followed, pathway_of
from crm.timeline import Place, read_timeline

SUBJECTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "partner": (Partner, ("slug",)),
    "lab": (Lab, ("slug",)),
    "professor": (Professor, ()),
    "student": (Student, ("number",)),
}
"""Parameter -> (model, the keys that name one besides the id)."""

RANKS = {str(rank): rank for rank in range(len(TouchpointKind))}


class TimelineViewSet(RuledViewSet):
    """What links a partner, lab, professor or student with the others, the latest first, as far as you may see it."""

    queryset = Touchpoint.objects.all()
    verbs = {"list": "timeline.view"}
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        responses=TimelineSerializer,
        parameters=[
            *(OpenApiParameter(name, str, description="One of the four is required.") for name in SUBJECTS),
            OpenApiParameter("page_size", int, description="1 to 100; 50 without it."),
            OpenApiParameter("cursor", str),
        ],
    )
    def list(self, request: Request) -> Response:
        refuse_unknown(request, [*SUBJECTS, "page_size", "cursor"])
        after, backwards = _read_cursor(request.query_params.get("cursor"))
        page = read_timeline(
            by=self.user,
            of=self._subject(),
            limit=ListPagination().get_page_size(request),
            after=after,
            backwards=backwards,
        )
        return Response(
            {
                "next": self._address(page.next, backwards=False),
                "previous": self._address(page.previous, backwards=True),
                "results": EntrySerializer(page.entries, many=True).data,
            }
        )

    def _subject(self) -> dict[str, int]:
        given = [name for name in SUBJECTS if name in self.request.query_params]
        if len(given) != 1:
            raise Invalid.field(given[1] if given else "partner", "Name one: a partner, lab, professor or student.")
        [name] = given
        text = self.request.query_params[name]
        try:
            return {f"{name}_id": self._found(name, text).pk}
        except ObjectDoesNotExist as error:
            raise Invalid.field(name, f"Unknown: {text[:80]!r}.") from error

    def _found(self, name: str, text: str) -> Any:
        """A student may be known by a process of one's own; their number is the university's."""
        model, keys = SUBJECTS[name]
        if model is not Student:
            return by_key(model.objects.visible_to(self.user), text, keys)
        return by_key(Student.objects.known_to(self.user), text, () if self.user.role == Role.PARTNER else keys)

    def _address(self, place: Place | None, *, backwards: bool) -> str | None:
        if place is None:
            return None
        parameters = self.request.query_params.copy()
        parameters["cursor"] = _write_cursor(place, backwards=backwards)
        return self.request.build_absolute_uri(f"{self.request.path}?{parameters.urlencode()}")


def _write_cursor(place: Place, *, backwards: bool) -> str:
    day, rank, record = place
    text = f"{day.isoformat()} {rank} {record.hex} {'before' if backwards else 'after'}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(text: str | None) -> tuple[Place | None, bool]:
    if text is None:
        return None, False
    try:
        padded = text + "=" * (-len(text) % 4)
        day, rank, record, direction = base64.urlsafe_b64decode(padded.encode("ascii")).decode("ascii").split(" ")
        place = (date.fromisoformat(day), RANKS[rank], uuid.UUID(hex=record))
        return place, {"before": True, "after": False}[direction]
    except (ValueError, KeyError) as error:
        raise Invalid.field("cursor", "Take the cursor from `next` or `previous` as it is.") from error


class PathwayMixin:
    """`pathway/` of a hire: the documented chain back to the first touch. Its verb is "pathway.view"."""

    @extend_schema(responses=PathwaySerializer)
    @action(detail=True)
    def pathway(self: Any, request: Request, id: str) -> Response:
        """The documented path from the first touch between partner and lab, professor or student to this hire."""
        return Response(PathwaySerializer(pathway_of(self.get_object(), by=self.user)).data)


class FollowedMixin:
    """`followed/` of a contact or seminar: what came after it, between the same people. Its verb is "pathway.view"."""

    @extend_schema(responses=FollowedSerializer)
    @action(detail=True)
    def followed(self: Any, request: Request, id: str) -> Response:
        """What is on record after it between the same partners and the students that it touched."""
        entries = followed(self.get_object(), by=self.user)
        return Response({"note": NOTE, "results": EntrySerializer(entries, many=True).data})
