from collections.abc import Iterator
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from crm import clock
from crm.access import Role
from crm.models.base import PublicModel
from crm.querysets.people import UserQuerySet


class UserManager(BaseUserManager.from_queryset(UserQuerySet)["User"]):  # type: ignore[misc] # made at run time
    def get_by_natural_key(self, username: str | None) -> "User":
        user: User = self.get(email=(username or "").lower())
        return user


def _link(model: str) -> Any:
    return models.OneToOneField(model, null=True, blank=True, on_delete=models.CASCADE, related_name="user")


class User(PublicModel, AbstractBaseUser):  # type: ignore[django-manager-missing] # tokens belong to api
    """An account: login by e-mail, one role, linked to the person it stands for."""

    email = models.EmailField(unique=True)
    role = models.CharField(max_length=10, choices=Role.choices)
    professor = _link("crm.Professor")
    representative = _link("crm.Representative")
    student = _link("crm.Student")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=clock.now)
    access_since = models.DateTimeField(
        default=clock.now, editable=False, help_text="Sessions and tokens made before are void."
    )

    time_zone = models.CharField(max_length=50, blank=True, help_text="Of mails; blank: the university's.")
    wants_digest = models.BooleanField(default=False, help_text="A mail each morning with the follow-ups due.")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="crm_user_email_is_lower_case"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="crm_user_role_is_known"),
            *(
                models.CheckConstraint(
                    condition=Q(role=role, **{f"{link}__isnull": False})
                    | (~Q(role=role) & Q(**{f"{link}__isnull": True})),
                    name=f"crm_user_{link}_by_role",
                )
                for role, link in (
                    ("professor", "professor"),
                    ("partner", "representative"),
                    ("student", "student"),
                )
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.pk}"

    @property
    def name(self) -> str:
        """Of the person whom the account stands for; staff without a record here are known by e-mail."""
        person = self.professor or self.representative or self.student
        return person.name if person else self.email

    def get_session_auth_hash(self) -> str:
        return f"{super().get_session_auth_hash()}{self.access_since.timestamp()}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for fallback in super().get_session_auth_fallback_hash():
            yield f"{fallback}{self.access_since.timestamp()}"

    # The admin site asks these; only admins enter it, and crm/admin.py says what they may change.
    @property
    def is_staff(self) -> bool:
        return self.role == Role.ADMIN

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff
