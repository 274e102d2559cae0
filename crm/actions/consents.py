"""Grant and withdraw consent, block and unblock a partner."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm import stages
from crm.access import Audience, SystemProcess, require
from crm.errors import Invalid
from crm.models import Block, Consent, ConsentScope, ConsentState, Partner, Student, User
from crm.signals import students_changed


@transaction.atomic
def grant_consent(
    *,
    student: Student,
    partner: Partner | None,
    scopes: Collection[str],
    source: str,
    by: User | SystemProcess,
    expires: datetime | None = None,
) -> Consent:
    """Records a consent for one partner, or for all (None). `evaluations` implies `profile`.

    Granting again what is active already (partner, scopes, end, source) is the same as once: another row would only
    have to be withdrawn as well. Raises Invalid for unknown or no scopes, an end that is past, or a missing source.
    """
    student = Student.objects.select_for_update().get(pk=student.pk)
    wish = {"student": student, "partner": partner, "expires": expires, "source": source.strip(), **_flags(scopes)}
    consent = Consent(**wish, granted_by=by if isinstance(by, User) else None)
    require(by, "consent.grant", consent)
    _check(consent, scopes)
    if (active := Consent.objects.active().filter(**wish).first()) is not None:
        return active
    consent.save()
    stages.record_change(stages.CONSENT, consent, to=ConsentState.ACTIVE, by=by, reason=consent.source)
    students_changed.send(Consent, student_ids=[student.pk], narrows=None)
    return consent


def _flags(scopes: Collection[str]) -> dict[str, Any]:
    flags = {scope: scope in scopes for scope in ConsentScope.values}
    return flags | {ConsentScope.PROFILE.value: flags[ConsentScope.PROFILE] or flags[ConsentScope.EVALUATIONS]}


def _check(consent: Consent, scopes: Collection[str]) -> None:
    allowed = ", ".join(ConsentScope.values)
    if not scopes:
        raise Invalid.field("scopes", f"Name at least one of: {allowed}.")
    if unknown := sorted(set(scopes) - set(ConsentScope.values)):
        raise Invalid.field("scopes", f"Unknown: {', '.join(unknown)}. Allowed: {allowed}.")
    if consent.expires is not None and consent.expires <= timezone.now():
        raise Invalid.field("expires", "This end lies in the past.")
    if not consent.source:
        raise Invalid.field("source", "Say where this consent comes from, such as a signed form and its date.")


@transaction.atomic
def withdraw_consent(*, consent: Consent, by: User | SystemProcess, reason: str = "") -> Consent:
    """Raises InvalidMove where the consent is not active."""
    Student.objects.select_for_update().get(pk=consent.student_id)
    consent = Consent.objects.select_for_update().get(pk=consent.pk)
    stages.CONSENT.check(consent, ConsentState.WITHDRAWN, by=by)
    start, consent.stored_state = consent.state, ConsentState.WITHDRAWN
    consent.save(update_fields=["stored_state"])
    stages.record_change(stages.CONSENT, consent, start=start, to=consent.state, by=by, reason=reason)
    students_changed.send(Consent, student_ids=[consent.student_id], narrows=Audience.PARTNERS)
    return consent


@transaction.atomic
def block_partner(*, student: Student, partner: Partner, by: User | SystemProcess) -> Block:
    """Blocking twice is the same as once."""
    student = Student.objects.select_for_update().get(pk=student.pk)
    require(by, "block.change", Block(student=student, partner=partner))
    block, made = Block.objects.get_or_create(student=student, partner=partner)
    if made:
        students_changed.send(Block, student_ids=[student.pk], narrows=Audience.PARTNERS)
    return block


@transaction.atomic
def unblock_partner(*, block: Block, by: User | SystemProcess) -> None:
    Student.objects.select_for_update().get(pk=block.student_id)
    require(by, "block.change", block)
    Block.objects.filter(pk=block.pk).delete()
    students_changed.send(Block, student_ids=[block.student_id], narrows=None)
