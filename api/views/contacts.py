from typing import Any

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.contact_filters import ContactFilter
from api.disclosing import DisclosingMixin
from api.serializers.contacts import LoggedContactSerializer, RevisionSerializer
from api.views.timeline import FollowedMixin
from api.viewsets import RecordViewSet
from crm.access import can
from crm.actions.contact_history import students_before
from crm.actions.contacts import log_contact, update_contact
from crm.actions.disclosures import record_disclosures
from crm.models import Contact, DisclosureKind, FollowUp, Participant
from crm.models.contacts import PARTICIPANTS


class ContactViewSet(DisclosingMixin, FollowedMixin, RecordViewSet):
    """The contact log: of the university; professors read what they or their labs took part in."""

    queryset = Contact.objects.select_related("partner", "seminar", "logged_by__professor").prefetch_related(
        Prefetch("participants", Participant.objects.select_related(*PARTICIPANTS, "representative__partner"))
    )
    serializer_class = LoggedContactSerializer
    filterset_class = ContactFilter
    ordering = ("-day", "-id")
    filtered = frozenset({"list", "revisions"})
    verbs = {
        "list": "contact.view",
        "retrieve": "contact.view",
        "create": "contact.log",
        "partial_update": "contact.log",
        "revisions": "contact.view",
        "followed": "pathway.view",
    }

    def get_queryset(self) -> Any:
        steps = FollowUp.objects.visible_to(self.user).select_related("owner__professor")
        return super().get_queryset().prefetch_related(Prefetch("follow_ups", steps))

    def students_of(self, record: Contact) -> set[int]:
        return {row.student_id for row in record.participants.all() if row.student_id}

    def perform_create(self, data: dict[str, Any]) -> Contact:
        return log_contact(by=self.user, **data)

    def perform_update(self, contact: Contact, data: dict[str, Any]) -> Contact:
        return update_contact(contact=contact, by=self.user, **data)

    @extend_schema(responses=RevisionSerializer(many=True), filters=False)
    @action(detail=True, serializer_class=RevisionSerializer, filterset_class=None, ordering=("-at", "-id"))
    def revisions(self, request: Request, id: str) -> Response:
        """What stood there before each edit, the latest first."""
        contact = self.get_object()
        edits = contact.revisions.select_related("user__professor", "contact")
        if not can(self.user, "contact.notes", contact):
            # That only the notes changed is the office's too.
            edits = edits.exclude(before={})
        page = self.paginate_queryset(self.filter_queryset(edits))
        record_disclosures(student_ids=students_before(page), kind=DisclosureKind.RECORD, by=self.user)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
