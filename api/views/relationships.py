from decimal import Decimal
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.contact_filters import RelationshipFilter
from api.serializers.relationships import RelationshipSerializer
from api.viewsets import RuledViewSet
from crm.models import Partner
from crm.relationships import health, subjects


class RelationshipViewSet(RuledViewSet):
    """Relationship health: the last contact and the next step of each partner or lab, the stalest first."""

    queryset = Partner.objects.all()
    serializer_class = RelationshipSerializer
    filterset_class = RelationshipFilter
    ordering = ("last", "slug")
    verbs = {"list": "report.view"}

    def get_queryset(self) -> Any:
        return subjects(self._of, by=self.user)

    @property
    def _of(self) -> str:
        return "lab" if self.request.query_params.get("of") == "lab" else "partner"

    @extend_schema(responses=RelationshipSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Stale is who was not contacted for `stale_after` days, or never."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        days = int(Decimal(request.query_params.get("stale_after") or settings.STALE_AFTER_DAYS))
        found = health(self._of, page, stale_after=days)
        return self.get_paginated_response(self.get_serializer(found, many=True).data)
