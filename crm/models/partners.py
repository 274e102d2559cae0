from django.db import models
from django.db.models import Q

from crm.models.base import Period, PublicModel, not_blank
from crm.querysets.people import PartnerQuerySet, RepresentativeQuerySet


class PartnerState(models.TextChoices):
    PROSPECT = "prospect"
    ACTIVE = "active"


class Partner(PublicModel):
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=10, choices=PartnerState.choices, default=PartnerState.PROSPECT)
    created_at = models.DateTimeField(auto_now_add=True)
    to_announce = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Since when it is active, until those who had consented to all partners are told of it.",
    )

    objects = PartnerQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PartnerState.values), name="crm_partner_state_is_known"),
            not_blank("crm_partner_names_not_blank", "name", "slug"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.state == PartnerState.ACTIVE


class Representative(PublicModel, Period):
    """A person's time at a partner; who moves on gets another row, and the history stays."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="representatives")
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    do_not_contact = models.BooleanField(default=False, help_text="Gets no mail from here.")
    position = models.CharField(max_length=200, blank=True)

    objects = RepresentativeQuerySet.as_manager()

    class Meta(Period.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.partner})"

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"
