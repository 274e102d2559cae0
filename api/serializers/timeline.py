from typing import Any

from rest_framework import serializers

from api.serializers.base import name_of
from api.serializers.process import A_CANDIDATE
from crm.pathway import Pathway
from crm.timeline import Entry

NOTE = "A documented path: what is on record, in order of time. It does not say that one led to another."


class LinkedSerializer(serializers.Serializer):
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()


class SeminarLinkSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()


class EntrySerializer(serializers.Serializer):
    """One record, and whom it links with the partner."""

    date = serializers.DateField()
    kind = serializers.CharField()
    record = serializers.UUIDField(help_text="Id of the seminar attendance, contact, introduction, ...")
    seminar = SeminarLinkSerializer(allow_null=True, help_text="That was attended; null for all other kinds.")
    partner = LinkedSerializer()
    labs = LinkedSerializer(many=True)
    professors = LinkedSerializer(many=True)
    students = LinkedSerializer(many=True, help_text="A student who may not be named is 'a candidate'.")

    def to_representation(self, entry: Entry) -> dict[str, Any]:
        return {
            "date": entry.date.isoformat(),
            "kind": entry.kind,
            "record": str(entry.record),
            "seminar": entry.seminar and {"id": str(entry.seminar.public_id), "title": entry.seminar.title},
            "partner": _linked(entry.partner),
            "labs": [_linked(lab) for lab in entry.labs],
            "professors": [_linked(professor) for professor in entry.professors],
            "students": [_linked(student) for student in entry.students],
        }


class TimelineSerializer(serializers.Serializer):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = EntrySerializer(many=True)


class PathwaySerializer(serializers.Serializer):
    note = serializers.CharField()
    count = serializers.IntegerField(help_text="Of touches, shown here or not.")
    first = EntrySerializer(allow_null=True)
    assisting = EntrySerializer(many=True)
    last = EntrySerializer(allow_null=True)

    def to_representation(self, path: Pathway) -> dict[str, Any]:
        shown = EntrySerializer()
        return {
            "note": NOTE,
            "count": path.count,
            "first": path.first and shown.to_representation(path.first),
            "assisting": [shown.to_representation(entry) for entry in path.assisting],
            "last": path.last and shown.to_representation(path.last),
        }


class FollowedSerializer(serializers.Serializer):
    note = serializers.CharField()
    results = EntrySerializer(many=True)


def _linked(record: Any) -> dict[str, Any]:
    return {"id": str(record.public_id), "name": name_of(record)} if record else A_CANDIDATE
