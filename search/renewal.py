"""A changed vocabulary reaches the documents: other names are recognised in texts, so all are written again."""

import uuid

from crm.models import ReferenceVersion, Student
from search import outbox, wake
from search.models import IndexedVocabulary


def current_stamp() -> uuid.UUID | None:
    return ReferenceVersion.objects.values_list("skills", flat=True).first()


def remember(stamp: uuid.UUID | None) -> None:
    """All documents are written, or pending, with the skills of this stamp."""
    if stamp:
        IndexedVocabulary.objects.update_or_create(id=1, defaults={"stamp": stamp})


def renew() -> int:
    """Makes all students pending where the skills changed since; returns how many.

    In short transactions: stopped half-way it begins again, and what is pending twice is written once.
    """
    stamp = current_stamp()
    known = IndexedVocabulary.objects.values_list("stamp", flat=True).first()
    if known is None:
        # Nothing was written by this release yet: the first build takes the skills as they are.
        remember(stamp)
    if stamp is None or known in (None, stamp):
        return 0
    count, last = 0, 0
    while ids := list(Student.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[: outbox.BATCH]):
        outbox.record(ids)
        count, last = count + len(ids), ids[-1]
    remember(stamp)
    if count:
        wake.wake()
    return count
