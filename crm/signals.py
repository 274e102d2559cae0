"""The one signal: search listens to it, crm does not know who does."""

from django.dispatch import Signal

students_changed = Signal()
"""Sent by actions inside their transaction: what stands of these students in search must be written again.

Arguments: student_ids, a list of primary keys; narrows, an Audience that from now on may see less, or None.
"""
