"""What a process would load with its first request, which then would be slow."""

import gc
from contextlib import suppress

from django.db import DatabaseError, connection
from django.urls import get_resolver

from crm import reference
from search.engines import engine
from search.recognition import recogniser

SELDOM = 20_000
"""Objects that are made before the garbage collector looks, in its thresholds' first place."""


def warm_up() -> None:
    """Loads the addresses with their views, the client of the engine, and the names of labs and skills.

    All that stays, so the garbage collector does not look at it again, and at requests seldom: they leave few circles.
    The process starts all the same where the database does not answer.
    """
    resolver = get_resolver()
    # Both are made when they are first asked for: one finds views, the other makes addresses.
    _ = resolver.url_patterns, resolver.reverse_dict
    engine()
    with suppress(DatabaseError):
        recogniser(reference.current())
    connection.close()
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM)
