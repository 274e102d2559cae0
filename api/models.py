from django.db import models
from django.utils import timezone
from knox.models import AbstractAuthToken

from crm.models.base import PublicModel

DEFAULT_DAYS = 90
MOST_DAYS = 366


class Token(PublicModel, AbstractAuthToken):
    """A personal token, of which only the hash is kept. It can do what its owner can, or only read."""

    name = models.CharField(max_length=100, blank=True)
    read_only = models.BooleanField(default=False)

    class Meta:
        ordering = ["-created", "digest"]

    def __str__(self) -> str:
        return f"token {self.public_id}"

    def is_valid(self) -> bool:
        """Neither expired nor made before the owner's access was last ended."""
        alive = self.expiry is None or self.expiry > timezone.now()
        return alive and self.created >= self.user.access_since
