from collections.abc import Callable
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.formats import ByFormat, JSONErrorsMixin, as_file
from api.lookups import by_key
from api.renderers import CSVRenderer, XLSXRenderer
from api.result_filters import ShortlistEntryFilter, ShortlistExportFilter, ShortlistFilter
from api.serializers.shortlists import (
    EntryChangesSerializer,
    ExportedEntrySerializer,
    NewEntrySerializer,
    ShortlistEntrySerializer,
    ShortlistSerializer,
)
from api.shortlist_export import lines
from api.viewsets import DeleteMixin, RecordViewSet
from crm.actions.shortlists import (
    add_entry,
    create_shortlist,
    delete_shortlist,
    remove_entry,
    update_entry,
    update_shortlist,
)
from crm.models import Shortlist, ShortlistEntry
from search.shortlists import Listed, exported, listed

ENTRY = r"entries/(?P<entry>[^/]+)"
FILES = [(200, renderer.media_type) for renderer in (CSVRenderer, XLSXRenderer)]
LATEST_FIRST = ("-added_at", "-id")
Load = Callable[..., dict[int, Listed]]


class ShortlistViewSet(JSONErrorsMixin, DeleteMixin, RecordViewSet):
    """Lists of candidates that your partner considers. Nobody else reads them, the university neither."""

    queryset = Shortlist.objects.select_related("created_by__representative")
    serializer_class = ShortlistSerializer
    filterset_class = ShortlistFilter
    ordering = ("-created_at", "-id")
    parameters = {"export": tuple(ShortlistExportFilter.base_filters)}
    filtered = frozenset({"list", "entries"})
    verbs = {
        **dict.fromkeys(("list", "retrieve", "entries", "export"), "shortlist.view"),
        **dict.fromkeys(("create", "partial_update", "destroy"), "shortlist.change"),
        **dict.fromkeys(("add", "change_entry", "remove_entry"), "shortlist.change"),
    }

    def get_queryset(self) -> QuerySet[Shortlist]:
        seen = ShortlistEntry.objects.visible_to(self.user).filter(shortlist=OuterRef("pk")).order_by()
        counted = seen.values("shortlist").annotate(number=Count("pk")).values("number")
        shortlists: QuerySet[Shortlist] = super().get_queryset().annotate(count=Coalesce(Subquery(counted), 0))
        return shortlists

    def perform_create(self, data: dict[str, Any]) -> Shortlist:
        return create_shortlist(by=self.user, **data)

    def perform_update(self, shortlist: Shortlist, data: dict[str, Any]) -> Shortlist:
        return update_shortlist(shortlist=shortlist, by=self.user, **data)

    def perform_destroy(self, shortlist: Shortlist) -> None:
        delete_shortlist(shortlist=shortlist, by=self.user)

    # Entries

    def _entries(self, shortlist: Shortlist) -> QuerySet[ShortlistEntry]:
        entries = ShortlistEntry.objects.visible_to(self.user).filter(shortlist=shortlist)
        return entries.select_related("shortlist", "added_by__representative").prefetch_related("tags")

    def _entry(self) -> ShortlistEntry:
        return by_key(self._entries(self.get_object()), self.kwargs["entry"])

    def _rows(self, entries: Any, load: Load = listed) -> list[dict[str, Any]]:
        """Those whose candidates are still seen as they are read."""
        found = load(user=self.user, student_ids=[entry.student_id for entry in entries])
        shown = [entry for entry in entries if entry.student_id in found]
        serializer = ShortlistEntrySerializer if load is listed else ExportedEntrySerializer
        return list(serializer(shown, many=True, context={**self.get_serializer_context(), "listed": found}).data)

    def _one(self, entry: ShortlistEntry, status: int = 200) -> Response:
        fresh = self._entries(entry.shortlist).get(pk=entry.pk)
        rows = self._rows([fresh])
        if not rows:
            raise ShortlistEntry.DoesNotExist
        return Response(rows[0], status=status)

    @extend_schema(responses=ShortlistEntrySerializer(many=True))
    @action(detail=True, filterset_class=ShortlistEntryFilter, ordering=LATEST_FIRST)
    def entries(self, request: Request, id: str) -> Response:
        """The candidates on it whom you see now, the last added first."""
        found = self.filter_queryset(self._entries(self.get_object()))
        return self.get_paginated_response(self._rows(self.paginate_queryset(found) or []))

    @extend_schema(request=NewEntrySerializer, responses={201: ShortlistEntrySerializer})
    @entries.mapping.post
    def add(self, request: Request, id: str) -> Response:
        """Put a candidate on it whom you may see; this counts as opening the candidate."""
        shortlist, wish = self.get_object(), self.validated(kind=NewEntrySerializer)
        return self._one(
            add_entry(shortlist=shortlist, student=wish.pop("candidate"), by=self.user, **wish), status=201
        )

    @extend_schema(request=EntryChangesSerializer, responses=ShortlistEntrySerializer)
    @action(detail=True, methods=["patch"], url_path=ENTRY)
    def change_entry(self, request: Request, id: str, entry: str) -> Response:
        """Set stage, notes or tags."""
        found = self._entry()
        return self._one(update_entry(entry=found, by=self.user, **self.validated(kind=EntryChangesSerializer)))

    @extend_schema(request=None, responses={204: None})
    @change_entry.mapping.delete
    def remove_entry(self, request: Request, id: str, entry: str) -> Response:
        """Take a candidate off it."""
        remove_entry(entry=self._entry(), by=self.user)
        return Response(status=204)

    @extend_schema(responses=dict.fromkeys(FILES, OpenApiTypes.BINARY), filters=True)
    @action(
        detail=True,
        renderer_classes=[CSVRenderer, XLSXRenderer],
        content_negotiation_class=ByFormat,
        filterset_class=ShortlistExportFilter,
        pagination_class=None,
    )
    def export(self, request: Request, id: str) -> Response:
        """The entries as a file, CSV unless `format` says otherwise, with contact details where they are released.

        Whose contact details are in it counts as opened.
        """
        shortlist = self.get_object()
        found = self.filter_queryset(self._entries(shortlist)).order_by(*LATEST_FIRST)
        rows = self._rows(list(found), exported)
        form: Any = request.accepted_renderer
        return Response(lines(rows), headers=as_file(f"shortlist.{form.format}"))
