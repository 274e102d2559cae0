import signal
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

from tqdm import tqdm

from crm import reference
from crm.errors import Invalid
from crm.management.reporting import ReportingCommand
from search import engines
from search.evaluation import report
from search.evaluation.collection import Collection, Profile
from search.evaluation.comparing import Comparison, Watch, compare
from search.evaluation.engines import RIVALS
from search.evaluation.reading import read_collection

FORMAT = """
FILE holds JSON lines. A document is {"id": "d1", "text": "..."}, also with "title", "lang"; a query is
{"query": "...", "relevant": ["d1", ...], "kind": "typo"}, where "relevant" may be {"d1": 2} with grades. Usual other
names of these keys are known (_id, docid, contents, body). Documents, queries and judgements may stand in files of
their own: documents first; judgements as lines {"query_id", "doc_id", "score"} or as a table ending in .tsv or .qrels.
"""


class Command(ReportingCommand):
    help = (
        "Measures the search on a judged collection: builds a throw-away index with the product's own analysis, "
        "recognition and ranking, and prints nDCG@10, recall@50 and MRR by kind of query, beside plain BM25 of the "
        "same engine." + f"\n\n{FORMAT}"
    )
    examples = (
        "  manage.py evaluate collection.jsonl\n"
        "  manage.py evaluate corpus.jsonl queries.jsonl qrels.tsv --engine both --json\n"
        "  manage.py evaluate collection.jsonl --kinds typo alias\n"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--engine", choices=[*RIVALS, "both"], help="The one in use, unless given.")
        parser.add_argument("--kinds", nargs="*", default=(), help="Only queries of these kinds.")

    def handle(self, *args: Any, **options: Any) -> None:
        # So that what was made is removed then too.
        signal.signal(signal.SIGTERM, _end)
        collection = _of_kinds(read_collection(*options["files"]), options["kinds"])
        for note in collection.notes:
            self.say(note)
        self.say(f"{collection.count:,} documents, {len(collection.queries):,} queries.")
        names = list(RIVALS) if options["engine"] == "both" else [options["engine"] or engines.engine().name]
        found = [self._compare(name, collection) for name in names]
        if options["json"]:
            self.result({one.engine: report.parts(one) for one in found})
        else:
            self.result("\n\n".join(f"{one.engine}\n{report.table(one)}" for one in found))

    def _compare(self, name: str, collection: Collection) -> Comparison:
        # Twice: for the plain search and for the product.
        bars: dict[str, Any] = {"disable": None, "leave": False}
        with tqdm(total=2 * len(collection.queries), unit=" queries", position=1, **bars) as queries:

            def profiles(them: Iterable[Profile]) -> Iterable[Profile]:
                return tqdm(them, total=collection.count, desc=name, unit=" documents", position=0, **bars)

            return compare(name, collection, reference.current(), watch=Watch(profiles, queries.update))


def _of_kinds(collection: Collection, kinds: Iterable[str]) -> Collection:
    chosen = collection.of_kinds(kinds)
    if not chosen.queries:
        known = sorted({query.kind for query in collection.queries})
        raise Invalid(f"No query is of the kinds {', '.join(kinds)}. There are: {', '.join(known)}.")
    return chosen


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
