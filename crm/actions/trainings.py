"""Trainings that an immersion requires: it cannot begin before each was passed."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from crm import stages
from crm.access import Actor, require
from crm.actions.moving import locked_with_student
from crm.actions.saving import locked, save_checked
from crm.errors import Conflict, Invalid
from crm.models import Immersion, Training


@transaction.atomic
def add_training(*, immersion: Immersion, kind: str, name: str, by: Actor, **fields: Any) -> Training:
    """Raises Invalid, and Conflict where the immersion is over or requires a training of this name already."""
    immersion = _open(immersion, by)
    training = Training(immersion=immersion, kind=kind, name=name)
    return _save(training, fields)


@transaction.atomic
def update_training(*, training: Training, by: Actor, **fields: Any) -> Training:
    """Sets kind, name or `passed_on`, the day on which it was passed. Raises as `add_training`."""
    _open(training.immersion, by)
    return _save(locked(training), fields)


@transaction.atomic
def remove_training(*, training: Training, by: Actor) -> None:
    """Raises Conflict where the immersion is over."""
    _open(training.immersion, by)
    Training.objects.filter(pk=training.pk).delete()


def _open(immersion: Immersion, by: Actor) -> Immersion:
    immersion = locked_with_student(immersion)
    require(by, "immersion.train", immersion)
    if not stages.IMMERSION.states[immersion.state].open:
        raise Conflict(f"An immersion that is {immersion.state} requires no training.")
    return immersion


def _save(training: Training, fields: dict[str, Any]) -> Training:
    for name, value in fields.items():
        setattr(training, name, value)
    if training.passed_on and training.passed_on > timezone.localdate():
        raise Invalid.field("passed_on", "This day lies ahead.")
    others = Training.objects.filter(immersion=training.immersion, name=training.name).exclude(pk=training.pk)
    if others.exists():
        raise Conflict("This training is required already.", fields={"name": ["Taken."]})
    return save_checked(training)
