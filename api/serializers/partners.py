from typing import Any

from rest_framework import serializers

from api.errors import flatten
from api.serializers.base import EndField, RecordField, RecordSerializer, WordField
from crm.models import Block, Consent, ConsentScope, ConsentState, Partner, Representative, Student


class PartnerSerializer(RecordSerializer):
    create_only = ("slug",)

    class Meta:
        model = Partner
        fields = ("id", "slug", "name", "state")


class RepresentativeSerializer(RecordSerializer):
    """Who moves to another partner becomes another representative, so that the history stays."""

    create_only = ("partner",)
    partner = RecordField(Partner, key="slug")

    class Meta:
        model = Representative
        fields = (
            *(
                "id",
                "partner",
                "name",
                "given_name",
                "family_name",
                "email",
                "phone",
                "position",
                "do_not_contact",
                "starts",
                "ends",
            ),
        )
        read_only_fields = ("name",)


class OfStudentSerializer(RecordSerializer):
    """A record of one student; students may leave themselves out."""

    student = RecordField(Student, key="number", required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        own = self.context["request"].user.student
        if "student" not in data and own is None:
            raise serializers.ValidationError({"student": ["Name the student by id or number."]})
        return {"student": own, **data}


class ScopesField(serializers.ListField):
    """What is wrong with one of them is said of the field as a whole."""

    def run_child_validation(self, data: Any) -> Any:
        try:
            return super().run_child_validation(data)
        except serializers.ValidationError as error:
            sentences = dict.fromkeys(text for texts in flatten(error.detail).values() for text in texts)
            raise serializers.ValidationError(list(sentences)) from error


BLOCKED = "The student blocks this partner: while the block stands it wins, and this consent shows nothing."
SOME_BLOCKED = "The student blocks some partners: while a block stands it wins, and that one sees nothing by it."


class ConsentSerializer(OfStudentSerializer):
    partner = RecordField(Partner, key="slug", allow_null=True, help_text="null: all partners, also later ones")
    scopes = ScopesField(child=WordField(ConsentScope), max_length=10)
    expires = EndField(allow_null=True, required=False, help_text="A date ends with that day.")
    # The name is also an option of every field, hence the type.
    source: Any = serializers.CharField(
        required=False, max_length=200, help_text="A student's own statement where absent."
    )
    state = WordField(ConsentState, read_only=True)
    note = serializers.SerializerMethodField(help_text="What it does not do, while the student blocks a partner.")

    class Meta:
        model = Consent
        fields = ("id", "student", "partner", "scopes", "expires", "source", "state", "granted_at", "note")
        read_only_fields = ("granted_at",)

    def get_note(self, consent: Any) -> str:
        """Needs what `with_blocked` adds."""
        if not consent.blocked or consent.state != ConsentState.ACTIVE:
            return ""
        return BLOCKED if consent.partner else SOME_BLOCKED

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        own = self.context["request"].user.student
        return {"source": "the student's own statement" if own else "", **super().validate(data)}


class BlockSerializer(OfStudentSerializer):
    partner = RecordField(Partner, key="slug")

    class Meta:
        model = Block
        fields = ("id", "student", "partner", "created_at")
        read_only_fields = ("created_at",)
