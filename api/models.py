from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from knox.models import AbstractAuthToken, AuthTokenManager

from crm.models import User
from crm.models.base import PublicModel

DEFAULT_DAYS = 90
MOST_DAYS = 366


class Token(PublicModel, AbstractAuthToken):
    """A personal token, of which only the hash is kept. It can do what its owner can, or only read."""

    name = models.CharField(max_length=100, blank=True)
    read_only = models.BooleanField(default=False)
    maker = models.ForeignKey("self", models.CASCADE, null=True, editable=False, related_name="+")
    """The token that asked for it, with which it ends."""

    objects: ClassVar[Any] = AuthTokenManager()

    class Meta:
        ordering = ["-created", "digest"]

    def __str__(self) -> str:
        return f"token {self.public_id}"

    @classmethod
    def issue(
        cls,
        user: User,
        *,
        days: int = DEFAULT_DAYS,
        name: str = "",
        read_only: bool = False,
        maker: "Token | None" = None,
    ) -> "tuple[Token, str]":
        """A new token and its text, which is known now and never again.

        One that was made with another token, its maker, neither outlives that nor does more than it.
        """
        read_only = read_only or (maker is not None and maker.read_only)
        more = {"name": name, "read_only": read_only, "maker": maker}
        record, text = cls.objects.create(user, expiry=timedelta(days=days), **more)
        if maker and maker.expiry and maker.expiry < record.expiry:
            record.expiry = maker.expiry
            record.save(update_fields=["expiry"])
        return record, text

    def is_valid(self) -> bool:
        """Neither expired nor made before the owner's access was last ended."""
        alive = self.expiry is None or self.expiry > timezone.now()
        return alive and self.created >= self.user.access_since
