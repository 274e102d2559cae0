"""The shapes that search answers with, for the OpenAPI description; search makes the JSON itself."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from api.serializers.students import LanguageSerializer, LinkSerializer, PublicationSerializer
from crm.models import Degree, EvidenceKind


def _optional(field: type[serializers.Field], **options: Any) -> Any:
    return field(allow_null=True, **options)


class NamedSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


class CandidateSkillSerializer(serializers.Serializer):
    slug = serializers.CharField()
    label: Any = serializers.CharField()
    level = serializers.IntegerField(min_value=1, max_value=5)


class CardSerializer(serializers.Serializer):
    """A student as a result shows them."""

    id = serializers.UUIDField()
    number = serializers.CharField(required=False, help_text="For the university only.")
    name = serializers.CharField()
    native_name = serializers.CharField(allow_blank=True)
    headline = serializers.CharField(allow_blank=True)
    lab = _optional(NamedSerializer, help_text="The current one, else the latest.")
    programme = _optional(NamedSerializer)
    degree = serializers.ChoiceField(choices=Degree.choices, allow_blank=True)
    graduation_year = _optional(serializers.IntegerField)
    thesis_title = serializers.CharField(allow_blank=True)
    home_city = _optional(NamedSerializer)
    available_from = _optional(serializers.DateField)
    skills = CandidateSkillSerializer(many=True)


class MatchedSerializer(serializers.Serializer):
    how = serializers.CharField(help_text="exact, alias, narrower, text, name, fuzzy or layout.")
    share = serializers.IntegerField(help_text="Percent of the match that this part makes up; all add up to 100.")


class PlacedSerializer(MatchedSerializer):
    """What may stand in texts."""

    def get_fields(self) -> dict[str, Any]:
        # A field of this name cannot be written as an attribute.
        places = serializers.ListField(
            child=serializers.CharField(), required=False, help_text="Texts where it stands."
        )
        return {**super().get_fields(), "in": places}


class MatchedSkillSerializer(PlacedSerializer):
    slug = serializers.CharField()
    label: Any = serializers.CharField()
    asked_level = serializers.IntegerField()
    by = serializers.CharField(help_text="The skill that meets the wish: itself, or a narrower one.")
    name = serializers.CharField(help_text="Under which name it was asked for, or stands in a text.")
    level = _optional(serializers.IntegerField, help_text="Null: it stands in texts alone.")
    evidenced = serializers.BooleanField()


class MatchedLabSerializer(MatchedSerializer):
    slug = serializers.CharField()
    label: Any = serializers.CharField()
    name = serializers.CharField()


class MatchedWordSerializer(PlacedSerializer):
    word = serializers.CharField()


class MatchSerializer(serializers.Serializer):
    """What matched, by which name and how, and what is missing."""

    skills = MatchedSkillSerializer(many=True)
    labs = MatchedLabSerializer(many=True)
    words = MatchedWordSerializer(many=True)
    missing = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class ConceptSerializer(serializers.Serializer):
    text = serializers.CharField(help_text="As it stands in the query.")
    kind = serializers.ChoiceField(choices=["skill", "lab"])
    slug = serializers.CharField()
    label: Any = serializers.CharField()
    name = serializers.CharField(help_text="The name under which it was recognised.")
    how = serializers.CharField(help_text="exact, alias, fuzzy or layout.")
    excluded = serializers.BooleanField(help_text="Whether it was taken back, by NOT or `-`.")


class CorrectionSerializer(serializers.Serializer):
    text = serializers.CharField()
    to = _optional(serializers.CharField, help_text="Null: words spelled alike were looked for.")
    how = serializers.ChoiceField(choices=["fuzzy", "layout"])


class UnderstoodSerializer(serializers.Serializer):
    """How the words of `q` were read; quotation marks switch recognition off."""

    concepts = ConceptSerializer(many=True)
    corrections = CorrectionSerializer(many=True)
    ignored = serializers.ListField(child=serializers.CharField())
    words_needed: Any = serializers.JSONField(help_text='"all", or {"at_least", "of"} where nobody has all.')


class FoundSerializer(CardSerializer):
    match = MatchSerializer()
    highlights = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Where -> HTML-safe fragments with <mark>.",
    )


class CandidateMembershipSerializer(serializers.Serializer):
    lab = NamedSerializer()
    starts = _optional(serializers.DateField)
    ends = _optional(serializers.DateField)
    current = serializers.BooleanField()


class CandidateEvidenceSerializer(serializers.Serializer):
    skill = NamedSerializer()
    kind = serializers.ChoiceField(choices=EvidenceKind.choices)
    title = serializers.CharField()
    date = _optional(serializers.DateField)
    level = _optional(serializers.IntegerField, help_text="Up to which level it backs the skill; null: as claimed.")


class CandidateSerializer(CardSerializer):
    """The whole profile, as far as the viewer may read it."""

    thesis_abstract = serializers.CharField(allow_blank=True)
    summary = serializers.CharField(allow_blank=True)
    projects = serializers.CharField(allow_blank=True)
    willing_to_travel = _optional(serializers.BooleanField)
    memberships = CandidateMembershipSerializer(many=True)
    work_cities = NamedSerializer(many=True)
    languages = LanguageSerializer(many=True)
    publications = PublicationSerializer(many=True)
    links = LinkSerializer(many=True)
    evidence = CandidateEvidenceSerializer(many=True, help_text="What the student shared, at level evaluated.")
    contact_released = serializers.BooleanField()
    updated_at = serializers.DateTimeField()


class ComparedClaimSerializer(serializers.Serializer):
    level = serializers.IntegerField(min_value=1, max_value=5)
    evidenced = serializers.BooleanField()
    evidenced_level = serializers.IntegerField(help_text="Up to which level evidence backs it; 0 for none.")


class ComparedSkillSerializer(serializers.Serializer):
    slug = serializers.CharField()
    label: Any = serializers.CharField()
    candidates = serializers.ListField(
        child=ComparedClaimSerializer(allow_null=True), help_text="In the order of the candidates; null: not claimed."
    )


class ComparisonSerializer(serializers.Serializer):
    candidates = CandidateSerializer(many=True)
    skills = ComparedSkillSerializer(many=True)


class FacetValueSerializer(serializers.Serializer):
    value = serializers.CharField()
    label: Any = serializers.CharField()
    count = serializers.IntegerField(help_text="The count that choosing this value gives.")


@extend_schema_serializer(many=False)
class CandidatePageSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    next = _optional(serializers.URLField)
    previous = _optional(serializers.URLField)
    understood = _optional(UnderstoodSerializer)
    did_you_mean = _optional(serializers.CharField)
    results = FoundSerializer(many=True)
    facets = serializers.DictField(child=FacetValueSerializer(many=True))


class ContactSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    email = serializers.EmailField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)


class SuggestionSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=["skill", "lab", "candidate"])
    value = serializers.CharField(help_text="A slug, or a candidate's id.")
    label: Any = serializers.CharField()
    count = serializers.IntegerField(required=False, help_text="How many candidates have this skill or lab.")
