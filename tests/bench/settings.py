"""The product's settings, with the rivals' addresses beside its own and the queries of each answer in a header."""

import os

from config.settings import *  # noqa: F403 - the product's settings are what is measured
from config.settings import DATABASES, MIDDLEWARE

ROOT_URLCONF = "tests.bench.urls"
MIDDLEWARE = ["tests.bench.counting.CountQueries", *MIDDLEWARE]
if os.environ.get("BENCH_RIVALS"):
    # What an expert would set: compiling a query costs more than these queries take.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c jit=off"
