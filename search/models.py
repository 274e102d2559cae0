from django.db import models
from django.db.models import Q


class OutboxRow(models.Model):
    """One row a student, for good: the version that search documents carry, and whether they must be written again.

    The key is a plain student id, no foreign key: the version outlives the student.
    """

    student_id = models.BigIntegerField(primary_key=True)
    version = models.BigIntegerField(default=0)
    pending_since = models.DateTimeField(null=True)
    narrows_everyone = models.BooleanField(default=False)
    narrows_partners = models.BooleanField(default=False)
    narrows_professors = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True, help_text="When time alone changes the documents: an end or a start.")

    class Meta:
        indexes = [
            models.Index(
                fields=["pending_since"],
                condition=Q(pending_since__isnull=False),
                name="search_outbox_pending",
            ),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="search_outbox_due"),
            *(
                models.Index(
                    fields=["student_id"],
                    condition=Q(**{f"narrows_{who}": True}),
                    name=f"search_outbox_{who}",
                )
                for who in ("everyone", "partners", "professors")
            ),
        ]


class IndexedVocabulary(models.Model):
    """One row: the stamp of the skills with which all documents were written, or marked to be."""

    stamp = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="search_indexed_vocabulary_is_one_row")]
