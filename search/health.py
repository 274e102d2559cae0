"""What `/health/ready` tells of search: trouble here is a degraded service, no outage."""

from search import outbox
from search.engines import engine


def engine_problem() -> str | None:
    """Within about a second: what is wrong with the engine, or None."""
    return engine().problem()


def lag_seconds() -> float:
    return outbox.lag_seconds()
