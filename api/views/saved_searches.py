from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers.candidates import CandidatePageSerializer
from api.serializers.saved_searches import SavedSearchSerializer
from api.views.candidates import as_answer
from api.viewsets import DeleteMixin, RecordViewSet
from crm.actions.saved_searches import create_saved_search, delete_saved_search, update_saved_search
from crm.models import SavedSearch
from search.candidates import find_candidates
from search.parameters import PAGING, PARAMETERS
from search.saved import parse_saved

PAGES = (*PAGING, "cursor")


class SavedSearchViewSet(DeleteMixin, RecordViewSet):
    """Your own searches; with an alert, a mail tells of candidates who are new in one."""

    queryset = SavedSearch.objects.all()
    serializer_class = SavedSearchSerializer
    ordering = ("-created_at", "-id")
    parameters = {"candidates": PAGES}
    verbs = dict.fromkeys(("list", "retrieve", "create", "partial_update", "destroy", "candidates"), "saved_search.own")

    def perform_create(self, data: dict[str, Any]) -> SavedSearch:
        return create_saved_search(by=self.user, **data)

    def perform_update(self, search: SavedSearch, data: dict[str, Any]) -> SavedSearch:
        return update_saved_search(search=search, by=self.user, **data)

    def perform_destroy(self, search: SavedSearch) -> None:
        delete_saved_search(search=search, by=self.user)

    @extend_schema(
        responses=CandidatePageSerializer,
        parameters=[OpenApiParameter(name, str, description=PARAMETERS[name].description) for name in PAGES],
    )
    @action(detail=True, pagination_class=None)
    def candidates(self, request: Request, id: str) -> Response:
        """Whom it finds now, as `candidates/` answers; parameters of the page may be added."""
        search = self.get_object()
        query = parse_saved(search.parameters, dict(request.query_params.lists()))
        return Response(as_answer(find_candidates(user=self.user, query=query), request))
