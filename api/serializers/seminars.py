from typing import Any

from rest_framework import serializers

from api.serializers.base import RecordField, RecordListField, RecordSerializer, StrictSerializer
from api.serializers.people import MomentField
from api.serializers.students import rows as rows_of
from crm.imports.attendance import COLUMNS, MOST_ROWS
from crm.models import Attendance, Lab, Professor, Representative, Seminar, Student


class SeminarSerializer(RecordSerializer):
    """Open to all, or closed: seen by the university and by those whom it invites."""

    lab = RecordField(Lab, key="slug", required=False, allow_null=True)
    speakers = RecordListField(Professor, required=False)
    starts = MomentField()
    ends = MomentField(required=False, allow_null=True)

    class Meta:
        model = Seminar
        fields = ("id", "title", "is_open", "lab", "speakers", "other_speakers", "place", "starts", "ends")


class AttendanceSerializer(RecordSerializer):
    """One representative, professor or student on the list of a seminar."""

    create_only = ("seminar", "representative", "professor", "student")
    seminar = RecordField(Seminar)
    representative = RecordField(Representative, required=False, allow_null=True)
    professor = RecordField(Professor, required=False, allow_null=True)
    student = RecordField(Student, key="number", required=False, allow_null=True)

    class Meta:
        model = Attendance
        fields = ("id", "seminar", "representative", "professor", "student", "state", "created_at")
        read_only_fields = ("created_at",)


class GuestSerializer(StrictSerializer):
    """A row of an attendance list, as in a CSV file; a blank state means attended, or registered before the day."""

    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.CharField(required=False, allow_blank=True, max_length=300) for name in COLUMNS}


class GuestListSerializer(StrictSerializer):
    rows = rows_of(GuestSerializer, required=True, max_length=MOST_ROWS)


class RejectedGuestSerializer(serializers.Serializer):
    line = serializers.IntegerField(help_text="Of the file; of JSON the place in `rows`, from 1.")
    person = serializers.CharField()
    reason = serializers.CharField()


class AttendanceImportSerializer(serializers.Serializer):
    """What became of each row; the four counts add up."""

    dry_run = serializers.BooleanField()
    rows = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    people_created = serializers.IntegerField(help_text="Representatives.")
    rejections = RejectedGuestSerializer(many=True)
