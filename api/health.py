"""For load balancers. Only the database decides whether this server can work at all."""

import logging
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from search.engines import engine
from search.outbox import lag_seconds

logger = logging.getLogger(__name__)
ENGINE_SECONDS = 1.0
LAG_SECONDS = 60.0
"""An outbox that is further behind than this is said to lag."""
_checks = ThreadPoolExecutor(max_workers=2, thread_name_prefix="health")


@never_cache
def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """503 only without the database; else 200, `degraded` where search is down or far behind."""
    try:
        connection.ensure_connection()
        lag = lag_seconds()
    except DatabaseError as error:
        logger.error("not ready: the database raised %s", type(error).__name__)
        return JsonResponse({"status": "down", "database": "down"}, status=503, headers={"Retry-After": "5"})
    state = _engine_state()
    good = state == "ok" and lag <= LAG_SECONDS
    report = {"database": "ok", "engine": state, "outbox_lag_seconds": round(lag, 1)}
    return JsonResponse({"status": "ok" if good else "degraded", **report})


def engine_problem() -> str | None:
    """Within about a second: what is wrong with the engine, or None."""
    return engine().problem()


def _engine_state() -> str:
    """Says no more than up or down: this page is open to everybody."""
    check = _checks.submit(engine_problem)
    try:
        problem = check.result(timeout=ENGINE_SECONDS)
    except TookTooLong:
        check.cancel()
        problem = "no answer in time"
    if problem:
        logger.warning("the search engine is not well: %s", problem)
    return "down" if problem else "ok"
