"""What records of contacts, introductions, immersions and hires show of the student they are about."""

from typing import Any

from rest_framework.fields import get_attribute

from api.serializers.base import RecordField
from crm.access import UNNAMED, Role, names_student, reach_of
from crm.models import Student, User
from crm.stages import Machine

A_CANDIDATE = {"id": None, "name": UNNAMED}


def is_named(machine: Machine, record: Any, user: User) -> bool:
    """Whether a record of this machine tells the user who its student is. Prefetch student__consents and __blocks."""
    reach = reach_of(user)
    own_process = machine.states[record.state].own_process
    return reach is not None and names_student(reach, record.student, own_process=own_process)


class CandidateField(RecordField):
    """The student of a record with stages: `CandidateField(stages.HIRE)`, or `source="immersion.student"`.

    A partner that may not know who it is reads "a candidate", and never the student number. Written as an id, or as
    the number by those who see numbers; only visible students are known.
    """

    def __init__(self, machine: Machine, **options: Any) -> None:
        self.machine = machine
        super().__init__(Student, key="number", **options)

    def get_attribute(self, instance: Any) -> Any:
        """The record that has the student: its state decides what is shown."""
        return get_attribute(instance, self.source_attrs[:-1])

    def to_representation(self, record: Any) -> dict[str, Any]:
        user = self.context["request"].user
        if not is_named(self.machine, record, user):
            return A_CANDIDATE
        shown = super().to_representation(record.student)
        return {name: value for name, value in shown.items() if name != "number" or user.role != Role.PARTNER}

    def keys(self) -> list[str]:
        return [] if self.context["request"].user.role == Role.PARTNER else super().keys()
