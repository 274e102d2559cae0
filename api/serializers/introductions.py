from rest_framework import serializers

from api.serializers.base import RecordField, RecordSerializer, StrictSerializer
from api.serializers.process import CandidateField
from crm import stages
from crm.models import Introduction, IntroductionState, Partner, Representative, Student


class IntroductionSerializer(RecordSerializer):
    student = CandidateField(stages.INTRODUCTION, read_only=True)
    partner = RecordField(Partner, key="slug", read_only=True)
    asked_by = RecordField(Representative, source="asked_by.representative", read_only=True, default=None)
    state = serializers.ChoiceField(choices=IntroductionState.choices, read_only=True)

    class Meta:
        model = Introduction
        fields = ("id", "student", "partner", "asked_by", "message", "state", "asked_at", "expires", "answered_at")
        read_only_fields = fields


class AskSerializer(StrictSerializer):
    candidate = RecordField(Student, help_text="The candidate's id.")
    message = serializers.CharField(max_length=2000, help_text="For the student: why you want to meet.")
