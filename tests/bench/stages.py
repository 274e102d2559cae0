"""Where the time of the whole stack goes: the same requests through the application in this process, timed by stage."""

import io
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIHandler

from search.engines.contract import Engine
from tests.bench.asking import Request

STAGES: Mapping[str, Sequence[str]] = {
    "authentication": ["api.authentication.TokenAuthentication.authenticate_credentials"],
    "throttles": ["rest_framework.views.APIView.check_throttles"],
    "reference": ["crm.reference.current"],
    "parameters": ["api.views.candidates.parse_query"],
    "outbox marks": ["search.outbox.excluded_for"],
    "database reread": ["search.candidates.load_cards", "search.suggestions.load_cards"],
    "cards to JSON shapes": ["search.cards.Card.as_json"],
    "explanations": ["search.candidates.explain"],
    "disclosures": ["search.candidates.record_disclosures", "search.suggestions.record_disclosures"],
    "facet labels": ["search.candidates._facets"],
    "JSON": ["api.renderers.to_json"],
}
ENGINE, REST = "engine", "middleware, REST framework, view"


class Clock:
    """Seconds by stage; what a stage calls of another stage counts there alone."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.open: list[float] = []

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.open.append(0.0)
            begin = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                seconds = time.perf_counter() - begin
                inside = self.open.pop()
                self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds - inside
                if self.open:
                    self.open[-1] += seconds

        return call


@contextmanager
def listening(clock: Clock, engine: Engine) -> Iterator[None]:
    with ExitStack() as stack:
        for stage, places in STAGES.items():
            for place in places:
                owner, name = _owner(place)
                stack.enter_context(patch.object(owner, name, clock.timed(stage, getattr(owner, name))))
        for module in ("candidates", "suggestions"):
            stack.enter_context(patch(f"search.{module}.engine", lambda: engine))
        stack.enter_context(patch.object(engine, "search", clock.timed(ENGINE, engine.search)))
        yield


def _owner(place: str) -> tuple[Any, str]:
    """The module, or the class in it, that a dotted place names, and the last name."""
    path, _, name = place.rpartition(".")
    if path in sys.modules:
        return sys.modules[path], name
    module, _, owner = path.rpartition(".")
    return getattr(sys.modules[module], owner), name


def profile(requests: Mapping[str, Sequence[Request]], engine: Engine, token: str) -> dict[str, dict[str, float]]:
    """Kind -> stage -> median milliseconds, and the whole."""
    application = WSGIHandler()
    made: dict[str, dict[str, float]] = {}
    for kind, asked in requests.items():
        for request in asked[:5]:
            _call(application, request, token)
        rows: list[dict[str, float]] = []
        for request in asked:
            clock = Clock()
            with listening(clock, engine):
                clock.timed(REST, _call)(application, request, token)
            rows.append({**clock.seconds, "whole": sum(clock.seconds.values())})
        names = (*STAGES, ENGINE, REST, "whole")
        made[kind] = {name: 1000 * statistics.median(row.get(name, 0.0) for row in rows) for name in names}
    return made


def _call(application: WSGIHandler, request: Request, token: str) -> None:
    parts = urlsplit(f"/api/v1/candidates/{request.path}")
    environment = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"Token {token}",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }
    response = application(environment, lambda status, headers: None)
    list(response)
    response.close()
    if response.status_code != 200:
        raise RuntimeError(f"{request.path}: {response.status_code}")


def table(made: Mapping[str, Mapping[str, float]], http: Mapping[str, float]) -> str:
    """`http`: kind -> median milliseconds over HTTP; what is not explained is gunicorn, sockets and the client."""
    kinds = list(made)
    lines = [f"{'ms (median)':<36}" + "".join(f"{kind:>14}" for kind in kinds)]
    for stage in next(iter(made.values())):
        lines.append(f"{stage:<36}" + "".join(f"{made[kind][stage]:>14.2f}" for kind in kinds))
    if http:
        lines.append(f"{'over HTTP':<36}" + "".join(f"{http[kind]:>14.2f}" for kind in kinds))
    return "\n".join(lines)
