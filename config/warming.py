"""What a process would load with its first request, which then would be slow."""

from contextlib import suppress

from django.db import DatabaseError, connection
from django.urls import get_resolver

from crm import reference
from search.engines import engine
from search.recognition import recogniser


def warm_up() -> None:
    """Loads the addresses with their views, the client of the engine, and the names of labs and skills.

    The process starts all the same where the database does not answer.
    """
    resolver = get_resolver()
    # Both are made when they are first asked for: one finds views, the other makes addresses.
    _ = resolver.url_patterns, resolver.reverse_dict
    engine()
    with suppress(DatabaseError):
        recogniser(reference.current())
    connection.close()
