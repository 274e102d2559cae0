from typing import Any

from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from api import filters
from api.disclosing import NamingMixin
from api.moves import MovesMixin
from api.serializers import partners as serializers
from api.viewsets import CreateMixin, DeleteMixin, RecordViewSet, RuledViewSet
from crm import stages
from crm.actions.consents import block_partner, grant_consent, unblock_partner, withdraw_consent
from crm.actions.partners import add_representative, create_partner, update_partner, update_representative
from crm.models import Block, Consent, Partner, Representative


class PartnerViewSet(RecordViewSet):
    queryset = Partner.objects.all()
    serializer_class = serializers.PartnerSerializer
    filterset_class = filters.PartnerFilter
    keys = ordering = ("slug",)
    verbs = {
        "list": "partner.view",
        "retrieve": "partner.view",
        "create": "partner.change",
        "partial_update": "partner.change",
    }

    def perform_create(self, data: dict[str, Any]) -> Partner:
        return create_partner(by=self.user, **data)

    def perform_update(self, partner: Partner, data: dict[str, Any]) -> Partner:
        return update_partner(partner=partner, by=self.user, **data)


class RepresentativeViewSet(RecordViewSet):
    queryset = Representative.objects.select_related("partner")
    serializer_class = serializers.RepresentativeSerializer
    filterset_class = filters.RepresentativeFilter
    ordering = ("family_name", "id")
    verbs = {
        "list": "representative.view",
        "retrieve": "representative.view",
        "create": "representative.change",
        "partial_update": "representative.change",
    }

    def perform_create(self, data: dict[str, Any]) -> Representative:
        return add_representative(by=self.user, **data)

    def perform_update(self, representative: Representative, data: dict[str, Any]) -> Representative:
        return update_representative(representative=representative, by=self.user, **data)


class ConsentViewSet(NamingMixin, MovesMixin, ListModelMixin, RetrieveModelMixin, CreateMixin, RuledViewSet):
    """Consents are granted and withdrawn, never changed or deleted. Granting an active one again answers that one."""

    machine = stages.CONSENT
    queryset = Consent.objects.with_blocked().select_related("student", "partner")
    serializer_class = serializers.ConsentSerializer
    filterset_class = filters.ConsentFilter
    ordering = ("-granted_at", "-id")
    verbs = {
        "list": "consent.view",
        "retrieve": "consent.view",
        "create": "consent.grant",
        "moves": "consent.view",
        "move": "consent.view",
    }

    def perform_create(self, data: dict[str, Any]) -> Consent:
        return grant_consent(by=self.user, **data)

    def perform_move(self, consent: Consent, to: str, reason: str) -> Consent:
        stages.CONSENT.check(consent, to, by=self.user)
        return withdraw_consent(consent=consent, by=self.user, reason=reason)


class BlockViewSet(NamingMixin, ListModelMixin, RetrieveModelMixin, CreateMixin, DeleteMixin, RuledViewSet):
    """Partners that a student keeps out, whatever the consents say."""

    queryset = Block.objects.select_related("student", "partner")
    serializer_class = serializers.BlockSerializer
    filterset_class = filters.BlockFilter
    ordering = ("-created_at", "-id")
    verbs = {
        "list": "block.view",
        "retrieve": "block.view",
        "create": "block.change",
        "destroy": "block.change",
    }

    def perform_create(self, data: dict[str, Any]) -> Block:
        return block_partner(by=self.user, **data)

    def perform_destroy(self, block: Block) -> None:
        unblock_partner(block=block, by=self.user)
