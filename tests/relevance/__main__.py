"""`python -m tests.relevance`: the product on the judged collections, beside plain BM25 and without each of its parts.

Exit status 1 where a bar of tests/relevance/bars.py is missed.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator

import django
from django.core.management import call_command

from tests.servers import missing_servers


def main() -> int:
    # Never the database that is in use: the skills are read from a new one.
    with tempfile.TemporaryDirectory(prefix="talent-relevance-") as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": "", "VAR_DIR": folder}
        django.setup()
        call_command("migrate", verbosity=0)
        begin = time.perf_counter()
        failures = [sentence for engine in _engines() for sentence in _run(engine)]
    print(f"\n{time.perf_counter() - begin:.0f} s in all.", *failures, sep="\n")
    return 1 if failures else 0


def _engines() -> Iterator[str]:
    yield "embedded"
    reason = missing_servers().get("elasticsearch")
    if reason is None:
        yield "elasticsearch"
    else:
        print(f"SKIPPED: elasticsearch: {reason}")


def _run(engine: str) -> list[str]:
    from crm import reference
    from search.evaluation import report
    from search.evaluation.comparing import compare
    from search.evaluation.parts import ABLATION
    from tests.relevance.bars import missed
    from tests.relevance.collections import profiles
    from tests.relevance.sentences import sentences

    failures: list[str] = []
    for collection in (profiles(), sentences()):
        found = compare(engine, collection, reference.current(), without=ABLATION)
        print(f"\n{engine}: {collection.count:,} documents", report.table(found), "", report.ablation(found), sep="\n")
        failures += missed(found)
    return failures


if __name__ == "__main__":
    sys.exit(main())
