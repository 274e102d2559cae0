import uuid
from collections.abc import Sequence
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.lookups import as_uuid
from api.serializers.candidates import (
    CandidatePageSerializer,
    CandidateSerializer,
    ComparisonSerializer,
    ContactSerializer,
    SuggestionSerializer,
)
from api.viewsets import RuledViewSet
from crm.errors import Invalid
from crm.models import Student
from search.candidates import CandidatePage, find_candidates
from search.comparing import compare
from search.parameters import PAGING, PARAMETERS, PLACES
from search.profiles import contact_details, open_candidate
from search.query import parse_query
from search.similar import find_similar
from search.suggestions import suggest

FEWEST, MOST = 2, 5
"""Candidates that are compared."""


def as_answer(page: CandidatePage, request: Request) -> dict[str, Any]:
    """A page of candidates with the addresses of those beside it."""
    return {
        "count": page.count,
        "next": _address(request, page.next),
        "previous": _address(request, page.previous),
        "understood": page.understood,
        "did_you_mean": page.did_you_mean,
        "results": page.results,
        "facets": page.facets,
    }


def _address(request: Request, changes: dict[str, str] | None) -> str | None:
    """The address of this request with another place in its answer."""
    if changes is None:
        return None
    parameters = request.query_params.copy()
    for name in PLACES:
        parameters.pop(name, None)
    parameters.update(changes)
    return request.build_absolute_uri(f"{request.path}?{parameters.urlencode()}")


class CandidateViewSet(RuledViewSet):
    """Students as the viewer may find them: partners by consent, professors their own, the university all."""

    queryset = Student.objects.all()
    verbs = {
        "list": "candidate.search",
        "suggest": "candidate.search",
        "similar": "candidate.search",
        "retrieve": "candidate.open",
        "compare": "candidate.open",
        "contact": "candidate.contact",
    }
    parameters = {"similar": PAGING, "suggest": ("prefix",)}
    filtered = frozenset({"list", "compare"})
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
        return Response(as_answer(find_candidates(user=self.user, query=query), request))

    @extend_schema(responses=CandidateSerializer)
    def retrieve(self, request: Request, id: str) -> Response:
        return Response(open_candidate(user=self.user, public_id=_public_id(self.kwargs["id"])))

    @extend_schema(responses=ContactSerializer)
    @action(detail=True)
    def contact(self, request: Request, id: str) -> Response:
        return Response(contact_details(user=self.user, public_id=_public_id(self.kwargs["id"])))

    @extend_schema(
        responses=CandidatePageSerializer,
        parameters=[OpenApiParameter(name, str, description=PARAMETERS[name].description) for name in PAGING],
    )
    @action(detail=True)
    def similar(self, request: Request, id: str) -> Response:
        """More like this: by the skills that the candidate claims or writes of, and the words of the thesis title."""
        query = parse_query({**dict(request.query_params.lists()), "facets": ["none"]})
        page = find_similar(user=self.user, public_id=_public_id(self.kwargs["id"]), query=query)
        return Response(as_answer(page, request))

    @extend_schema(
        responses=ComparisonSerializer,
        parameters=[OpenApiParameter("id", str, many=True, required=True, description="Two to five candidates.")],
    )
    @action(detail=False)
    def compare(self, request: Request) -> Response:
        """Two to five candidates side by side: each as opened, and who has which skill. Each counts as opened."""
        if unknown := request.query_params.keys() - {"id"}:
            raise Invalid("Some parameters cannot be taken.", fields={n: ["Unknown. Allowed: id."] for n in unknown})
        return Response(compare(user=self.user, public_ids=_chosen(request.query_params.getlist("id"))))

    @extend_schema(
        responses=SuggestionSerializer(many=True),
        parameters=[OpenApiParameter("prefix", OpenApiTypes.STR, required=True, description="One letter or more.")],
    )
    @action(detail=False)
    def suggest(self, request: Request) -> Response:
        if "prefix" not in request.query_params:
            raise Invalid.field("prefix", "Give the beginning of a name, a skill or a lab.")
        return Response(suggest(user=self.user, prefix=request.query_params["prefix"]))


def _public_id(text: str) -> uuid.UUID:
    public_id = as_uuid(text)
    if public_id is None:
        raise Student.DoesNotExist
    return public_id


def _chosen(texts: Sequence[str]) -> list[uuid.UUID]:
    """Raises Invalid for too few, too many or one twice."""
    given = [as_uuid(text) or text for text in texts if text]
    if not FEWEST <= len(given) <= MOST:
        raise Invalid.field("id", f"Name {FEWEST} to {MOST} candidates: id=...&id=...")
    if len(set(given)) < len(given):
        raise Invalid.field("id", "Name each candidate once.")
    return [_public_id(str(one)) for one in given]
