from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.filters import refuse_unknown
from api.lookups import as_uuid
from api.serializers.candidates import (
    CandidatePageSerializer,
    CandidateSerializer,
    ContactSerializer,
    SuggestionSerializer,
)
from api.viewsets import RuledViewSet
from crm.errors import Invalid
from crm.models import Student
from search.candidates import find_candidates
from search.parameters import PARAMETERS
from search.profiles import contact_details, open_candidate
from search.query import parse_query
from search.suggestions import suggest


class CandidateViewSet(RuledViewSet):
    """Students as the viewer may find them: partners by consent, professors their own, the university all."""

    queryset = Student.objects.all()
    verbs = {
        "list": "candidate.search",
        "suggest": "candidate.search",
        "retrieve": "candidate.open",
        "contact": "candidate.contact",
    }
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        responses=CandidatePageSerializer,
        parameters=[
            OpenApiParameter(
                name,
                str,
                description=p.description,
                many=p.repeatable,
                explode=p.repeatable or None,
                enum=getattr(p.read, "allowed", None),
            )
            for name, p in PARAMETERS.items()
        ],
    )
    def list(self, request: Request) -> Response:
        query = parse_query(dict(request.query_params.lists()))
        page = find_candidates(user=self.user, query=query)
        return Response(
            {
                "count": page.count,
                "next": self._address(page.next),
                "previous": self._address(page.previous),
                "understood": page.understood,
                "did_you_mean": page.did_you_mean,
                "results": page.results,
                "facets": page.facets,
            }
        )

    def _address(self, changes: dict[str, str] | None) -> str | None:
        """The address of this page with other parameters."""
        if changes is None:
            return None
        parameters = self.request.query_params.copy()
        for name in ("page", "cursor"):
            parameters.pop(name, None)
        parameters.update(changes)
        return self.request.build_absolute_uri(f"{self.request.path}?{parameters.urlencode()}")

    @extend_schema(responses=CandidateSerializer)
    def retrieve(self, request: Request, id: str) -> Response:
        return Response(open_candidate(user=self.user, public_id=self._public_id()))

    @extend_schema(responses=ContactSerializer)
    @action(detail=True)
    def contact(self, request: Request, id: str) -> Response:
        return Response(contact_details(user=self.user, public_id=self._public_id()))

    def _public_id(self) -> Any:
        public_id = as_uuid(self.kwargs["id"])
        if public_id is None:
            raise Student.DoesNotExist
        return public_id

    @extend_schema(
        responses=SuggestionSerializer(many=True),
        parameters=[OpenApiParameter("prefix", OpenApiTypes.STR, required=True, description="One letter or more.")],
    )
    @action(detail=False)
    def suggest(self, request: Request) -> Response:
        refuse_unknown(request, ["prefix"])
        if "prefix" not in request.query_params:
            raise Invalid.field("prefix", "Give the beginning of a name, a skill or a lab.")
        return Response(suggest(user=self.user, prefix=request.query_params["prefix"]))
