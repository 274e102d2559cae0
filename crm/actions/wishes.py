"""Counting what is searched for: no more than that it was, in which month, and whether many were found."""

import logging
from collections.abc import Iterable
from contextlib import nullcontext
from itertools import chain

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from crm.models import WishCount

log = logging.getLogger(__name__)
TABLE = WishCount._meta.db_table
ROW = "(%s, %s, %s, 1, %s)"
INSERT = f'INSERT INTO "{TABLE}" (month, kind, "key", searches, few) VALUES '
ADD = (
    ' ON CONFLICT (month, kind, "key") DO UPDATE SET'
    f' searches = "{TABLE}".searches + 1, few = "{TABLE}".few + excluded.few'
)

Asked = tuple[str, str]
"""(kind, slug or code)"""


def count_wishes(wishes: Iterable[Asked], *, few: bool) -> None:
    """One statement. A count that cannot be kept is logged: nobody's search fails for it."""
    # In one order, so that two that count the same do not wait for each other.
    rows = sorted(set(wishes))
    if not rows:
        return
    month = connection.ops.adapt_datefield_value(timezone.localdate().replace(day=1))
    values = list(chain.from_iterable((month, kind, key, int(few)) for kind, key in rows))
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext(), connection.cursor() as cursor:
            cursor.execute(INSERT + ", ".join([ROW] * len(rows)) + ADD, values)
    except (DatabaseError, InterfaceError) as error:
        log.warning("wishes were not counted: %s", type(error).__name__)
