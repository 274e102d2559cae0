"""Immersions of one student whose days overlap: a warning that a reason overrules."""

from crm import stages
from crm.access import Actor, Role, names_student, reach_of
from crm.dimensions import naming
from crm.errors import Conflict
from crm.models import Immersion, User

GOING_ON = [name for name, stage in stages.IMMERSION.states.items() if stage.open]


def refuse_overlap(immersion: Immersion, *, by: Actor, reason: str) -> None:
    """Raises Conflict where the days overlap with another immersion that goes on, and no reason is given.

    The student is locked. A partner is told of its own immersions alone, and of none whose record does not say who the
    student is; the office, which agrees to the days in the end, of all.
    """
    if reason.strip() or immersion.state not in GOING_ON or not (immersion.starts and immersion.ends):
        return
    reach = reach_of(by) if isinstance(by, User) else None
    own_process = stages.IMMERSION.states[immersion.state].own_process
    if reach and not names_student(reach, immersion.student, own_process=own_process):
        return
    others = Immersion.objects.filter(student_id=immersion.student_id, state__in=GOING_ON).exclude(pk=immersion.pk)
    partner_id = reach.partner_id if reach and reach.role == Role.PARTNER else None
    if reach and partner_id:
        others = others.filter(naming(Immersion, reach), partner_id=partner_id)
    overlapping = others.filter(starts__lte=immersion.ends, ends__gte=immersion.starts).select_related("partner")
    if stays := [_said(other, to_partner=bool(partner_id)) for other in overlapping]:
        raise Conflict(
            f"The days from {immersion.starts} to {immersion.ends} overlap with {'; '.join(dict.fromkeys(stays))}.",
            fields={"overlap_reason": ["Give a reason, and it goes through."]},
        )


def _said(other: Immersion, *, to_partner: bool) -> str:
    if to_partner:
        return f"a stay with you from {other.starts} to {other.ends}"
    return f"a stay at {other.partner} from {other.starts} to {other.ends}"
