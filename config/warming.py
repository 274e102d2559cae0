"""What a process would load with its first request, which then would be slow."""

import gc
from contextlib import suppress

from django.db import DatabaseError, connection
from django.urls import get_resolver

from crm import reference
from search.engines import engine
from search.recognition import recogniser

SELDOM = 20_000
"""Objects made, less those freed, after which the garbage collector looks."""


def warm_up() -> None:
    """Loads the addresses with their views, the client of the engine, and the names of labs and skills.

    The garbage collector looks at none of that again, and more rarely at what requests make: they leave few cycles.
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
