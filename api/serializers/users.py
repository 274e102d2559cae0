from typing import Any

from django.contrib.auth.password_validation import validate_password
from rest_framework import serializers

from api.models import DEFAULT_DAYS, MOST_DAYS, Token
from api.serializers.base import RecordField, RecordSerializer, StrictSerializer
from crm.actions.users import LINKS
from crm.models import Professor, Representative, Student, User


class UserSerializer(RecordSerializer):
    """A role is given once, with the person that the account stands for."""

    create_only = ("email", "role", *LINKS.values())
    professor = RecordField(Professor, required=False)
    representative = RecordField(Representative, required=False)
    student = RecordField(Student, key="number", required=False)
    password = serializers.CharField(write_only=True, required=False, max_length=200, validators=[validate_password])

    class Meta:
        model = User
        fields = ("id", "email", "role", *LINKS.values(), "is_active", "date_joined", "password")
        read_only_fields = ("date_joined",)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        people = [link for link in LINKS.values() if link in data]
        if len(people) > 1:
            raise serializers.ValidationError({people[1]: ["An account stands for one person."]})
        return data


class TokenSerializer(RecordSerializer):
    expires = serializers.DateTimeField(source="expiry", read_only=True)

    class Meta:
        model = Token
        fields = ("id", "name", "read_only", "created", "expires")


class NewTokenSerializer(StrictSerializer):
    name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    days = serializers.IntegerField(
        min_value=1,
        max_value=MOST_DAYS,
        default=DEFAULT_DAYS,
        help_text="Its life. A token that is made with a token expires with that one at the latest.",
    )
    read_only: Any = serializers.BooleanField(
        default=False, help_text="Such a token changes nothing, so it makes no tokens either."
    )


class IssuedTokenSerializer(TokenSerializer):
    token = serializers.CharField(read_only=True, help_text="Shown this once.")

    class Meta(TokenSerializer.Meta):
        fields: Any = (*TokenSerializer.Meta.fields, "token")
