"""An empty numbered database of the given Redis server, one for each test worker, emptied again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import redis


@dataclass(frozen=True)
class OwnRedis:
    url: str
    client: Any


@contextmanager
def own_redis() -> Iterator[OwnRedis]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    # Database 0 is that of whoever started the server.
    url = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{8 + int(worker) % 8}").geturl()
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield OwnRedis(url, client)
        client.flushdb()
